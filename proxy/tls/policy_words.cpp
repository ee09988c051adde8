#include "proxy/tls/policy_words.h"

#include <algorithm>
#include <string_view>

namespace chainmend::tls {
namespace {

using Names = std::vector<std::string>;

std::string join(const Names& names, std::string_view separator) {
  std::string text;
  for (const std::string& name : names) {
    text += (text.empty() ? std::string_view() : separator);
    text += name;
  }
  return text;
}

Names without(const Names& all, const Names& others) {
  Names rest;
  std::ranges::copy_if(all, std::back_inserter(rest), [&](const std::string& name) {
    return std::ranges::find(others, name) == others.end();
  });
  return rest;
}

// What a list has more, less and in another order.
void compare(const Names& list, const Names& from, const std::string& what, Names& found) {
  const Names added = without(list, from);
  const Names gone = without(from, list);
  if (!added.empty()) {
    found.push_back("adds " + what + ": " + join(added, ", "));
  }
  if (!gone.empty()) {
    found.push_back("lacks " + what + ": " + join(gone, ", "));
  }
  if (without(list, added) != without(from, gone)) {
    found.push_back("prefers " + what + " in another order");
  }
}

std::string on_or_off(bool on) { return on ? "on" : "off"; }

// As OpenSSL and nginx write a version.
std::string protocol(std::uint16_t version) {
  return version == TLS1_VERSION     ? "TLSv1"
         : version == TLS1_1_VERSION ? "TLSv1.1"
         : version == TLS1_2_VERSION ? "TLSv1.2"
                                     : "TLSv1.3";
}

std::string cipher_list(const TlsPolicy& policy) {
  return join(policy.ciphers, ":") + ":@SECLEVEL=" + std::to_string(policy.security_level());
}

}  // namespace

std::vector<std::string> differences(const TlsPolicy& policy, const TlsPolicy& from) {
  Names found;
  if (policy.min_version != from.min_version) {
    found.push_back("lowest version " + version_name(policy.min_version) + ", not " +
                    version_name(from.min_version));
  }
  if (policy.max_version != from.max_version) {
    found.push_back("highest version " + version_name(policy.max_version) + ", not " +
                    version_name(from.max_version));
  }
  compare(policy.suites, from.suites, "suites of TLS 1.3", found);
  compare(policy.ciphers, from.ciphers, "suites up to TLS 1.2", found);
  compare(policy.groups, from.groups, "groups", found);
  if (policy.security_level() != from.security_level()) {
    found.push_back("security level " + std::to_string(policy.security_level()) + ", not " +
                    std::to_string(from.security_level()));
  }
  if (policy.tickets != from.tickets) {
    found.push_back("session tickets " + on_or_off(policy.tickets));
  }
  if (policy.empty_fragments != from.empty_fragments) {
    found.push_back("empty fragments " + on_or_off(policy.empty_fragments));
  }
  if (policy.dh_bits != from.dh_bits) {
    found.push_back("Diffie-Hellman group of " + std::to_string(policy.dh_bits) + " bits, not " +
                    std::to_string(from.dh_bits));
  }
  return found;
}

std::vector<std::string> as_openssl(const TlsPolicy& policy) {
  Names options = {"-min_protocol " + protocol(policy.min_version),
                   "-max_protocol " + protocol(policy.max_version)};
  if (policy.min_version < TLS1_3_VERSION) {
    options.push_back("-cipher " + cipher_list(policy));
  }
  if (policy.max_version >= TLS1_3_VERSION) {
    options.push_back("-ciphersuites " + join(policy.suites, ":"));
  }
  options.push_back("-groups " + join(policy.groups, ":"));
  options.emplace_back("-serverpref");
  if (!policy.tickets) {
    options.emplace_back("-no_ticket");
  }
  return options;
}

std::vector<std::string> as_nginx(const TlsPolicy& policy) {
  Names versions;
  for (std::uint16_t version = policy.min_version; version <= policy.max_version; ++version) {
    versions.push_back(protocol(version));
  }
  Names directives = {"ssl_protocols " + join(versions, " ") + ";"};
  if (policy.min_version < TLS1_3_VERSION) {
    directives.push_back("ssl_ciphers " + cipher_list(policy) + ";");
  }
  if (policy.max_version >= TLS1_3_VERSION) {
    directives.push_back("ssl_conf_command Ciphersuites " + join(policy.suites, ":") + ";");
  }
  directives.push_back("ssl_ecdh_curve " + join(policy.groups, ":") + ";");
  directives.emplace_back("ssl_prefer_server_ciphers on;");
  directives.push_back("ssl_session_tickets " + on_or_off(policy.tickets) + ";");
  return directives;
}

}  // namespace chainmend::tls

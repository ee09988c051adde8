// What is open to more people than was meant: the admin pages, and terms for old phones.
#include <algorithm>
#include <array>
#include <string>

#include "config/quote.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

// Loopback, private, link-local and shared addresses (RFC 1918, 3927, 4193, 4291 2.5.6, 6598).
bool is_private(const std::string& address) {
  static constexpr std::array kNetworks{"127.0.0.0/8",    "10.0.0.0/8",     "172.16.0.0/12",
                                        "192.168.0.0/16", "169.254.0.0/16", "100.64.0.0/10",
                                        "::1/128",        "fc00::/7",       "fe80::/10"};
  const auto one = parse_network(address);
  return one && std::ranges::any_of(kNetworks, [&](const char* network) {
           return parse_network(network)->contains(one->address);
         });
}

void check_admin(const Admin& admin, Diagnostics& warnings) {
  if (admin.listen && !admin.token_file && !admin.listen->value.address.empty() &&
      !is_private(admin.listen->value.address)) {
    const Endpoint& endpoint = admin.listen->value;
    warnings.push_back(
        {admin.listen->at,
         "admin pages on " + endpoint.text() +
             " are open to everybody who can reach it: they need no password; listen "
             "on 127.0.0.1:" +
             std::to_string(endpoint.port) +
             " or on an address of the management network, or have admin.token_file name a token"});
  }
}

// Anybody can offer little, and ask for any name: only where a client is, or what its library says
// in particular, keeps others out.
bool admits_everybody(const ClientMatch& match) {
  const bool anywhere =
      match.source.empty() || std::ranges::any_of(match.source, &Network::is_everybody);
  return anywhere && match.suites.empty() && !match.extensions && match.ja3.empty() &&
         match.ja4.empty() && match.alpn.empty() && !match.hello_format;
}

// Why everybody may be of this type; empty: not everybody may.
std::string why_everybody(const Config& config, const std::string& type) {
  if (type.starts_with("unknown_")) {
    return "is whoever offers no better version and is not known otherwise";
  }
  for (const ClientTypeRule& rule : config.client_types) {
    if (rule.name == type && admits_everybody(rule.match)) {
      return "is whoever fits the rule on line " + std::to_string(rule.at.line) +
             ", and anybody can";
    }
  }
  return "";
}

void check_for_clients(const Config& config, const Listener& listener, Diagnostics& warnings) {
  for (const ForClients& some : listener.for_clients) {
    const std::string why = some.policy ? why_everybody(config, some.client_type.value) : "";
    if (!why.empty()) {
      warnings.push_back(
          {some.client_type.at,
           "policy " + some.policy->value +
               " is open to everybody: " + quote(some.client_type.value) + ' ' + why +
               "; name the phones' networks in client_types: match: { source: [10.20.0.0/16] }"});
    }
  }
}

}  // namespace

void check_exposure(const Config& config, Diagnostics& warnings) {
  check_admin(config.admin, warnings);
  for (const Listener& listener : config.listeners) {
    check_for_clients(config, listener, warnings);
  }
}

}  // namespace chainmend::config

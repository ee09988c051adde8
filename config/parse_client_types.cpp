// The sections client_types and clients, and what a listener's tls.for_clients refers to.
#include <algorithm>
#include <set>

#include "config/client_types.h"
#include "config/quote.h"
#include "config/read_value.h"
#include "config/sections.h"
#include "config/values.h"

namespace chainmend::config {
namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

bool is_ja3(std::string_view text) {
  return text.size() == 32 && std::ranges::all_of(text, is_hex);
}

bool is_ja4_pattern(std::string_view text) {
  constexpr std::size_t kLongest = 36;  // a whole one: t13d1516h2_8daaf6152771_e5627efa2ab1
  return !text.empty() && text.size() <= kLongest && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '_' || c == '*';
  });
}

bool is_server_name(std::string_view text) {
  return is_host(text.starts_with("*.") ? text.substr(2) : text);  // "none" is a host name, too
}

bool is_protocol(std::string_view text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f && c != '\\'; });
}

// Text that looks like what it is meant to be.
struct Like {
  std::string_view what;
  bool (*is)(std::string_view);
  bool any_case = true;
};

}  // namespace

static void read_value(const Cursor& at, std::string& out, const Like& how) {
  const auto text = at.scalar(how.what);
  if (!text) {
    return;
  }
  out = how.any_case ? lower(*text) : std::string(*text);
  if (!how.is(out)) {
    at.expected(how.what);
  }
}

void read_value(const Cursor& at, std::string& out, const ServerName& /*how*/) {
  read_value(at, out, Like{"a host name, *.domain or none", is_server_name});
}

static void read_value(const Cursor& at, ClientMatch& out) {
  MapReader map(at, "match");
  map.read({"source", "where they are", "[10.20.0.0/16, \"2001:db8::/32\"]"}, out.source);
  map.read({"listener", "where they call", "[exchange]"}, out.listener,
           RefersTo{Names::Kind::listener});
  map.read({"sni", "whom they call; none: they do not say", "[none, \"*.contoso.com\"]"}, out.sni,
           ServerName{});
  map.read({"offers_at_most", "no better TLS version than this", "1.0"}, out.offers_at_most);
  map.read({"suites", "no cipher suite beside these", "[0x002f, 0x0035, 0x000a, 0x0005, 0x0004]"},
           out.suites, TlsNumber{});
  if (const auto extensions =
          map.take({"extensions", "no extension beside these; []: none at all", "[]"})) {
    read_value(*extensions, out.extensions.emplace(), MayBeEmpty{}, TlsNumber{});
  }
  map.read({"ja3", "hash of the whole hello", "9e41b6bf545347abccf0dc8fd76083a5"}, out.ja3,
           Like{"a JA3 of 32 hex digits", is_ja3});
  map.read({"ja4", "the same in parts; * for any characters", "[\"t10i*\"]"}, out.ja4,
           Like{"a JA4, or a part of one with * for the rest", is_ja4_pattern});
  map.read({"alpn", "protocols they offer; none: no list", "[none]"}, out.alpn,
           Like{"a protocol such as http/1.1, or none", is_protocol, false});
  map.read({"hello_format", "sslv2: a hello in the format of SSLv2", "tls"}, out.hello_format);
  if (map.is_map() && at.node().keys.empty()) {
    at.reject("needs at least one condition; without one every client would match");
  }
}

void read_value(const Cursor& at, ClientTypeRule& out) {
  out.at = at.at();
  MapReader map(at, "a client type");
  map.require({"name", "your own name, or a built-in one", "lync_phone_edition"}, out.name,
              Defines{Names::Kind::client_type});
  map.require({"match", "what their hello, and where it came from, is like"}, out.match);
  if (out.name == "other") {
    at.reader().errors.push_back({out.at, "\"other\" is what no rule names; choose another name"});
  }
}

void read_value(const Cursor& at, Clients& out) {
  MapReader map(at, "clients");
  map.read({"learn", "false: nothing is learned"}, out.learn);
  map.read({"file", "what was learned, for the next start"}, out.file);
}

void read_value(const Cursor& at, ForClients& out, const ClientCertificates& of_listener) {
  out.at = at.at();
  MapReader map(at, "for_clients");
  map.require({"client_type", "of the built-in ones or of client_types", "lync_phone_edition"},
              out.client_type, RefersTo{Names::Kind::client_type});
  map.read({"policy", "instead of the listener's", "old-phones"}, out.policy,
           RefersTo{Names::Kind::policy});
  map.read({"certificates", "instead of the listener's", "[mail]"}, out.certificates,
           RefersTo{Names::Kind::certificate});
  map.read({"chain", "of those of them that have it; or a trust profile's; or auto", "for-lync"},
           out.chain, RefersTo{Names::Kind::chain});
  if (const auto asked = map.take({"client_certificate",
                                   "one that they are asked for; what is left out is as in the "
                                   "listener"})) {
    read_value(*asked, out.client_certificate.emplace(of_listener));
  }
  if (map.is_map() && !map.has("policy") && !map.has("certificates") && !map.has("chain") &&
      !map.has("client_certificate")) {
    at.error("for_clients needs \"policy\", \"certificates\", \"chain\" or \"client_certificate\"");
  }
}

namespace {

void check_count(const Config& config, Diagnostics& errors) {
  constexpr std::size_t kRoom = kMaxClientTypes - kBuiltInClientTypes.size();
  std::set<std::string_view> own;
  for (const ClientTypeRule& rule : config.client_types) {
    if (built_in_client_type(rule.name) == nullptr && own.insert(rule.name).second &&
        own.size() == kRoom + 1) {
      errors.push_back({rule.at, "more than " + std::to_string(kRoom) +
                                     " client types of your own; each is a label of metrics"});
    }
  }
}

// Nothing that is learned admits anyone: what is for such a type would stay without effect.
void check_admits(const Config& config, const Located<std::string>& one, Diagnostics& warnings) {
  const BuiltInClientType* const type = built_in_client_type(one.value);
  if (type != nullptr && type->known_by == KnownBy::use &&
      std::ranges::find(config.client_types, type->name, &ClientTypeRule::name) ==
          config.client_types.end()) {
    warnings.push_back(
        {one.at, quote(type->name) +
                     " is known only by what it asks for, which is after the handshake; say where "
                     "these clients are: client_types: [{ name: " +
                     one.value + ", match: { source: [10.20.0.0/16] } }]"});
  }
}

// A chain is one of a certificate's own, or that of a trust profile: names alone do not tell
// whether these clients get a certificate that has it.
void check_chain(const Config& config, const Listener& listener, const ForClients& some,
                 Diagnostics& errors) {
  if (!some.chain || some.chain->value.empty() || some.chain->value == kAutomaticChain ||
      std::ranges::find(config.trust_profiles, some.chain->value, &TrustProfile::name) !=
          config.trust_profiles.end()) {
    return;
  }
  const std::vector<std::string> served = values(listener.certificates_of(some));
  bool known = false;  // else its name was refused already
  bool theirs = false;
  for (const Certificate& certificate : config.certificates) {
    if (std::ranges::find(certificate.chains, some.chain->value, &ChainVariant::name) !=
        certificate.chains.end()) {
      known = true;
      theirs = theirs || std::ranges::find(served, certificate.name) != served.end();
    }
  }
  if (known && !theirs) {
    errors.push_back({some.chain->at, "none of these clients' certificates has a chain " +
                                          quote(some.chain->value)});
  }
}

}  // namespace

void check_client_types(const Config& config, Reader& reader) {
  check_count(config, reader.errors);
  for (const Listener& listener : config.listeners) {
    std::set<std::string_view> seen;
    for (const ForClients& one : listener.for_clients) {
      const std::string& type = one.client_type.value;
      if (!type.empty() && !seen.insert(type).second) {
        reader.errors.push_back(
            {one.client_type.at, "client type " + quote(type) + " is given twice"});
      }
      check_admits(config, one.client_type, reader.warnings);
      check_chain(config, listener, one, reader.errors);
    }
    for (const Passthrough& some : listener.passthrough) {
      for (const Located<std::string>& type : some.client_types) {
        check_admits(config, type, reader.warnings);
      }
    }
  }
}

}  // namespace chainmend::config

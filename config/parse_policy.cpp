// The section tls_policies.
#include <algorithm>

#include "config/quote.h"
#include "config/read_value.h"
#include "config/sections.h"

namespace chainmend::config {
namespace {

bool is_built_in(std::string_view name) {
  return std::ranges::find(kBuiltInPolicies, name) != kBuiltInPolicies.end();
}

struct BuiltIn {};

}  // namespace

static void read_value(const Cursor& at, std::string& out, const BuiltIn& /*how*/) {
  if (const auto index = read_word(at, {kBuiltInPolicies.begin(), kBuiltInPolicies.end()})) {
    out = kBuiltInPolicies.at(*index);
  }
}

static std::string write_value(const Cursor& /*at*/, const std::string& value,
                               const BuiltIn& /*how*/) {
  return value;
}

namespace {

TlsPolicy read_policy(const Cursor& name_at, const Cursor& at) {
  TlsPolicy out;
  read_value(name_at, out.name, Defines{Names::Kind::policy});
  out.at = name_at.at();
  if (is_built_in(out.name)) {
    name_at.error(quote(out.name) + " is built in; choose another name");
  }
  MapReader map(at, "a TLS policy");
  map.read({"base", "the policy that this one changes"}, out.base, BuiltIn{});
  map.read({"min", "lowest TLS version", "1.0"}, out.min);
  map.read({"max", "highest TLS version", "1.2"}, out.max);
  map.read({"ciphers", "up to TLS 1.2, by OpenSSL's names, best first",
            "[ECDHE-RSA-AES128-SHA, AES128-SHA]"},
           out.ciphers, OpensslName{});
  map.read({"suites", "the same of TLS 1.3", "[TLS_AES_128_GCM_SHA256]"}, out.suites,
           OpensslName{});
  map.read({"groups", "for the key exchange", "[P-256, X25519]"}, out.groups, OpensslName{});
  map.read({"tickets", "session tickets", "false"}, out.tickets);
  map.read({"empty_fragments",
            "before CBC records of TLS 1.0, against BEAST; old phones choke on them", "false"},
           out.empty_fragments);
  map.read({"dh_bits", "of DHE suites; 1024, for Java 6 and 7, needs max 1.0 or 1.1", "2048"},
           out.dh_bits, DhBits{});
  if (out.min && out.max && out.min->value > out.max->value) {
    at.reader().errors.push_back({out.max->at, "\"max\" is lower than \"min\""});
  }
  return out;
}

}  // namespace

void read_value(const Cursor& at, std::vector<TlsPolicy>& out) {
  for (const auto& [name, value] : at.entries("TLS policies by name")) {
    out.push_back(read_policy(name, value));
  }
}

}  // namespace chainmend::config

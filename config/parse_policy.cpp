// The section tls_policies.
#include <algorithm>

#include "config/quote.h"
#include "config/read_value.h"
#include "config/sections.h"
#include "config/suggest.h"

namespace chainmend::config {
namespace {

bool is_built_in(std::string_view name) {
  return std::ranges::find(kBuiltInPolicies, name) != kBuiltInPolicies.end();
}

void read_base(const Cursor& at, std::string& out) {
  const std::string what = "one of " + join(kBuiltInPolicies);
  const auto text = at.scalar(what);
  if (!text) {
    return;
  }
  if (!is_built_in(*text)) {
    const auto meant = nearest(*text, {kBuiltInPolicies.begin(), kBuiltInPolicies.end()});
    at.expected(what, meant ? "; did you mean " + quote(*meant) + "?" : "");
  }
  out = *text;
}

TlsPolicy read_policy(const Cursor& name_at, const Cursor& at) {
  TlsPolicy out;
  read_value(name_at, out.name, Defines{Names::Kind::policy});
  out.at = name_at.at();
  if (is_built_in(out.name)) {
    name_at.error(quote(out.name) + " is built in; choose another name");
  }
  MapReader map(at, "a TLS policy");
  if (const auto base = map.take("base")) {
    read_base(*base, out.base);
  }
  map.read("min", out.min);
  map.read("max", out.max);
  map.read("ciphers", out.ciphers, OpensslName{});
  map.read("suites", out.suites, OpensslName{});
  map.read("groups", out.groups, OpensslName{});
  map.read("tickets", out.tickets);
  map.read("empty_fragments", out.empty_fragments);
  map.read("dh_bits", out.dh_bits, DhBits{});
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

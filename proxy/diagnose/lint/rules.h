// What `chainmend lint` looks for: the id and the severity of every finding, in one table.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/diagnose/finding.h"
#include "proxy/enums/names.h"

namespace chainmend::diagnose {

enum class Rule : std::uint8_t {
  unreadable,
  damaged_text,
  text_only,
  cut_off,
  ambiguous_date,
  private_key,
  not_self_signed,
  rekeyed_root,
  expired,
  not_yet_valid,
  not_a_ca,
  weak_key,
  weak_signature,
  duplicate,
  same_key_twice,
  too_many_roots,
  issuer_list_too_long,
  phone_root_missing,
  leaf_not_first,
  no_chain,
  profile_refuses,
  pfx_no_key,
  pfx_key_mismatch,
  pfx_no_chain,
  pfx_several_keys,
  pfx_old_algorithms,
  pfx_new_algorithms,
  pfx_no_mac,
  pfx_no_password,
  not_reached,
  other_without_name,
  no_server_certificate,
  issuer_missing,
  nginx_mismatch,
  key_mismatch,
  tls10_refused,
  binding_mismatch,
  bound_none,
  bound_unknown,
  bound_without_key,
  bound_replaced,
  bound_other_name,
  bindings_disagree,
  only_with_name,
  asks_late,
  f5_not_read,
  f5_no_chain,
  f5_wrong_chain,
  f5_chain_is_store,
  f5_default_certificate,
  f5_inherits_certificates,
  f5_stale_certificate,
  f5_tls10_off,
  f5_re_signs,
  f5_passphrase,
  f5_servers_unverified,
  f5_monitor_escapes,
  f5_monitor_without_host,
  f5_monitor_takes_all,
  f5_monitor_impatient,
  f5_pool_empty,
  f5_member_off,
  f5_idle_timeout,
  f5_shares_connections,
  f5_persists_by_address,
  f5_persists_by_session,
  f5_missing,
  f5_rule,
};
// The ids are stable: pipelines go by them.
inline constexpr enums::Names<Rule> kRuleNames{"unreadable",
                                               "damaged-text",
                                               "text-only",
                                               "cut-off",
                                               "ambiguous-date",
                                               "private-key",
                                               "not-self-signed",
                                               "rekeyed-root",
                                               "expired",
                                               "not-yet-valid",
                                               "not-a-ca",
                                               "weak-key",
                                               "weak-signature",
                                               "duplicate",
                                               "same-key-twice",
                                               "too-many-roots",
                                               "issuer-list-too-long",
                                               "phone-root-missing",
                                               "leaf-not-first",
                                               "no-chain",
                                               "profile-refuses",
                                               "pfx-no-key",
                                               "pfx-key-mismatch",
                                               "pfx-no-chain",
                                               "pfx-several-keys",
                                               "pfx-old-algorithms",
                                               "pfx-new-algorithms",
                                               "pfx-no-mac",
                                               "pfx-no-password",
                                               "not-reached",
                                               "other-without-name",
                                               "no-server-certificate",
                                               "issuer-missing",
                                               "nginx-mismatch",
                                               "key-mismatch",
                                               "tls10-refused",
                                               "binding-mismatch",
                                               "bound-none",
                                               "bound-unknown",
                                               "bound-without-key",
                                               "bound-replaced",
                                               "bound-other-name",
                                               "bindings-disagree",
                                               "only-with-name",
                                               "asks-late",
                                               "f5-not-read",
                                               "f5-no-chain",
                                               "f5-wrong-chain",
                                               "f5-chain-is-store",
                                               "f5-default-certificate",
                                               "f5-inherits-certificates",
                                               "f5-stale-certificate",
                                               "f5-tls10-off",
                                               "f5-re-signs",
                                               "f5-passphrase",
                                               "f5-servers-unverified",
                                               "f5-monitor-escapes",
                                               "f5-monitor-without-host",
                                               "f5-monitor-takes-all",
                                               "f5-monitor-impatient",
                                               "f5-pool-empty",
                                               "f5-member-off",
                                               "f5-idle-timeout",
                                               "f5-shares-connections",
                                               "f5-persists-by-address",
                                               "f5-persists-by-session",
                                               "f5-missing",
                                               "f5-rule"};
constexpr const char* to_string(Rule rule) { return kRuleNames[rule]; }

struct RuleInfo {
  std::string_view kinds;  // of input that it is looked for in
  Severity severity;
  std::string_view what;  // what is looked for
};
const RuleInfo& info_on(Rule rule);

// Everything that lint may say, by id: the rules above, and what judge_list() says of chains.
struct RuleLine {
  std::string_view id;
  RuleInfo info;
};
std::vector<RuleLine> all_rules();

// Where a finding was made.
struct Place {
  std::string file;       // empty: the whole input
  std::size_t entry = 0;  // which certificate of the file, from 1; 0: the file itself
  std::size_t line = 0;   // of its BEGIN line; 0 in formats without lines
};

struct LintFinding {
  Finding finding;
  Place place;
  std::string subject;     // of the certificate; empty: it is not about one
  std::string thumbprint;  // SHA-1 as Windows shows it; likewise
  // Who chains through a certificate that the fix takes out of its store, a place each; unset: it
  // takes nothing out, or nobody asked.
  std::optional<std::vector<std::string>> used_by = std::nullopt;
};

// Those of one severity stay in their order.
void gravest_first(std::vector<LintFinding>& findings);

}  // namespace chainmend::diagnose

#include "proxy/diagnose/f5/defaults.h"

namespace chainmend::diagnose::f5 {

namespace {

struct Default {
  std::string_view kind, key;
  int since;  // version of TMOS
  std::string_view value;
};

// As profile_base.conf of these versions has them. Of one key the row of the highest version counts
// that is not above the one asked for.
constexpr Default kDefaults[] = {
    {"ltm profile client-ssl", "cert", 0, "/Common/default.crt"},
    {"ltm profile client-ssl", "key", 0, "/Common/default.key"},
    {"ltm profile client-ssl", "ciphers", 0, "DEFAULT"},
    {"ltm profile client-ssl", "ciphers", 21, "none"},
    {"ltm profile client-ssl", "cipher-group", 21, "/Common/f5-default"},
    {"ltm profile client-ssl", "options", 0, "dont-insert-empty-fragments"},
    {"ltm profile client-ssl", "options", 14, "dont-insert-empty-fragments no-tlsv1.3"},
    {"ltm profile client-ssl", "options", 17, "dont-insert-empty-fragments no-tlsv1.3 no-dtlsv1.2"},
    {"ltm profile client-ssl", "options", 21,
     "dont-insert-empty-fragments no-tlsv1.1 no-tlsv1 no-ssl no-dtlsv1.2"},
    {"ltm profile client-ssl", "handshake-timeout", 0, "10"},
    {"ltm profile client-ssl", "peer-cert-mode", 0, "ignore"},
    {"ltm profile client-ssl", "renegotiation", 0, "enabled"},
    {"ltm profile server-ssl", "ciphers", 0, "DEFAULT"},
    {"ltm profile server-ssl", "options", 0, "dont-insert-empty-fragments"},
    {"ltm profile server-ssl", "options", 14, "dont-insert-empty-fragments no-tlsv1.3"},
    {"ltm profile server-ssl", "peer-cert-mode", 0, "ignore"},
    {"ltm profile tcp", "idle-timeout", 0, "300"},
    {"ltm profile tcp", "reset-on-timeout", 0, "enabled"},
    {"ltm profile http", "max-header-size", 0, "32768"},
    {"ltm profile http", "max-header-count", 0, "64"},
    {"ltm profile http", "insert-xforwarded-for", 0, "disabled"},
    {"ltm profile one-connect", "max-age", 0, "86400"},
    {"ltm profile one-connect", "max-size", 0, "10000"},
    {"ltm persistence cookie", "method", 0, "insert"},
    {"ltm persistence cookie", "expiration", 0, "0"},
    {"ltm persistence source-addr", "timeout", 0, "180"},
    {"ltm persistence ssl", "timeout", 0, "300"},
    {"ltm monitor", "interval", 0, "5"},
    {"ltm monitor", "timeout", 0, "16"},
    {"ltm pool", "load-balancing-mode", 0, "round-robin"},
    {"ltm pool", "slow-ramp-time", 0, "10"},
    {"ltm virtual", "ip-protocol", 0, "any"},
    {"ltm virtual", "source", 0, "0.0.0.0/0"},
};

constexpr int kRecent = 17;

}  // namespace

std::string default_of(std::string_view kind, std::string_view key, int version) {
  const int asked = version == 0 ? kRecent : version;
  std::string_view value;
  for (const Default& row : kDefaults) {
    const bool fits = kind.starts_with(row.kind) &&
                      (kind.size() == row.kind.size() || kind[row.kind.size()] == ' ');
    if (fits && row.key == key && row.since <= asked) {
      value = row.value;
    }
  }
  return std::string(value);
}

}  // namespace chainmend::diagnose::f5

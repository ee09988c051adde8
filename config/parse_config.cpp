// The whole file: its sections, and the checks that span them.
#include "config/sections.h"

namespace chainmend::config {

static void read_sections(const Cursor& at, Config& out) {
  MapReader map(at, "the configuration");
  map.read({"admin", "the listener that shows how the program fares"}, out.admin);
  map.read({"process", "what the process may take"}, out.process);
  map.read({"limits", "how much of it one network of clients may take"}, out.limits);
  map.read({"reload", "what is taken anew without being told"}, out.reload);
  map.read({"logs", "what is logged"}, out.logs);
  map.read({"chain", "where certificate chains are completed from"}, out.chain);
  map.read(
      {"trust_profiles",
       "the roots that a kind of client has, for clients with a store of their own", "lync-phones"},
      out.trust_profiles);
  map.read({"certificates",
            "each name has one leaf certificate with its key, or a list of them (RSA and "
            "ECDSA)",
            "mail"},
           out.certificates);
  map.read({"tls_policies",
            "policies beside the built-in ones: modern (TLS 1.3), intermediate (and TLS 1.2 with "
            "forward secrecy and AEAD), compatible-tls12 (and CBC and static RSA at TLS 1.2), "
            "legacy-tls10 (and TLS 1.0 and 1.1). `chainmend policies` shows each, and whom it "
            "leaves out. What a policy leaves out is as in its base",
            "old-phones"},
           out.tls_policies);
  map.read({"clients",
            "which types the proxy has told by what they asked for. It names clients in logs and "
            "metrics, and never decides what they may speak"},
           out.clients);
  map.read({"client_types",
            "names for clients, beside the built-in ones (lync_phone_edition, legacy_phone, ...: "
            "see `chainmend clients --types`), before which they are asked. The first rule that "
            "fits wins, and all that it lists must fit. A list fits when one of its items does, "
            "unless it "
            "says otherwise"},
           out.client_types, MayBeEmpty{});
  map.require({"listeners",
               "where clients come in, what they may speak, and where their "
               "requests go"},
              out.listeners);
  map.read({"upstreams", "the servers behind", "cas"}, out.upstreams);
}

void read_value(const Cursor& at, Config& out) {
  read_sections(at, out);
  Reader& reader = at.reader();
  reader.names.check(reader.errors, reader.warnings);
  check_listen_addresses(out, reader.errors);
  check_client_types(out, reader);
  check_passthrough(out, reader);
  check_exposure(out, reader.warnings);
}

}  // namespace chainmend::config

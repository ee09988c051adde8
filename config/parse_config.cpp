// The whole file: its sections, and the checks that span them.
#include "config/sections.h"

namespace chainmend::config {

static void read_sections(const Cursor& at, Config& out) {
  MapReader map(at, "the configuration");
  map.read("admin", out.admin);
  map.read("process", out.process);
  map.read("logs", out.logs);
  map.read("chain", out.chain);
  map.read("trust_profiles", out.trust_profiles);
  map.read("certificates", out.certificates);
  map.read("tls_policies", out.tls_policies);
  map.read("clients", out.clients);
  map.read("client_types", out.client_types, MayBeEmpty{});
  map.require("listeners", out.listeners);
  map.read("upstreams", out.upstreams);
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

#include "proxy/session/missing_certificate.h"

namespace chainmend::session {

void log_missing_certificate(const Connection& connection, const serving::Route& route) {
  connection.worker.services.log.event(
      logs::Level::info, "client_certificate_missing",
      {{"conn", connection.id},
       {"listener", connection.listener.name},
       {"peer", connection.peer_text()},
       {"client_type", connection.who.type.name()},
       {"route", route.name},
       {"hint",
        "the client showed no certificate in the handshake: it has none of the CAs in "
        "client_certificate.trust, or clients of this type are not asked for one"}});
}

}  // namespace chainmend::session

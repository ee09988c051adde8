// judge_client(): what becomes of one kind of client at a server, from what the server answered to
// that client's own hello and from the certificates it was shown. Pure.
#pragma once

#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/trust_profile.h"
#include "proxy/clients/stacks.h"
#include "proxy/diagnose/probe/ask.h"
#include "proxy/diagnose/served_list.h"
#include "proxy/enums/names.h"

namespace chainmend::diagnose {

enum class ClientOutcome : std::uint8_t {
  connects,
  depends,  // on what cannot be seen from here: whether it has the root, or can fetch a certificate
  fails,
  unknown,  // the server was not reached
};
inline constexpr enums::Names<ClientOutcome> kClientOutcomeNames{"connects", "depends", "fails",
                                                                 "unknown"};
constexpr const char* to_string(ClientOutcome outcome) { return kClientOutcomeNames[outcome]; }

enum class ClientFault : std::uint8_t {
  none,
  refused,  // the server refused its hello
  name,
  date,
  intermediate,  // missing from the list
  order,
  root,
  key,          // the client cannot verify, or refuses, this key or signature
  purpose,      // the certificate is not for TLS servers
  length,       // of the list
  certificate,  // the server wants one of the client
};

struct ClientVerdict {
  const clients::ClientStack* stack = nullptr;
  ClientOutcome outcome = ClientOutcome::unknown;
  ClientFault fault = ClientFault::none;
  std::string why;    // one sentence without full stop; what it depends on, likewise
  std::string shows;  // what the client would show or log; empty: not known
  std::uint16_t version = 0;
  std::uint16_t suite = 0;
  std::uint16_t group = 0;  // 0: none, or not known
};

// What a server showed to a client, judged.
struct Shown {
  const std::vector<certs::CertificatePtr>* list = nullptr;  // null: not seen
  const ListVerdict* verdict = nullptr;                      // by the roots of `trust` below
  bool trust_is_its_own = false;   // those roots are known to be the client's
  bool needs_certificate = false;  // the server serves only clients that show one
  std::string host;                // that the client asks for; empty: not known
  certs::Time now;
};

ClientVerdict judge_client(const clients::ClientStack& stack, const Answer& answer,
                           const Shown& shown);

}  // namespace chainmend::diagnose

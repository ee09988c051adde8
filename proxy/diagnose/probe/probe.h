// probe(): everything that can be seen of a server's TLS from outside: the way there, what it
// speaks, the certificates it shows to whom, and what becomes of each kind of client. Data;
// printing is the caller's.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/issuer_source.h"
#include "certs/trust_profile.h"
#include "proxy/diagnose/probe/ask.h"
#include "proxy/diagnose/probe/client_verdict.h"
#include "proxy/diagnose/probe/comparison.h"
#include "proxy/diagnose/probe/handshake.h"
#include "proxy/diagnose/probe/questions.h"
#include "proxy/diagnose/probe/reach.h"
#include "proxy/diagnose/probe/target.h"
#include "proxy/diagnose/served_list.h"

namespace chainmend::diagnose {

struct ProbeOptions {
  Target target;
  std::string server_name;  // sent as SNI and expected in the certificate; empty: none
  std::optional<boost::asio::ip::address> connect;  // instead of what the name resolves to
  bool all_addresses = false;                       // else the first that answers
  certs::TrustProfilePtr trust;                     // roots that clients are taken to have
  bool trust_is_given = false;  // they were named for this: clients do have them
  std::map<std::string, certs::TrustProfilePtr> trust_of;  // by client type: what it does have
  std::vector<certs::IssuerSource*> sources;        // of missing certificates; used on one thread
  std::vector<const clients::ClientStack*> stacks;  // whose fate is asked
  std::chrono::milliseconds timeout{5000};          // of each question
  std::stop_token stop;
  std::function<void(const std::string& what)> progress;  // may be empty
};

// One hello of our own and its answer.
struct Asked {
  std::uint16_t version = 0;
  KeyType key = KeyType::rsa;
  bool with_name = false;
  certs::Result<Answer> answer;
};

// A list of certificates that the server shows, and to whom.
struct Served {
  std::vector<certs::CertificatePtr> list;
  std::vector<std::string> to;  // "TLS 1.0 RSA", "TLS 1.3 ECDSA without a name"
  std::size_t to_named = 0;     // how many of them named the server, as far as it has a name
  ListVerdict verdict;
};

struct AddressReport {
  boost::asio::ip::address address;
  std::string failure;  // no TCP connection after all; empty: there was one
  std::string not_tls;  // what was seen instead of TLS: a sentence without full stop; empty: TLS
  std::vector<Finding> findings;  // of all that it shows; those of a list are in its verdict
  std::vector<Asked> asked;
  std::vector<std::pair<std::string, bool>> old_features;  // name, accepted
  std::vector<Served> served;                              // what is shown to most comes first
  std::optional<Handshake> handshake;                      // the best that was completed
  bool resumes = false;
  std::vector<ClientVerdict> clients;

  bool speaks_tls() const;
  const Served* served_to(bool with_name) const;  // most clients of that kind; null: nothing
};

struct ProbeReport {
  Target target;
  std::string server_name;
  certs::Result<Resolved> resolved;
  std::vector<Connection> connections;   // to each address, in the order of clients
  std::vector<AddressReport> addresses;  // those that were asked: the first that answers, or all
  // Of each address with the first one, where they show different lists, and of what is shown
  // without a name with what is shown with it.
  std::vector<Comparison> differences;
  std::optional<Comparison> against;  // what the caller compares the first list with
};

ProbeReport probe(const ProbeOptions& options);

}  // namespace chainmend::diagnose

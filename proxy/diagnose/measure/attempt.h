// MeasuredClient: one kind of client at one server, played as often as somebody asks. An attempt is
// two connections:
//   1. the client's own hello, to which the server's answer is read. The certificates in it are
//      judged as that client would (probe/client_verdict.h);
//   2. where the first went well and this OpenSSL speaks the suite that was chosen, a whole
//      handshake with just that version and suite: whether it completes, how long it takes, and,
//      at every second attempt, whether the server resumes the session of an earlier one.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/issuer_source.h"
#include "certs/trust_profile.h"
#include "proxy/clients/stacks.h"
#include "proxy/diagnose/probe/ask.h"
#include "proxy/diagnose/probe/client_verdict.h"
#include "proxy/diagnose/probe/handshake.h"
#include "proxy/diagnose/served_list.h"
#include "proxy/tls/handshake_outcome.h"
#include "proxy/tls/openssl_ssl.h"

namespace chainmend::diagnose {

struct Attempt {
  tls::Outcome outcome = tls::Outcome::failed;  // full, resumed or failed
  tls::Reason reason = tls::Reason::none;       // of a failure, as the proxy's metrics name it
  std::string detail;  // why it failed, or what its success depends on; may be empty
  std::optional<std::chrono::microseconds> connected_after;
  std::optional<std::chrono::microseconds> handshake;  // of a full one that was completed
  std::uint16_t version = 0;                           // negotiated; 0: none
  std::uint16_t suite = 0;
  bool completed = false;        // a whole handshake was; else only the server's answer was seen
  bool offered_session = false;  // it asked to resume one

  bool succeeded() const { return outcome != tls::Outcome::failed; }
};

// What became of a hello by the server's answer alone: accepted, or refused and why. For hellos
// whose client is not here to go on.
Attempt attempt_of(const certs::Result<Answer>& answer);

// The roots by which certificates are judged, and where missing ones may be found, with the
// verdicts on the lists seen so far. May be used from any thread.
class ListJudge {
 public:
  ListJudge(certs::TrustProfilePtr trust, std::map<std::string, certs::TrustProfilePtr> trust_of,
            std::vector<certs::IssuerSource*> sources);

  // What a client thinks of the list that came with an answer of the server. list: DER, as sent.
  ClientVerdict judge(const clients::ClientStack& stack, const Answer& answer,
                      const std::vector<certs::Bytes>& list, const std::string& host);

 private:
  struct Judged {
    std::vector<certs::CertificatePtr> list;
    ListVerdict verdict;
  };
  // A load balancer has a few lists; a server with a new one each time is judged each time.
  static constexpr std::size_t kMostKept = 64;
  std::shared_ptr<const Judged> look_at(const std::vector<certs::Bytes>& list,
                                        const std::string& host,
                                        const certs::TrustProfilePtr& trust);

  certs::TrustProfilePtr trust_;
  std::map<std::string, certs::TrustProfilePtr> trust_of_;  // by client type
  std::vector<certs::IssuerSource*> sources_;
  std::mutex mutex_;  // guards known_ and the sources
  std::map<std::string, std::shared_ptr<const Judged>> known_;
};

class MeasuredClient {
 public:
  struct Options {
    boost::asio::ip::tcp::endpoint server;
    std::string server_name;  // for clients that name the server; expected in the certificate
    const clients::ClientStack* stack = nullptr;
    ListJudge* judge = nullptr;  // borrowed
  };
  explicit MeasuredClient(Options options);

  // Blocks. May be called from several threads at a time.
  Attempt attempt(const Patience& patience);

 private:
  // list: the certificates that the server showed.
  void complete(const Patience& patience, Attempt& out, std::vector<certs::Bytes>& list);
  // False when the client would turn away because of the list; out says why.
  bool judge(const Answer& answer, const std::vector<certs::Bytes>& list, Attempt& out);
  std::string name_to_ask() const;
  tls::SslSessionPtr take_session();
  void keep_session(tls::SslSessionPtr session);

  Options options_;
  std::vector<std::uint8_t> hello_;
  std::mutex mutex_;  // guards what follows
  tls::SslSessionPtr session_;
  bool resumed_last_ = false;  // the last one asked to
};

}  // namespace chainmend::diagnose

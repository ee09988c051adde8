#include "proxy/diagnose/measure/attempt.h"

#include <openssl/ssl.h>

#include <algorithm>
#include <utility>

#include "certs/time.h"
#include "proxy/clients/client_hello.h"
#include "proxy/clients/make_hello.h"
#include "proxy/clients/suites.h"
#include "proxy/tls/capability.h"
#include "proxy/tls/explain.h"

namespace chainmend::diagnose {
namespace {

using certs::Bytes;
using tls::Reason;

// What a client would tell the server with its alert, by what it dislikes.
Reason reason_of_fault(ClientFault fault) {
  switch (fault) {
    case ClientFault::intermediate:
    case ClientFault::order:
    case ClientFault::root:
      return Reason::client_unknown_ca;
    case ClientFault::date:
      return Reason::client_certificate_expired;
    case ClientFault::certificate:
      return Reason::client_cert_missing;
    default:
      return Reason::client_bad_certificate;
  }
}

std::string alert_text(std::uint8_t code) {
  return "the server refuses it with alert " + std::to_string(code) + " (" + tls::alert_name(code) +
         ")";
}

void fail(Attempt& out, Reason reason, std::string detail) {
  out.outcome = tls::Outcome::failed;
  out.reason = reason;
  out.detail = std::move(detail);
}

// Sets why an answer is no acceptance.
void note_refusal(const Answer& answer, Attempt& out) {
  switch (answer.kind) {
    case Answer::Kind::hello:
      break;
    case Answer::Kind::alert:
      fail(out, tls::reason_of_server_alert(answer.alert->code, tls::Stage::hello, false),
           alert_text(answer.alert->code));
      break;
    case Answer::Kind::closed:
    case Answer::Kind::reset:
      fail(out, Reason::upstream_failed, told_instead_of_tls(answer));
      break;
    case Answer::Kind::silent:
      fail(out, Reason::timeout, told_instead_of_tls(answer));
      break;
    case Answer::Kind::not_tls:
      fail(out, Reason::protocol_error, told_instead_of_tls(answer));
      break;
  }
}

void note_no_connection(const certs::Error& error, Attempt& out) {
  fail(out, error.code == certs::ErrorCode::timeout ? Reason::timeout : Reason::upstream_failed,
       "no connection: " + error.text);
}

bool openssl_speaks(std::uint16_t version, std::uint16_t suite) {
  return version >= clients::kTls10 && tls::capability().has_suite(suite);
}

certs::Time now() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace

Attempt attempt_of(const certs::Result<Answer>& answer) {
  Attempt out;
  if (!answer) {
    note_no_connection(answer.error(), out);
    return out;
  }
  out.connected_after = answer->connected_after;
  if (!answer->accepted()) {
    note_refusal(*answer, out);
    return out;
  }
  out.outcome = tls::Outcome::full;
  out.version = answer->hello->version;
  out.suite = answer->hello->suite;
  return out;
}

ListJudge::ListJudge(certs::TrustProfilePtr trust,
                     std::map<std::string, certs::TrustProfilePtr> trust_of,
                     std::vector<certs::IssuerSource*> sources)
    : trust_(std::move(trust)), trust_of_(std::move(trust_of)), sources_(std::move(sources)) {}

std::shared_ptr<const ListJudge::Judged> ListJudge::look_at(const std::vector<Bytes>& list,
                                                            const std::string& host,
                                                            const certs::TrustProfilePtr& trust) {
  std::string key = host + '\0' + trust->name();
  for (const Bytes& der : list) {
    key += certs::as_text(certs::sha256(der));
  }
  const std::lock_guard lock(mutex_);
  if (const auto known = known_.find(key); known != known_.end()) {
    return known->second;
  }
  auto judged = std::make_shared<Judged>();
  judged->list = parse_list(list);
  if (!judged->list.empty()) {
    judged->verdict = judge_list({judged->list, host, trust, sources_, now()});
  }
  if (known_.size() >= kMostKept) {
    known_.clear();
  }
  return known_[key] = std::move(judged);
}

ClientVerdict ListJudge::judge(const clients::ClientStack& stack, const Answer& answer,
                               const std::vector<Bytes>& list, const std::string& host) {
  const auto own = trust_of_.find(std::string(stack.type));
  const auto judged = look_at(list, host, own == trust_of_.end() ? trust_ : own->second);
  Shown shown{.trust_is_its_own = true, .host = host, .now = now()};
  if (!judged->list.empty()) {
    shown.list = &judged->list;
    shown.verdict = &judged->verdict;
  }
  return judge_client(stack, answer, shown);
}

MeasuredClient::MeasuredClient(Options options)
    : options_(std::move(options)), hello_(clients::make_hello(*options_.stack, name_to_ask())) {}

std::string MeasuredClient::name_to_ask() const {
  return options_.stack->names_server() ? options_.server_name : "";
}

Attempt MeasuredClient::attempt(const Patience& patience) {
  const certs::Result<Answer> answer = ask(options_.server, hello_, patience);
  Attempt out = attempt_of(answer);
  if (!out.succeeded()) {
    return out;
  }
  const bool shows_list = answer->certificates.state != tls::ServerList::State::unseen;
  if (shows_list && !judge(*answer, answer->certificates.certificates, out)) {
    return out;
  }
  if (!openssl_speaks(out.version, out.suite)) {
    return out;
  }
  // In TLS 1.3 the list is encrypted, and seen by completing the handshake alone.
  std::vector<Bytes> list;
  complete(patience, out, list);
  if (out.succeeded() && !shows_list) {
    judge(*answer, list, out);
  }
  return out;
}

bool MeasuredClient::judge(const Answer& answer, const std::vector<Bytes>& list, Attempt& out) {
  const ClientVerdict verdict =
      options_.judge->judge(*options_.stack, answer, list, options_.server_name);
  if (verdict.outcome == ClientOutcome::fails) {
    fail(out, reason_of_fault(verdict.fault), verdict.why);
    return false;
  }
  out.detail = verdict.why;
  return true;
}

void MeasuredClient::complete(const Patience& patience, Attempt& out, std::vector<Bytes>& list) {
  const tls::SslSessionPtr session = take_session();
  const char* const suite = OPENSSL_cipher_name(clients::suite_name(out.suite).c_str());
  certs::Result<Handshake> done = finish(options_.server,
                                         {.server_name = name_to_ask(),
                                          .version = out.version,
                                          .suites = out.version == clients::kTls13 ? "" : suite,
                                          .resume = session.get()},
                                         patience);
  if (!done) {
    note_no_connection(done.error(), out);
    return;
  }
  list = done->certificates;
  if (done->client_certificate && done->client_certificate->required) {
    fail(out, Reason::client_cert_missing,
         "the server serves only clients that show a certificate");
  } else if (!done->completed) {
    const Reason reason = done->alert
                              ? tls::reason_of_server_alert(*done->alert, tls::Stage::client_key,
                                                            done->client_certificate.has_value())
                          : done->timed_out ? Reason::timeout
                                            : Reason::upstream_failed;
    fail(out, reason, done->failure);
  } else {
    out.completed = true;
    out.offered_session = session != nullptr;
    out.outcome = done->resumed ? tls::Outcome::resumed : tls::Outcome::full;
    if (!done->resumed) {
      out.handshake = done->took;
    }
  }
  keep_session(std::move(done->session));
}

// Every second attempt asks to resume, when there is something to resume.
tls::SslSessionPtr MeasuredClient::take_session() {
  const std::lock_guard lock(mutex_);
  resumed_last_ = session_ != nullptr && !resumed_last_;
  return resumed_last_ ? std::move(session_) : nullptr;
}

void MeasuredClient::keep_session(tls::SslSessionPtr session) {
  const std::lock_guard lock(mutex_);
  if (session != nullptr) {
    session_ = std::move(session);
  }
}

}  // namespace chainmend::diagnose

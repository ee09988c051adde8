#include "proxy/tls/causes.h"

#include <algorithm>

#include "certs/host_match.h"
#include "proxy/clients/suites.h"

namespace chainmend::tls {
namespace {

using certs::Certificate;
using certs::CertificatePtr;

// What the end of a handshake says of the certificate, by the alert where there is one.
enum class Complaint : std::uint8_t {
  none,       // about something else
  chain,      // 48
  date,       // 45
  any,        // 42, 43, 44, 46: libraries differ in what they mean
  no_word,    // the client left when it had seen the list
  left_late,  // it completed the handshake and left: a late judgement, or nothing to say
};

Complaint complaint_by_alert(std::uint8_t alert) {
  switch (alert) {
    case 48:
      return Complaint::chain;
    case 45:
      return Complaint::date;
    case 42:
    case 43:
    case 44:
    case 46:
      return Complaint::any;
    default:
      return Complaint::none;
  }
}

// The client said that it ends the handshake for reasons of its own (RFC 8446 6.1).
bool cancelled(const HandshakeOutcome& outcome) {
  return outcome.alert && outcome.alert->code == kUserCanceled;
}

Complaint complaint_of(const HandshakeOutcome& outcome) {
  if (outcome.outcome == Outcome::completed_unused) {
    return Complaint::left_late;
  }
  switch (outcome.reason) {
    case Reason::client_unknown_ca:
    case Reason::client_bad_certificate:
    case Reason::client_certificate_expired:
    case Reason::client_certificate_unknown:
    case Reason::alert_after_finished:
      return outcome.alert ? complaint_by_alert(outcome.alert->code) : Complaint::any;
    case Reason::client_aborted:
      return outcome.stage == Stage::hello || cancelled(outcome) ? Complaint::none
                                                                 : Complaint::no_word;
    default:
      return Complaint::none;
  }
}

std::string name_of(const Certificate& certificate) {
  const std::string name = certificate.common_name();
  return "'" + (name.empty() ? certificate.subject() : name) + "'";
}

std::string names_of(const Certificate& leaf) {
  constexpr std::size_t kMost = 5;
  std::string text;
  for (const std::string& name : leaf.names()) {
    if (&name == leaf.names().data() + kMost) {
      return text + " ...";
    }
    text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? "no name" : text;
}

// Facts about the list that every client of this hello would mind.
std::vector<PossibleCause> faults_of(const ServedList& list, const std::string& asked_for,
                                     certs::Time now) {
  std::vector<PossibleCause> faults;
  const Certificate& leaf = *list.links.front();
  for (const CertificatePtr& link : list.links) {
    if (link->not_after() < now) {
      faults.push_back({Cause::expired,
                        name_of(*link) + " expired at " + certs::format_time(link->not_after())});
    } else if (now < link->not_before()) {
      faults.push_back({Cause::not_yet_valid, name_of(*link) + " is not valid before " +
                                                  certs::format_time(link->not_before())});
    }
  }
  if (!asked_for.empty() && !certs::is_for_host(leaf, asked_for)) {
    faults.push_back({Cause::name_mismatch,
                      "the certificate is not for " + asked_for + ", but for " + names_of(leaf)});
  }
  // A list that is incomplete because one of its certificates is out of date misses no other.
  const bool stale_link = std::ranges::any_of(list.links, [&](const CertificatePtr& link) {
    return link != list.links.front() && !link->valid_at(now);
  });
  if (!list.complete && !stale_link) {
    faults.push_back({Cause::intermediate_missing, "the list that it was served is incomplete: '" +
                                                       list.issuer +
                                                       "' is missing (chain.bundles)"});
  }
  for (const CertificatePtr& link : list.links) {
    if (const std::string weakness = link->weakness(); !weakness.empty() && !link->self_signed()) {
      faults.push_back({Cause::weak_signature, name_of(*link) + " is " + weakness});
    }
  }
  return faults;
}

PossibleCause lacks_root(const ServedList& list) {
  return {Cause::root_not_trusted, "it does not trust the root '" + list.issuer +
                                       "', in which the list that it was served "
                                       "ends"};
}

PossibleCause wrong_clock() {
  return {Cause::client_clock, "its clock is wrong: all dates of the list are good by ours"};
}

// The list is good as far as we know: what remains is on the client's side.
std::vector<PossibleCause> remaining(Complaint complaint, const ServedList& list,
                                     const std::string& asked_for) {
  std::vector<PossibleCause> causes;
  if (complaint == Complaint::date) {
    causes.push_back(wrong_clock());
    return causes;
  }
  causes.push_back(lacks_root(list));
  if (complaint == Complaint::chain) {
    return causes;
  }
  causes.push_back(wrong_clock());
  if (asked_for.empty()) {
    causes.push_back({Cause::name_mismatch, "it expects another name than " +
                                                names_of(*list.links.front()) +
                                                "; it did not say which"});
  }
  if (complaint == Complaint::left_late) {
    causes.push_back({Cause::unused, "it had nothing to say, as browsers that connect ahead"});
  }
  return causes;
}

// The causes that fit the complaint come first.
int rank(Complaint complaint, Cause cause) {
  const bool of_dates = cause == Cause::expired || cause == Cause::not_yet_valid;
  const bool of_chain = cause == Cause::intermediate_missing;
  return (complaint == Complaint::date && of_dates) || (complaint == Complaint::chain && of_chain)
             ? 0
             : 1;
}

// The client has no suite for any key that was there.
bool lacks_suites_for(const clients::ClientHello& hello, const ServedFacts& served) {
  return std::ranges::none_of(hello.suites, [&](std::uint16_t suite) {
    const clients::Authentication key = clients::authentication_of(suite);
    return key == clients::Authentication::any ||
           (served.has_rsa_key && key == clients::Authentication::rsa) ||
           (served.has_ecdsa_key && key == clients::Authentication::ecdsa);
  });
}

}  // namespace

std::vector<PossibleCause> causes_of(const HandshakeTrace& trace, const HandshakeOutcome& outcome,
                                     const ServedFacts& served, certs::Time now) {
  if (trace.passed_through || served.list == nullptr) {
    return {};
  }
  const bool no_suite =
      outcome.reason == Reason::no_shared_cipher || outcome.reason == Reason::no_shared_sigalg;
  if (no_suite && trace.hello != nullptr && lacks_suites_for(*trace.hello, served)) {
    return {{Cause::key_type, std::string("it has no suite for a certificate with an ") +
                                  (served.has_rsa_key ? "RSA" : "ECDSA") +
                                  " key, the only one here: serve one with the other type of key "
                                  "too"}};
  }
  const Complaint complaint = complaint_of(outcome);
  if (complaint == Complaint::none) {
    return {};
  }
  const std::string asked_for = trace.hello != nullptr ? trace.hello->server_name : std::string();
  std::vector<PossibleCause> causes = faults_of(*served.list, asked_for, now);
  if (causes.empty()) {
    return remaining(complaint, *served.list, asked_for);
  }
  std::ranges::sort(causes, {}, [&](const PossibleCause& one) {
    return std::pair(rank(complaint, one.cause), one.cause);
  });
  return causes;
}

}  // namespace chainmend::tls

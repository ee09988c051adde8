#include "proxy/diagnose/served_list.h"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "certs/issuer_set.h"
#include "proxy/diagnose/certificate_checks.h"

namespace chainmend::diagnose {
namespace {

using certs::Certificate;
using certs::CertificatePtr;

constexpr std::size_t kMostForJava = 10;

bool issued(const Certificate& issuer, const Certificate& child) {
  return issuer.subject_key() == child.issuer_key() && certs::verifies(child, issuer);
}

bool same(const Certificate& a, const Certificate& b) { return a.fingerprint() == b.fingerprint(); }

// The place of each certificate of the list on the way up from the leaf.
struct Walk {
  std::vector<std::size_t> way;      // indexes, the leaf first
  std::vector<std::size_t> strays;   // that are not on it, duplicates apart
  std::vector<std::size_t> repeats;  // that came before
};

// The certificate that issued `child`: the next one if that did, else any.
std::optional<std::size_t> find_issuer(const std::vector<CertificatePtr>& list, std::size_t child,
                                       const std::vector<bool>& used) {
  for (std::size_t step = 1; step < list.size(); ++step) {
    const std::size_t i = (child + step) % list.size();
    if (!used[i] && issued(*list[i], *list[child])) {
      return i;
    }
  }
  return std::nullopt;
}

Walk walk(const std::vector<CertificatePtr>& list) {
  Walk out;
  std::vector<bool> used(list.size(), false);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto earlier =
        std::ranges::find_if(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(i),
                             [&](const CertificatePtr& other) { return same(*other, *list[i]); });
    if (earlier != list.begin() + static_cast<std::ptrdiff_t>(i)) {
      out.repeats.push_back(i);
      used[i] = true;
    }
  }
  std::size_t at = 0;
  used[0] = true;
  out.way.push_back(0);
  while (!list[at]->self_signed()) {
    const auto next = find_issuer(list, at, used);
    if (!next) {
      break;
    }
    at = *next;
    used[at] = true;
    out.way.push_back(at);
  }
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (!used[i]) {
      out.strays.push_back(i);
    }
  }
  return out;
}

std::string name_of(const Certificate& certificate) {
  const std::string name = certificate.common_name();
  return "'" + (name.empty() ? certificate.subject() : name) + "'";
}

void note_shape(const std::vector<CertificatePtr>& list, const Walk& walk, ListVerdict& out) {
  const bool ascending = std::ranges::is_sorted(walk.way);
  out.strict_order = ascending && walk.strays.empty() && walk.repeats.empty();
  for (const std::size_t i : walk.repeats) {
    out.findings.push_back({"duplicate", Severity::warning, i, name_of(*list[i]) + " is sent twice",
                            "send each certificate once"});
  }
  if (!ascending) {
    out.findings.push_back({"wrong-order", Severity::error, std::nullopt,
                            "the list is out of order: old clients stop at the first certificate "
                            "that did not sign the one before it (RFC 5246 7.4.2)",
                            "send the leaf, then each certificate's issuer behind it"});
  }
  for (const std::size_t i : walk.strays) {
    out.findings.push_back({"unrelated", Severity::warning, i,
                            name_of(*list[i]) + " has signed nothing in this list",
                            "leave it out"});
  }
  if (list.size() > kMostForJava) {
    out.findings.push_back(
        {"list-too-long", Severity::warning, std::nullopt,
         std::to_string(list.size()) + " certificates are sent, and Java takes " +
             std::to_string(kMostForJava) + " at most (jdk.tls.maxCertificateChainLength)",
         "send the leaf and its intermediates alone"});
  }
  const std::size_t last = walk.way.back();
  if (walk.way.size() > 1 && list[last]->self_signed()) {
    out.findings.push_back({"root-included", Severity::note, last,
                            "the root is sent as well: harmless, and of no use to a client, which "
                            "must have it already",
                            ""});
  }
}

certs::SearchResult search(const ListQuestion& question, bool ask_others) {
  std::vector<certs::Candidate> sent;
  for (std::size_t i = 1; i < question.list.size(); ++i) {
    sent.push_back({question.list[i], certs::Origin::peer, {}});
  }
  certs::IssuerSetSource own(std::make_shared<certs::IssuerSet>(std::move(sent)));
  std::vector<certs::IssuerSource*> sources = {&own};
  if (ask_others) {
    sources.insert(sources.end(), question.sources.begin(), question.sources.end());
  }
  // A leaf that is out of date is said by itself; the rest of its chain is worth knowing all the
  // same.
  return certs::search_chain(question.list.front(), sources, *question.trust,
                             {.at = question.now, .purpose = certs::Purpose::serve});
}

void take_path(const ListQuestion& question, const certs::SearchResult& found, ListVerdict& out) {
  out.root = found.path.back().certificate;
  const bool root_is_leaf = found.path.size() == 1;
  for (std::size_t i = 0; i + (root_is_leaf ? 0 : 1) < found.path.size(); ++i) {
    const certs::Candidate& one = found.path[i];
    out.repaired.push_back(one.certificate);
    const bool was_sent = std::ranges::any_of(
        question.list, [&](const CertificatePtr& other) { return same(*other, *one.certificate); });
    if (!was_sent) {
      out.missing.push_back(one);
    }
  }
}

std::string with_key_id(const Certificate& child) {
  const auto& key_id = child.authority().key_id;
  return key_id ? " (key id " + certs::hex_colons(*key_id) + ")" : "";
}

void note_missing(const ListQuestion& question, const Walk& way, ListVerdict& out) {
  const std::size_t last = way.way.back();
  const Certificate& end = *question.list[last];
  if (!out.missing.empty()) {
    std::string names;
    for (const certs::Candidate& one : out.missing) {
      names += (names.empty() ? "" : ", ") + name_of(*one.certificate);
    }
    out.findings.push_back({"intermediate-missing", Severity::error, last,
                            "the list stops at " + name_of(end) + "; missing: " + names,
                            "add " + std::string(out.missing.size() == 1 ? "it" : "them") +
                                " behind what is sent; --pem-out writes the whole list"});
    return;
  }
  const certs::Failure& failure = *out.failure;
  if (failure.reason == certs::Reason::untrusted_root) {
    out.findings.push_back(
        {"root-not-trusted", Severity::error, std::nullopt,
         "the list ends in a root that is not among the trusted ones: " + failure.describe(),
         "if that root is yours, give it with --roots FILE"});
  } else if (failure.reason == certs::Reason::no_issuer) {
    out.findings.push_back(
        {"intermediate-missing", Severity::error, last,
         "the list stops at " + name_of(end) + "; its issuer '" + end.issuer() + "'" +
             with_key_id(end) + " is not sent, and was not found elsewhere",
         end.aia_urls().empty() ? "find the issuer's certificate and give it with --bundle FILE"
                                : "--aia fetches it from " + end.aia_urls().front() +
                                      ", or give it with --bundle FILE"});
  } else {
    out.findings.push_back({"no-way-to-a-root", Severity::error, std::nullopt,
                            "no way from the leaf to a trusted root: " + failure.describe(), ""});
  }
}

}  // namespace

std::vector<CertificatePtr> parse_list(const std::vector<certs::Bytes>& list) {
  std::vector<CertificatePtr> out;
  for (const certs::Bytes& der : list) {
    if (certs::Result<CertificatePtr> one = Certificate::from_der(der)) {
      out.push_back(*std::move(one));
    } else {
      return {};
    }
  }
  return out;
}

ListVerdict judge_list(const ListQuestion& question) {
  ListVerdict out;
  const Walk way = walk(question.list);
  note_shape(question.list, way, out);
  certs::SearchResult found = search(question, false);
  out.complete = found.complete;
  if (!found.complete && !question.sources.empty()) {
    found = search(question, true);
  }
  if (found.complete) {
    take_path(question, found, out);
  }
  out.failure = found.failure;
  if (!out.complete) {
    note_missing(question, way, out);
  }
  for (std::size_t i = 0; i < question.list.size(); ++i) {
    check_certificate(*question.list[i], i, question.now, out.findings);
  }
  check_leaf(*question.list.front(), question.host, out.findings);
  // The worst first; of the same kind in the order of the list.
  std::ranges::sort(out.findings, {}, [](const Finding& one) {
    return std::tuple(-static_cast<int>(one.severity), one.certificate.value_or(0), one.id);
  });
  return out;
}

}  // namespace chainmend::diagnose

#include "proxy/diagnose/lint/iis.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "certs/bytes.h"
#include "certs/host_match.h"
#include "proxy/diagnose/certificate_checks.h"
#include "proxy/diagnose/lint/live_server.h"
#include "proxy/diagnose/lint/rebind.h"

namespace chainmend::diagnose {

namespace {

using certs::Certificate;

std::string place_text(const Entry& entry) {
  return entry.place.file +
         (entry.place.entry > 1 ? fmt::format(", entry {}", entry.place.entry) : "");
}

bool for_same_names(const Certificate& a, const Certificate& b) {
  return a.subject_key() == b.subject_key() && a.names() == b.names();
}

class IisLint {
 public:
  explicit IisLint(const IisQuestion& question)
      : question_(question), bindings_(question.input.bindings) {
    for (const Entry& entry : question.input.entries) {
      by_thumbprint_.emplace(certs::thumbprint(entry.certificate->der()), &entry);
    }
    for (const ListedEntry& entry : question.input.listed) {
      by_listed_.emplace(entry.listed.thumbprint, &entry);
    }
  }

  IisVerdict judge() {
    out_.findings = question_.input.unreadable;
    for (const Binding& binding : bindings_) {
      judge(binding);
    }
    judge_shown();
    judge_sources();
    judge_clients_without_name();
    judge_asking();
    judge_bound_certificates();
    if (question_.server != nullptr) {
      judge_live(*question_.server);
    }
    return std::move(out_);
  }

 private:
  void add(Rule rule, const Binding& binding, std::string text, std::string fix) {
    out_.findings.push_back({{to_string(rule),
                              info_on(rule).severity,
                              {},
                              binding.endpoint() + std::move(text),
                              std::move(fix)},
                             {binding.file, 0, binding.line},
                             {},
                             binding.thumbprint});
    if (const Entry* const bound = entry_of(binding)) {
      out_.findings.back().subject = bound->certificate->subject();
    }
  }

  // The certificate that is bound, when it is among the files; else null.
  const Entry* entry_of(const Binding& binding) const {
    const auto found = by_thumbprint_.find(binding.thumbprint);
    return found == by_thumbprint_.end() ? nullptr : found->second;
  }

  // Likewise in a listing of a store; an empty thumbprint is nobody's.
  const ListedEntry* listed_of(const Binding& binding) const {
    const auto found = by_listed_.find(binding.thumbprint);
    return binding.thumbprint.empty() || found == by_listed_.end() ? nullptr : found->second;
  }

  void judge(const Binding& binding) {
    const Entry* const bound = entry_of(binding);
    const ListedEntry* const listed = listed_of(binding);
    out_.facts.push_back(binding.endpoint() + ": " + described(binding, bound, listed));
    if (binding.thumbprint.empty() && binding.shows_certificate && !binding.is_cut) {
      add(Rule::bound_none, binding, " has no certificate: clients are cut off at their hello",
          "IIS Manager, Bindings, Edit: choose one");
      return;
    }
    if (bound != nullptr) {
      judge_replaced(binding, *bound);
      judge_name(binding, *bound->certificate);
    } else if (listed != nullptr) {
      judge_key(binding, *listed);
    } else if (!binding.thumbprint.empty() &&
               !(question_.input.entries.empty() && question_.input.listed.empty())) {
      add(Rule::bound_unknown, binding,
          " is bound to " + binding.thumbprint + ", which is in none of the files",
          "give the file of that certificate, too: Export-Certificate -Cert "
          "Cert:\\LocalMachine\\My\\" +
              binding.thumbprint + " -FilePath bound.cer; when it is not there, bind another one");
    }
  }

  void judge_key(const Binding& binding, const ListedEntry& listed) {
    if (listed.listed.has_private_key == false) {
      add(Rule::bound_without_key, binding,
          fmt::format(
              " is bound to {}, whose private key is not there ({}:{}): clients are cut off "
              "at their hello (event 36870)",
              binding.thumbprint, listed.place.file, listed.place.line),
          "import the certificate with its key, as PFX, or certutil -repairstore My " +
              binding.thumbprint);
    }
  }

  static std::string described(const Binding& binding, const Entry* bound,
                               const ListedEntry* listed) {
    if (binding.is_cut) {
      return "the thumbprint is cut off in this table; Format-List shows it whole";
    }
    if (!binding.shows_certificate) {
      return "this text does not show its certificate; netsh http show sslcert does";
    }
    if (binding.thumbprint.empty()) {
      return "no certificate";
    }
    std::string whose;
    if (bound != nullptr) {
      whose = ", " + bound->certificate->subject() + ", from " + place_text(*bound);
    } else if (listed != nullptr) {
      whose = fmt::format(", {}, listed in {}:{}", listed->listed.subject, listed->place.file,
                          listed->place.line);
    }
    return binding.thumbprint + whose +
           (binding.asks_for_certificate ? *binding.asks_for_certificate
                                               ? "; asks clients for a certificate"
                                               : "; asks clients for none"
                                         : "");
  }

  // A newer one for the same names lies beside it: the renewal was not bound.
  void judge_replaced(const Binding& binding, const Entry& bound) {
    const Entry* newest = &bound;
    for (const Entry& entry : question_.input.entries) {
      const Certificate& one = *entry.certificate;
      if (for_same_names(one, *bound.certificate) && one.valid_at(question_.now) &&
          newest->certificate->not_after() < one.not_after()) {
        newest = &entry;
      }
    }
    if (newest != &bound) {
      const std::string thumbprint = certs::thumbprint(newest->certificate->der());
      add(Rule::bound_replaced, binding,
          fmt::format(" is bound to a certificate that ends at {}; {} has its successor {}, which "
                      "ends at {}",
                      certs::format_time(bound.certificate->not_after()), place_text(*newest),
                      thumbprint, certs::format_time(newest->certificate->not_after())),
          rebind(binding, thumbprint));
    }
  }

  void judge_name(const Binding& binding, const Certificate& bound) {
    if (!binding.host.empty() && binding.host.find('*') == std::string::npos &&
        !certs::is_for_host(bound, binding.host)) {
      add(Rule::bound_other_name, binding,
          " is for clients that ask for " + binding.host + ", and its certificate is not",
          "bind one that is for " + binding.host);
    }
  }

  // A text that shows no certificate at all passes no check.
  void judge_shown() {
    const auto shows = [](const Binding& binding) {
      return binding.shows_certificate && !binding.is_cut;
    };
    if (!bindings_.empty() && std::ranges::none_of(bindings_, shows)) {
      add(Rule::unreadable, bindings_.front(),
          ": neither here nor elsewhere in the text is the certificate shown that is bound",
          "netsh http show sslcert > sslcert.txt, or Get-WebBinding | Format-List *");
    }
  }

  // What a site was configured with, and what HTTP.SYS has.
  void judge_sources() {
    std::map<std::string, const Binding*> of_system;
    for (const Binding& binding : bindings_) {
      if (binding.of_http_sys && !binding.thumbprint.empty()) {
        of_system.emplace(binding.endpoint(), &binding);
      }
    }
    for (const Binding& binding : bindings_) {
      const auto found = of_system.find(binding.endpoint());
      if (!binding.of_http_sys && !binding.thumbprint.empty() && found != of_system.end() &&
          found->second->thumbprint != binding.thumbprint) {
        add(Rule::bindings_disagree, binding,
            fmt::format(": the site is configured with {}, and HTTP.SYS, which counts, has {} "
                        "({}:{})",
                        binding.thumbprint, found->second->thumbprint, found->second->file,
                        found->second->line),
            rebind(*found->second, binding.thumbprint));
      }
    }
  }

  // Old phones do not say which server they want.
  void judge_clients_without_name() {
    std::set<std::uint16_t> with_default;
    for (const Binding& binding : bindings_) {
      if (binding.host.empty()) {
        with_default.insert(binding.port);
      }
    }
    std::set<std::uint16_t> said;
    for (const Binding& binding : bindings_) {
      if (!with_default.contains(binding.port) && said.insert(binding.port).second) {
        add(Rule::only_with_name, binding,
            " and what else is bound at this port is for clients that name their server (SNI): "
            "others, such as Lync Phone Edition and Windows Mobile, are cut off at their hello",
            "bind a certificate to the address as well: 0.0.0.0:" + std::to_string(binding.port));
      }
    }
  }

  // Once for all bindings: most machines have several, and few want certificates of clients.
  void judge_asking() {
    const Binding* first = nullptr;
    std::string places;
    for (const Binding& binding : bindings_) {
      if (binding.of_http_sys && binding.asks_for_certificate == false) {
        first = first == nullptr ? &binding : first;
        places += (places.empty() ? "" : ", ") + binding.endpoint();
      }
    }
    if (first == nullptr) {
      return;
    }
    const std::string text =
        " asks clients for no certificate when they connect (Negotiate Client Certificate): where "
        "a path wants one, such as /shoreauth/certauth, IIS asks by renegotiation, which TLS 1.3 "
        "does not have, and a large request is answered 413";
    add(Rule::asks_late, *first, text,
        "if clients sign in with certificates there: delete the binding and add it again with "
        "clientcertnegotiation=enable, or raise uploadReadAheadSize and turn TLS 1.3 off there");
    if (places != first->endpoint()) {
      out_.findings.back().finding.text += "; likewise all of " + places;
    }
  }

  // Each certificate once, wherever it is bound.
  void judge_bound_certificates() {
    std::set<const Entry*> seen;
    for (const Binding& binding : bindings_) {
      const Entry* const bound = entry_of(binding);
      if (bound == nullptr || !seen.insert(bound).second) {
        continue;
      }
      std::vector<Finding> said;
      check_certificate(*bound->certificate, 0, question_.now, said);
      check_leaf(*bound->certificate, "", said);
      for (Finding& one : said) {
        one.text += "; bound at " + binding.endpoint();
        out_.findings.push_back(
            {std::move(one), bound->place, bound->certificate->subject(), binding.thumbprint});
      }
    }
  }

  // Those that the server may have answered by; those of any address only when no other fits.
  std::vector<const Binding*> candidates(const ProbeReport& report) const {
    const std::string address = report.addresses.front().address.to_string();
    std::vector<const Binding*> exact;
    std::vector<const Binding*> of_any;
    for (const Binding& binding : bindings_) {
      if (binding.port != report.target.port || binding.thumbprint.empty() ||
          !binding.of_http_sys) {
        continue;
      }
      if (binding.is_for_all_addresses()) {
        of_any.push_back(&binding);
      } else if ((!binding.host.empty() && binding.host == report.server_name) ||
                 (binding.host.empty() && binding.address == address)) {
        exact.push_back(&binding);
      }
    }
    return exact.empty() ? of_any : exact;
  }

  void judge_live(const ProbeReport& report) {
    if (auto problem = not_reached(report)) {
      out_.findings.push_back(*std::move(problem));
      return;
    }
    LiveVerdict live = lint_live_server(report);
    std::ranges::move(live.facts, std::back_inserter(out_.facts));
    const std::vector<const Binding*> fitting = candidates(report);
    const Certificate& shown = *shown_list(report)->list.front();
    const std::string thumbprint = certs::thumbprint(shown.der());
    const bool is_bound = std::ranges::any_of(fitting, [&thumbprint](const Binding* binding) {
      return binding->thumbprint == thumbprint;
    });
    if (fitting.empty()) {
      out_.facts.push_back("No binding here is for " + report.target.text());
    } else if (is_bound) {
      out_.facts.push_back(report.target.text() + " shows the certificate that is bound");
    } else {
      add(Rule::binding_mismatch, *fitting.front(),
          fmt::format(" is bound to {}, and {} shows {}, {}", fitting.front()->thumbprint,
                      report.target.text(), thumbprint, shown.subject()),
          "make sure that this server is asked, and no proxy, load balancer or other machine with "
          "its name; what is shown becomes what is bound by " +
              rebind(*fitting.front(), thumbprint));
    }
    std::ranges::move(live.findings, std::back_inserter(out_.findings));
  }

  const IisQuestion& question_;
  const std::vector<Binding>& bindings_;
  std::unordered_map<std::string, const Entry*> by_thumbprint_;
  std::unordered_map<std::string, const ListedEntry*> by_listed_;
  IisVerdict out_;
};

}  // namespace

IisVerdict lint_iis(const IisQuestion& question) { return IisLint(question).judge(); }

}  // namespace chainmend::diagnose

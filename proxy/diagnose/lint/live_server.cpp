#include "proxy/diagnose/lint/live_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "certs/bytes.h"

namespace chainmend::diagnose {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) {
    all += (all.empty() ? "" : ", ") + word;
  }
  return all;
}

// The address that was asked; null: none, or it speaks no TLS.
const AddressReport* asked_of(const ProbeReport& report) {
  const auto found = std::ranges::find_if(
      report.addresses, [](const AddressReport& address) { return address.speaks_tls(); });
  return found == report.addresses.end() ? nullptr : &*found;
}

LintFinding finding(Rule rule, const ProbeReport& report, std::string text, std::string fix) {
  return {{to_string(rule), info_on(rule).severity, {}, std::move(text), std::move(fix)},
          place_of(report),
          {},
          {}};
}

// Of one list, each with the certificate that it is about. shown_to: who sees it, when it is not
// the list that most see.
void add_verdict(const Served& served, const Place& place, const std::string& shown_to,
                 LiveVerdict& out) {
  for (const Finding& one : served.verdict.findings) {
    LintFinding said{one, place, {}, {}};
    if (one.id == "name-mismatch") {
      said.finding.fix = "have it issued with this name, or let clients use one of its names";
    }
    said.finding.text += shown_to;
    if (one.certificate && *one.certificate < served.list.size()) {
      const certs::Certificate& certificate = *served.list[*one.certificate];
      said.place.entry = *one.certificate + 1;
      said.subject = certificate.subject();
      said.thumbprint = certs::thumbprint(certificate.der());
    }
    out.findings.push_back(std::move(said));
  }
}

std::string described(const ProbeReport& report, const Served& served, bool is_only) {
  const certs::Certificate& leaf = *served.list.front();
  return fmt::format("{} shows {} certificate{}{}; the first is {}, SHA-1 {}", report.target.text(),
                     served.list.size(), served.list.size() == 1 ? "" : "s",
                     is_only ? "" : " to " + joined(served.to), leaf.subject(),
                     certs::thumbprint(leaf.der()));
}

}  // namespace

Place place_of(const ProbeReport& report) { return {report.target.text(), 0, 0}; }

const Served* shown_list(const ProbeReport& report) {
  const AddressReport* const address = asked_of(report);
  if (address == nullptr) {
    return nullptr;
  }
  const Served* const named = address->served_to(true);
  return named != nullptr ? named : address->served_to(false);
}

std::string asked_address(const ProbeReport& report) {
  const AddressReport* const address = asked_of(report);
  if (address == nullptr) {
    return "";
  }
  const std::size_t all = report.connections.size();
  return fmt::format("Asked at {} on {}{}", address->address.to_string(), report.target.text(),
                     all > 1 ? fmt::format(", one of its {} addresses: chainmend probe "
                                           "--all-addresses asks each",
                                           all)
                             : std::string());
}

std::optional<LintFinding> not_reached(const ProbeReport& report) {
  const std::string& host = report.target.host;
  if (shown_list(report) != nullptr) {
    return std::nullopt;
  }
  if (!report.resolved) {
    return finding(Rule::not_reached, report,
                   "there is no file '" + host + "', and no server: " +
                       report.resolved.error().text + "; phones log \"Host not found\" then",
                   "correct the name, or its A record in the DNS that the clients ask");
  }
  for (const AddressReport& address : report.addresses) {
    if (!address.not_tls.empty()) {
      return finding(Rule::not_reached, report, address.not_tls,
                     "give the port that speaks TLS: " + host + ":PORT");
    }
  }
  if (report.addresses.empty() || !report.addresses.front().failure.empty()) {
    const std::string why = !report.addresses.empty()    ? report.addresses.front().failure
                            : report.connections.empty() ? "no address"
                                                         : report.connections.front().failure;
    return finding(Rule::not_reached, report, "no connection: " + why,
                   "check the port, the service behind it, and firewalls between");
  }
  return finding(Rule::not_reached, report,
                 "speaks TLS, and shows no certificate that could be read",
                 "chainmend probe " + report.target.text() + " shows what it answers");
}

LiveVerdict lint_live_server(const ProbeReport& report) {
  LiveVerdict out;
  if (auto problem = not_reached(report)) {
    out.findings.push_back(*std::move(problem));
    return out;
  }
  const AddressReport& address = *asked_of(report);
  out.facts.push_back(asked_address(report));
  for (const Finding& one : address.findings) {
    out.findings.push_back({one, place_of(report), {}, {}});
  }
  const Served& shown = *shown_list(report);
  for (const Served& served : address.served) {
    add_verdict(served, place_of(report),
                &served == &shown ? "" : " (of the list for " + joined(served.to) + ")", out);
    out.facts.push_back(described(report, served, address.served.size() == 1));
    out.certificates += served.list.size();
  }
  const Served* const unnamed = address.served_to(false);
  const bool differs = unnamed != nullptr && unnamed != &shown && shown.to_named > 0 &&
                       unnamed->list.front()->fingerprint() != shown.list.front()->fingerprint();
  if (differs) {
    out.findings.push_back(finding(
        Rule::other_without_name, report,
        "clients that name no server, as old phones do, get another certificate: " +
            unnamed->list.front()->subject() + ", SHA-1 " +
            certs::thumbprint(unnamed->list.front()->der()),
        "make the one of this host the default: the binding of the address, and not of a name"));
  }
  out.repaired = shown.verdict.repaired;
  return out;
}

}  // namespace chainmend::diagnose

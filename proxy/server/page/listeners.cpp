// What each listener speaks with whom, and who still needs versions that ought to go.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "proxy/server/page/parts.h"

namespace chainmend::server {

namespace {

using serving::ListenerReport;
using serving::TermsReport;

std::string terms_of(const TermsReport& terms) {
  return fmt::format(
      "{}: policy {}, {} to {}{}", terms.client_type.empty() ? "everybody else" : terms.client_type,
      terms.policy, tls::version_name(terms.min_version), tls::version_name(terms.max_version),
      terms.from.empty() ? "" : fmt::format(", from {}", fmt::join(terms.from, ", ")));
}

void terms_list(Html& html, const ListenerReport& listener) {
  html.open("ul");
  for (const TermsReport& terms : listener.terms) {
    html.element("li", terms_of(terms));
  }
  for (const serving::PassthroughReport& rule : listener.passthrough) {
    html.element("li", "passed through to " + rule.upstream);
  }
  if (listener.terms.empty() && listener.passthrough.empty()) {
    html.element("li", "no TLS");
  }
  html.close();
}

// Below TLS 1.2.
bool is_old(std::uint16_t version) { return version != 0 && version < clients::kTls12; }

bool allows_old(const ListenerReport& listener) {
  return std::ranges::any_of(listener.terms,
                             [](const TermsReport& terms) { return is_old(terms.min_version); });
}

// Who came with an old version, and when last; or since when nobody has.
void old_versions(Html& html, const Overview& overview, const ListenerReport& listener) {
  html.open("ul");
  std::size_t found = 0;
  for (const ClientStanding& client : overview.clients) {
    for (std::size_t i = 0; i < client.counts.versions.size(); ++i) {
      const metrics::VersionUse& use = client.counts.versions[i];
      if (client.counts.listener == listener.name && use.count > 0 &&
          is_old(metrics::kVersions[i])) {
        html.element("li", fmt::format("{} with {}: {} times, last {}", client.counts.type.name(),
                                       clients::version_label(metrics::kVersions[i]), use.count,
                                       when(use.last)));
        ++found;
      }
    }
  }
  if (found == 0) {
    const auto start = std::chrono::floor<std::chrono::seconds>(overview.started);
    html.element("li", allows_old(listener)
                           ? "nobody, since the start " + when(start) + ", though it is allowed"
                           : "nobody may");
  }
  html.close();
}

Row row_of(const Overview& overview, const ListenerReport& listener) {
  const std::string addresses =
      fmt::format("{}", fmt::join(overview.bound.at(listener.name), ", "));
  const std::string policies = fmt::format("{}", fmt::join(listener.policies(), " "));
  Row row{id_of({"listener", listener.name}), findable({listener.name, addresses, policies}), {}};
  Html html;
  html.open("tr", {{"id", row.id}, {"data-find", row.find}});
  html.element("th", listener.name, {{"scope", "row"}});
  html.element("td", addresses).element("td", config::to_string(listener.mode)).open("td");
  terms_list(html, listener);
  html.close().open("td");
  old_versions(html, overview, listener);
  html.close().close();
  row.html = html.take();
  return row;
}

}  // namespace

Section listeners_section(const Overview& overview) {
  Section section{
      "listeners",
      "Listeners and policies",
      {},
      {"Listener", "Addresses", "Mode", "Who may speak what", "Who used TLS 1.1 or older"},
      {}};
  for (const ListenerReport& listener : overview.report->listeners) {
    section.rows.push_back(row_of(overview, listener));
  }
  section.intro =
      intro(section.id, "Old versions can go where nobody has used them for long enough.");
  return section;
}

}  // namespace chainmend::server

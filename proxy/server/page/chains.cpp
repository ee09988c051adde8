// What list each name gets, as a picture: leaf -> intermediates -> root; and certificates by
// expiry.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "certs/certificate.h"
#include "proxy/server/page/parts.h"

namespace chainmend::server {

namespace {

using serving::CertificateReport;

constexpr auto kSoon = std::chrono::days(30);

std::string source_of(certs::Origin origin) {
  switch (origin) {
    case certs::Origin::leaf_file:
      return "from its own file";
    case certs::Origin::bundle:
      return "from chain.bundles";
    case certs::Origin::cache:
      return "fetched by AIA, from the cache";
    case certs::Origin::aia:
      return "fetched by AIA";
    case certs::Origin::root:
      return "from the roots";
    case certs::Origin::peer:
      return "from a server";
  }
  return {};
}

std::string days_left(std::chrono::sys_seconds end, std::chrono::sys_seconds now) {
  const auto days = std::chrono::floor<std::chrono::days>(end - now).count();
  return days < 0 ? fmt::format("ended {} days ago", -days) : fmt::format("{} days left", days);
}

Mark mark_of(std::chrono::sys_seconds end, std::chrono::sys_seconds now) {
  return end < now ? Mark::bad : end < now + kSoon ? Mark::warning : Mark::good;
}

std::string day_of(std::chrono::sys_seconds at) { return when(at).substr(0, 10); }

void link_box(Html& html, std::string_view kind, const certs::Certificate& link,
              std::string_view source, std::chrono::sys_seconds now) {
  html.open("li", {{"class", kind == "root, not sent" ? "link unsent" : "link"}});
  html.element("span", kind, {{"class", "dim"}});
  html.element("b", link.common_name().empty() ? link.subject() : link.common_name());
  html.element("span", source);
  html.open("span").text("ends " + day_of(link.not_after()) + ", ");
  mark(html, mark_of(link.not_after(), now), days_left(link.not_after(), now));
  html.close().close();
}

void missing_box(Html& html, const CertificateReport& report) {
  const certs::Failure& failure = *report.chain.failure;
  html.open("li", {{"class", "link missing"}});
  html.element("span", "missing", {{"class", "mark bad"}});
  html.element("b", failure.at->issuer());
  const auto& key_id = failure.at->authority().key_id;
  html.element("span", "key id " + (key_id ? certs::hex_colons(*key_id) : "not told"));
  html.close();
}

void picture(Html& html, const CertificateReport& report, std::chrono::sys_seconds now) {
  html.open("ol", {{"class", "chain"}});
  const auto& links = report.chain.certificates;
  for (std::size_t i = 0; i < links.size(); ++i) {
    link_box(html, i == 0 ? "leaf" : "intermediate", *links[i].certificate,
             source_of(links[i].origin), now);
  }
  if (report.chain.anchor != nullptr &&
      links.back().certificate->fingerprint() != report.chain.anchor->fingerprint()) {
    link_box(html, "root, not sent", *report.chain.anchor, "from " + report.chain.profile, now);
  }
  if (report.chain.failure) {
    missing_box(html, report);
  }
  html.close();
}

void trouble(Html& html, const CertificateReport& report) {
  if (report.chain.failure) {
    html.element("p", "Incomplete: " + report.chain.failure->describe(), {{"class", "hint"}});
    if (!report.remedy.empty()) {
      html.open("p", {{"class", "hint"}}).element("b", "Fix: ").text(report.remedy).close();
    }
    html.open("p").text("Then: ").element("code", "chainmend reload").close();
  }
  for (const std::string& warning : report.chain.warnings) {
    html.element("p", warning, {{"class", "hint"}});
  }
}

Row row_of(const CertificateReport& report, std::size_t number, std::chrono::sys_seconds now) {
  const std::vector<std::string> names = report.chain.certificates.front().certificate->names();
  const std::string all = fmt::format("{}", fmt::join(names, ", "));
  Row row{id_of({"chain", report.name, report.chain_name, std::to_string(number)}),
          findable({report.name, report.chain_name, report.key, all,
                    report.chain.complete ? "complete" : "incomplete"}),
          {}};
  Html html;
  html.open("article", {{"id", row.id}, {"class", "row"}, {"data-find", row.find}});
  html.open("h3");
  mark(html, report.chain.complete ? Mark::good : Mark::bad,
       report.chain.complete ? "complete" : "incomplete");
  html.text(" " + (all.empty() ? report.name : all)).close();
  html.element(
      "p",
      fmt::format("Certificate {}, {}, chain {}, on {}.", report.name, report.key,
                  report.chain_name,
                  report.listeners.empty() ? "no listener"
                                           : fmt::format("{}", fmt::join(report.listeners, ", "))),
      {{"class", "dim"}});
  picture(html, report, now);
  trouble(html, report);
  html.element("p", report.accepted_by.empty() ? "No root store that is configured accepts it."
                                               : fmt::format("Accepted by the roots of {}.",
                                                             fmt::join(report.accepted_by, ", ")));
  html.close();
  row.html = html.take();
  return row;
}

// The first of its certificates to end.
const certs::Certificate& first_to_end(const CertificateReport& report) {
  const auto first = std::ranges::min_element(
      report.chain.certificates, {},
      [](const certs::Candidate& link) { return link.certificate->not_after(); });
  return *first->certificate;
}

Row expiry_row(const CertificateReport& report, std::size_t number, std::chrono::sys_seconds now) {
  const certs::Certificate& first = first_to_end(report);
  const bool is_leaf =
      first.fingerprint() == report.chain.certificates.front().certificate->fingerprint();
  Row row{id_of({"certificate", report.name, report.chain_name, std::to_string(number)}),
          findable({report.name, report.chain_name, report.key, first.subject()}),
          {}};
  Html html;
  html.open("tr", {{"id", row.id}, {"data-find", row.find}});
  html.element("th", report.name, {{"scope", "row"}}).element("td", report.key);
  html.element("td", day_of(first.not_after())).open("td");
  mark(html, mark_of(first.not_after(), now), days_left(first.not_after(), now));
  html.close();
  html.element("td", is_leaf ? "the leaf itself" : "intermediate " + first.common_name());
  html.element("td", report.chain_name).close();
  row.html = html.take();
  return row;
}

// One that it keeps while the configuration stays.
std::size_t number_of(const CertificateReport& report, const Overview& overview) {
  return static_cast<std::size_t>(&report - overview.report->certificates.data());
}

std::chrono::sys_seconds now_of(const Overview& overview) {
  return std::chrono::floor<std::chrono::seconds>(overview.now);
}

}  // namespace

Section chains_section(const Overview& overview) {
  Section section{"chains", "What chain each name serves", {}, {}, {}};
  std::vector<const CertificateReport*> reports;
  for (const CertificateReport& report : overview.report->certificates) {
    reports.push_back(&report);
  }
  std::ranges::sort(reports, {}, [](const auto* report) {
    return std::pair(report->chain.complete, report);  // else as they are configured
  });
  std::size_t incomplete = 0;
  for (std::size_t i = 0; i < reports.size(); ++i) {
    incomplete += reports[i]->chain.complete ? 0 : 1;
    section.rows.push_back(row_of(*reports[i], number_of(*reports[i], overview), now_of(overview)));
  }
  section.intro = intro(
      section.id, reports.empty() ? "No certificate is served."
                  : incomplete == 0
                      ? "Each list is complete."
                      : fmt::format("{} of {} lists are incomplete.", incomplete, reports.size()));
  return section;
}

Section certificates_section(const Overview& overview) {
  Section section{"certificates",
                  "Certificates by expiry",
                  {},
                  {"Certificate", "Key", "Ends", "Left", "What ends first", "Chain"},
                  {}};
  std::vector<const CertificateReport*> reports;
  for (const CertificateReport& report : overview.report->certificates) {
    reports.push_back(&report);
  }
  std::ranges::sort(reports, {}, [](const auto* report) {
    return std::pair(first_to_end(*report).not_after(), report);
  });
  for (std::size_t i = 0; i < reports.size(); ++i) {
    section.rows.push_back(
        expiry_row(*reports[i], number_of(*reports[i], overview), now_of(overview)));
  }
  section.intro = intro(section.id, "Of each list, the certificate that ends first.");
  return section;
}

std::vector<Section> lasting_sections(const Overview& overview) {
  return {chains_section(overview), certificates_section(overview)};
}

}  // namespace chainmend::server

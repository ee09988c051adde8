// The process itself: what AIA brought, how the last reloads went, which versions run.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "proxy/server/page/parts.h"

namespace chainmend::server {

namespace {

std::string when(std::chrono::system_clock::time_point at) {
  return server::when(std::optional(std::chrono::floor<std::chrono::seconds>(at)));
}

// A term with what there is to say of it.
class Said {
 public:
  Said(Section& section, std::string_view name) : section_(section) {
    row_.id = id_of({"process", name});
    row_.find = findable({name});
    html_.open("tr", {{"id", row_.id}, {"data-find", row_.find}});
    html_.element("th", name, {{"scope", "row"}}).open("td");
  }
  ~Said() {
    html_.close().close();
    row_.html = html_.take();
    section_.rows.push_back(std::move(row_));
  }
  Said(const Said&) = delete;
  Said& operator=(const Said&) = delete;

  Said& line(std::string_view text) {
    html_.element("p", text);
    return *this;
  }
  Said& bad(std::string_view text) {
    html_.open("p", {{"class", "hint"}});
    mark(html_, Mark::bad, "error");
    html_.text(" ").text(text).close();
    return *this;
  }
  Said& warning(std::string_view text) {
    html_.open("p", {{"class", "hint"}});
    mark(html_, Mark::warning, "warning");
    html_.text(" ").text(text).close();
    return *this;
  }

 private:
  Section& section_;
  Row row_;
  Html html_;
};

void add_reloads(Section& section, const Overview& overview) {
  Said said(section, "Reloads");
  said.line("In force: " + overview.config_file + ", read " + when(overview.loaded) + ".");
  if (!overview.last_reload_error.empty()) {
    said.bad("The last reload was refused, what was served before is served on: " +
             overview.last_reload_error);
  }
  if (!overview.last_refresh_error.empty()) {
    said.bad("The last refresh was refused: " + overview.last_refresh_error);
  }
  if (!overview.needs_restart.empty()) {
    said.warning(
        fmt::format("Taken by a restart alone: {}.", fmt::join(overview.needs_restart, ", ")));
  }
  for (const config::Diagnostic& one : overview.report->warnings) {
    said.warning(one.at.file.empty() ? one.text : one.at.describe() + ": " + one.text);
  }
}

void add_aia(Section& section, const Overview& overview) {
  Said said(section, "AIA");
  said.line(
      overview.aia.fetches
          ? fmt::format("Missing intermediates are fetched; {} in the cache.", overview.aia.cached)
          : "Nothing is fetched (chain.aia.mode).");
  std::string counts;
  for (std::size_t i = 0; i < overview.aia.outcomes.size(); ++i) {
    const auto outcome = static_cast<metrics::AiaOutcome>(i);
    if (overview.aia.outcomes[outcome] > 0) {
      counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", metrics::to_string(outcome),
                            overview.aia.outcomes[outcome]);
    }
  }
  if (!counts.empty()) {
    said.line("Fetches since the start: " + counts + ".");
  }
  for (const std::string& problem : overview.aia.problems) {
    said.warning(problem);
  }
}

}  // namespace

Section process_section(const Overview& overview) {
  Section section{"process", "This process", {}, {"What", "How it is"}, {}};
  section.intro = intro(section.id, fmt::format("{} open connections{}.", overview.open_connections,
                                                overview.draining ? "; it is about to end" : ""));
  add_aia(section, overview);
  add_reloads(section, overview);
  Said(section, "Versions")
      .line("chainmend " + overview.versions.version + ", " + overview.versions.openssl + ".")
      .line("Started " + when(overview.started) + ".");
  return section;
}

}  // namespace chainmend::server

#include "proxy/server/page/document.h"

#include <fmt/format.h>

#include "config/values.h"
#include "proxy/server/page/feed.h"

namespace chainmend::server {

namespace {

constexpr Html::Fixed kHead(R"(<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>chainmend: who connects, and who cannot</title>
<link rel="icon" href="/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page/page.css">
<script src="/page/page.js" defer></script>
</head>
)");
constexpr Html::Fixed kFilter(R"(<form method="get" action="/" role="search">
<label for="filter">Filter</label> )");
constexpr Html::Fixed kFilterEnd(R"(
<button>Filter</button>
<span id="found" role="status"></span>
</form>
)");
// Shown by the script when a token is configured: without it nothing can be sent.
constexpr Html::Fixed kChanges(R"(<form id="changes" class="changes" hidden>
<label for="token">Token, to change something</label>
<input id="token" type="password" autocomplete="off">
<button type="button" hidden data-change="/reload">reload the configuration</button>
<span id="changed" role="status"></span>
</form>
)");

bool fits(const Row& row, const std::string& low) {
  return low.empty() || row.find.find(low) != std::string::npos;
}

void rows_of(Html& html, const Section& section, const std::string& low) {
  for (const Row& row : section.rows) {
    if (fits(row, low)) {
      html.part(row.html);
    }
  }
}

void table_of(Html& html, const Section& section, const std::string& low) {
  html.open(
      "div",
      {{"class", "wide"}, {"role", "group"}, {"tabindex", "0"}, {"aria-label", section.title}});
  html.open("table").open("thead").open("tr");
  for (const std::string& column : section.columns) {
    html.element("th", column, {{"scope", "col"}});
  }
  html.close().close().open("tbody", {{"id", holder_of(section)}});
  rows_of(html, section, low);
  html.close().close().close();
}

void section_of(Html& html, const Section& section, const std::string& low) {
  html.open("section", {{"id", section.id}, {"aria-labelledby", section.id + "-title"}});
  html.element("h2", section.title, {{"id", section.id + "-title"}}).part(section.intro);
  if (section.columns.empty()) {
    html.open("div", {{"id", holder_of(section)}});
    rows_of(html, section, low);
    html.close();
  } else {
    table_of(html, section, low);
  }
  html.close();
}

void header_of(Html& html, const std::vector<Section>& sections, const Overview& overview,
               const DocumentFacts& facts) {
  html.open("header").open("h1").text("chainmend ");
  html.element("small", overview.versions.version).close();
  html.element("p",
               "As of " + when(std::chrono::floor<std::chrono::seconds>(overview.now)) +
                   "; load the page again for what is new.",
               {{"id", "live"}, {"role", "status"}});
  html.fixed(kFilter).lone("input", {{"type", "search"},
                                     {"id", "filter"},
                                     {"name", "q"},
                                     {"maxlength", "200"},
                                     {"value", facts.filter}});
  html.fixed(kFilterEnd);
  if (facts.may_change) {
    html.fixed(kChanges);
  }
  html.open("nav", {{"aria-label", "Sections"}}).open("ul");
  for (const Section& section : sections) {
    html.open("li").link(section.id, section.title).close();
  }
  html.close().close().close();
}

}  // namespace

std::string document(const std::vector<Section>& sections, const Overview& overview,
                     const DocumentFacts& facts) {
  const std::string low = config::lower(facts.filter);
  Html html;
  html.fixed(kHead);
  // What the filter left out is not on the page: the script has to ask for all of it.
  html.open("body", {{"data-number", low.empty() ? std::to_string(facts.number) : "0"}});
  header_of(html, sections, overview, facts);
  html.open("main");
  for (const Section& section : sections) {
    section_of(html, section, low);
  }
  html.close().close().fixed(Html::Fixed("</html>\n"));
  return html.take().str();
}

}  // namespace chainmend::server

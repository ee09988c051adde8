// What the page is made of: sections with rows, each of which is replaced as a whole when it has
// changed. Pure functions from an Overview.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "proxy/server/overview.h"
#include "proxy/server/page/html.h"

namespace chainmend::server {

struct Row {
  std::string id;    // of its one element; unique on the page
  std::string find;  // what the filter looks at: its attribute data-find
  Markup html;       // that element
};

struct Section {
  std::string id;
  std::string title;
  Markup intro;  // one element with the id "ID-intro"
  // How rows are held: columns of a table, or none for a list.
  std::vector<std::string> columns;
  std::vector<Row> rows;
};

// In the order in which somebody asks when phones do not connect.
Section clients_section(const Overview& overview);       // who cannot connect, and why
Section chains_section(const Overview& overview);        // which name gets which list
Section listeners_section(const Overview& overview);     // and who still needs old versions
Section upstreams_section(const Overview& overview);     // the servers behind
Section certificates_section(const Overview& overview);  // by expiry
Section process_section(const Overview& overview);       // AIA, reloads, versions

// Those that change with the configuration and the day alone.
std::vector<Section> lasting_sections(const Overview& overview);

// <p id="ID-intro">text</p>
Markup intro(const std::string& id, std::string_view text);

// How good something is: its word, and the class that colours it.
enum class Mark { good, warning, bad, dim };
void mark(Html& html, Mark how, std::string_view word);

// The text by which the filter finds a row, for its attribute data-find.
std::string findable(std::initializer_list<std::string_view> words);

// "2026-11-27 15:04:05 UTC", or "never".
std::string when(std::optional<std::chrono::sys_seconds> at);

}  // namespace chainmend::server

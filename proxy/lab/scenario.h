// Scenario: one story of a lab: what its VIP does wrong, who fails of it and why, what mends it,
// and which commands of chainmend show both.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chainmend::lab {

// A lab is broken or fixed, by `chainmend lab break` and `fix`.
enum class State { broken, fixed };

// A command of chainmend that shows how things stand, and its exit status.
struct Check {
  std::string_view title;
  std::vector<std::string_view> command;  // {internal}, {pki} ... stand for places: places.h
  int broken = 1;
  int fixed = 0;
};

// What others would have logged of it: a line for each, with {time} and places in it.
struct LogLines {
  std::string_view file;  // in logs/
  std::string_view broken;
  std::string_view fixed = {};
};

struct Scenario {
  std::string_view name;
  std::string_view summary;  // a line for the list of scenarios
  std::string_view broken;   // who fails, and why
  std::string_view fix;      // what mends it, on the VIP itself
  // What the VIP at {internal} shows: files of pki/ with its list, and the names of their keys.
  std::string_view broken_list, fixed_list;
  std::string_view broken_key = "leaf", fixed_key = "leaf";
  // Its TLS policy.
  std::string_view broken_policy = "legacy-tls10", fixed_policy = "legacy-tls10";
  std::string_view phone_roots = "root.pem";  // of pki/: all that the phones know
  bool aia_is_down = false;     // while broken: the web server of the authority answers nothing
  bool fetches_by_aia = false;  // chainmend has no bundle
  std::vector<Check> checks;
  std::vector<LogLines> logs;
};

std::span<const Scenario> scenarios();
const Scenario* find_scenario(std::string_view name);  // null: none is called so

}  // namespace chainmend::lab

#include <algorithm>
#include <array>
#include <string_view>

#include "config/reference.h"

namespace chainmend::config {
namespace {

// The sections that hold examples alone.
constexpr std::array<std::string_view, 6> kExamples{
    "trust_profiles:", "certificates:", "tls_policies:",
    "client_types:",   "listeners:",    "upstreams:"};

constexpr std::string_view kListener = R"(
# The smallest file: a listener that answers 404. Put those of yours in its place; they look like the
# examples above.
listeners:
  - { name: example, listen: "127.0.0.1:8443", tls: off, routes: [{ path: /, status: 404 }] }
)";

bool begins_section(std::string_view line) {
  return !line.empty() && line.front() >= 'a' && line.front() <= 'z';
}

// A folder of the machine, where only its owner may write.
bool names_folder(std::string_view line) { return line.find(": /var/") != std::string_view::npos; }

}  // namespace

std::string starting_file() {
  const std::string all = reference();
  std::string_view rest = all;
  std::string out;
  bool example = false;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (begins_section(line)) {
      example = std::ranges::any_of(
          kExamples, [&](std::string_view section) { return line.starts_with(section); });
    }
    const bool comment = line.empty() || line.front() == '#';
    if (!comment && (example || names_folder(line))) {
      out += "# ";
    }
    out += line;
    out += '\n';
  }
  out += kListener;
  return out;
}

}  // namespace chainmend::config

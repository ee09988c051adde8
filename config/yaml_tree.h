// Text -> a plain tree of nodes with their places. The only file pair that knows yaml-cpp, and a
// narrower YAML than yaml-cpp reads: one document, no anchors, aliases, tags or merge keys, unique
// plain keys, bounded depth and size.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/result.h"

namespace chainmend::config {

struct YamlNode {
  // refused: something stands here, and an error about it has been reported already.
  enum class Kind { nothing, scalar, list, map, refused };

  Kind kind = Kind::nothing;
  int line = 0;  // from 1, as an editor counts
  int column = 0;
  std::string text;             // of a scalar
  std::vector<YamlNode> keys;   // of a map: scalars, each with its value in items
  std::vector<YamlNode> items;  // of a list or map
};

// Reads text, which refuse_text() let pass. Every problem goes to `problems`; after those that
// leave no tree (a syntax error, the limits) the result is empty. A document without content is a
// node of kind nothing. Never throws.
std::optional<YamlNode> read_tree(std::string_view text, const std::string& file,
                                  Diagnostics& problems);

}  // namespace chainmend::config

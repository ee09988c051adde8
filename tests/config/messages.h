// What the table tests of messages share: a case is a text and every message that it must give, in
// order.
#pragma once

#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"

namespace chainmend::config {

using Messages = std::vector<std::string>;

struct MessageCase {
  const char* name;
  std::string yaml;
  Messages messages;
};

inline void PrintTo(const MessageCase& one, std::ostream* out) { *out << one.name; }

inline std::string name_of(const testing::TestParamInfo<MessageCase>& info) {
  return info.param.name;
}

inline Messages describe(const Diagnostics& diagnostics) {
  Messages out;
  for (const Diagnostic& one : diagnostics) {
    out.push_back(one.describe());
  }
  return out;
}

// The errors of text; none when it parses.
inline Messages errors_of(const std::string& yaml) {
  const Result<Config> config = parse(yaml, "c.yaml");
  return config ? Messages{} : describe(only(Severity::error, config.error()));
}

// The warnings of text, beside errors too.
inline Messages warnings_of(const std::string& yaml) {
  const Result<Config> config = parse(yaml, "c.yaml");
  return describe(config ? config->warnings : only(Severity::warning, config.error()));
}

// What makes a text complete that is only about another section. Lines of its own, for the end of
// the text.
inline constexpr const char* kServing = R"(
certificates: { mail: { pfx: mail.pfx } }
listeners: [ { name: exchange, listen: "0.0.0.0:443", certificates: mail, upstream: cas } ]
upstreams: { cas: { servers: "http://10.0.0.11" } }
)";

}  // namespace chainmend::config

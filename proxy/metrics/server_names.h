// ServerNames: the names that a listener knows, with their numbers for the metrics. Built with a
// snapshot and not changed after; thread-safe.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "proxy/metrics/labels.h"

namespace chainmend::metrics {

class ServerNames {
 public:
  // name: lower case; "*.contoso.com" stands for names that are one label longer.
  void add(const std::string& name, ServerNameLabel label);

  // The label of what a client asked for, in lower case: that name's, else its wildcard's, else
  // `other`; `none` of an empty one. A client sends text, so one look-up by text there must be; it
  // allocates nothing.
  ServerNameLabel label_of(std::string_view asked) const;

 private:
  using Labels = std::map<std::string, ServerNameLabel, std::less<>>;
  Labels exact_;
  Labels wild_;  // without the asterisk: ".contoso.com"
};

}  // namespace chainmend::metrics

// Page: the text of one scrape as it is put together, metric by metric. The one place that knows
// prometheus-cpp.
#pragma once

#include <prometheus/metric_family.h>

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/metrics/cells.h"

namespace chainmend::metrics {

using Label = std::pair<const char*, std::string_view>;
using Labels = std::initializer_list<Label>;

// The samples of one metric, of whichever listener or upstream.
class Family {
 public:
  // name: without the prefix `chainmend_`.
  Family(const char* name, const char* help, prometheus::MetricType type);

  void add(Labels labels, double value);
  void add(Labels labels, const Counter& counter);
  void add(Labels labels, const Histogram& histogram);

 private:
  friend class Page;
  prometheus::ClientMetric& sample(Labels labels);

  prometheus::MetricFamily family_;
};

class Page {
 public:
  // A family without samples leaves no trace.
  void put(Family family);
  // In Prometheus' text format 0.0.4.
  std::string text() const;

 private:
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace chainmend::metrics

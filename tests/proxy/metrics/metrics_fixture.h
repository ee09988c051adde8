// MetricsTest: metrics with one listener, "phones", and what a scrape of them says.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "proxy/metrics/metrics.h"
#include "tests/proxy/metrics/scraped.h"

namespace chainmend::metrics {

class MetricsTest : public testing::Test {
 protected:
  // The series' value in a scrape of now; -1 when there is none.
  double value(const std::string& name, const std::string& labels = "") const {
    const Series series = scrape(metrics_);
    const auto found =
        series.find("chainmend_" + name + (labels.empty() ? "" : "{" + labels + "}"));
    return found == series.end() ? -1 : found->second;
  }
  // The same of one listener and of clients without a type of their own.
  double of_phones(const std::string& name, const std::string& label) const {
    return value(name, R"(listener="phones",client_type="other",)" + label);
  }

  Metrics metrics_{{"1.2.3", "OpenSSL 3.0"}};
  ListenerMetrics& phones_ = metrics_.listener("phones");
};

}  // namespace chainmend::metrics

#include "proxy/metrics/page.h"

#include <prometheus/text_serializer.h>

#include <limits>
#include <ostream>
#include <streambuf>

namespace chainmend::metrics {
namespace {

using prometheus::MetricType;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// A stream buffer that appends to a string. The serialiser writes label values byte by byte, and
// each byte costs a virtual call here; std::stringbuf's is dearer, and its text would be copied
// once more.
class StringBuffer final : public std::streambuf {
 public:
  explicit StringBuffer(std::string& text) : text_(text) {}

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    text_.append(bytes, static_cast<std::size_t>(count));
    return count;
  }
  int_type overflow(int_type byte) override {
    text_.push_back(traits_type::to_char_type(byte));
    return byte;
  }

 private:
  std::string& text_;
};

}  // namespace

Family::Family(const char* name, const char* help, MetricType type) {
  family_.name = std::string("chainmend_") + name;
  family_.help = help;
  family_.type = type;
}

void Family::add(Labels labels, double value) {
  auto& metric = sample(labels);
  (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
}

void Family::add(Labels labels, const Counter& counter) {
  add(labels, static_cast<double>(counter.value()));
}

void Family::add(Labels labels, const Histogram& histogram) {
  auto& out = sample(labels).histogram;
  const auto bounds = histogram.bounds();
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    out.sample_count += histogram.bucket(i);
    out.bucket.push_back({out.sample_count, i < bounds.size()
                                                ? seconds(bounds[i])
                                                : std::numeric_limits<double>::infinity()});
  }
  out.sample_sum = seconds(histogram.sum());
}

prometheus::ClientMetric& Family::sample(Labels labels) {
  auto& metric = family_.metric.emplace_back();
  metric.label.reserve(labels.size());
  for (const auto& [name, value] : labels) {
    metric.label.push_back({name, std::string(value)});
  }
  return metric;
}

void Page::put(Family family) {
  if (!family.family_.metric.empty()) {
    families_.push_back(std::move(family.family_));
  }
}

std::string Page::text() const {
  std::string text;
  StringBuffer buffer(text);
  std::ostream out(&buffer);
  prometheus::TextSerializer().Serialize(out, families_);
  return text;
}

}  // namespace chainmend::metrics

#include "proxy/metrics/page.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <ostream>
#include <span>
#include <streambuf>

namespace chainmend::metrics {
namespace {

using prometheus::MetricType;

double seconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

// A stream buffer that is a string: the serialiser writes label values byte by byte, a call each,
// which must cost no more than the copy of a byte.
class StringBuffer final : public std::streambuf {
 public:
  explicit StringBuffer(std::size_t about) { grow(about); }
  std::string take() {
    text_.resize(used());
    return std::move(text_);
  }

 protected:
  std::streamsize xsputn(const char* bytes, std::streamsize count) override {
    while (epptr() - pptr() < count) {
      grow(2 * text_.size());
    }
    std::copy_n(bytes, count, pptr());
    pbump(static_cast<int>(count));
    return count;
  }
  int_type overflow(int_type byte) override {
    grow(2 * text_.size());
    return sputc(traits_type::to_char_type(byte));
  }

 private:
  std::size_t used() const { return static_cast<std::size_t>(pptr() - pbase()); }
  void grow(std::size_t size) {
    const std::size_t so_far = used();
    text_.resize(size);
    setp(text_.data(), text_.data() + text_.size());
    pbump(static_cast<int>(so_far));
  }

  std::string text_;
};

// As label values are written in the text format.
void append_escaped(std::string& text, std::string_view value) {
  for (const char c : value) {
    if (c == '\n') {
      text += "\\n";
    } else {
      if (c == '"' || c == '\\') {
        text += '\\';
      }
      text += c;
    }
  }
}

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

// All labels but the last go into the name of the last, as they are to be written: the serialiser
// writes names as a whole and values byte by byte, and half a dozen strings less for each sample
// are half of the time that a scrape takes.
prometheus::ClientMetric& Family::sample(Labels labels) {
  auto& metric = family_.metric.emplace_back();
  if (labels.size() == 0) {
    return metric;
  }
  const Label& last = *std::prev(labels.end());
  std::string name;
  name.reserve(96);
  for (const Label& label : std::span(labels).first(labels.size() - 1)) {
    name.append(label.first).append("=\"");
    append_escaped(name, label.second);
    name.append("\",");
  }
  name.append(last.first);
  metric.label.push_back({std::move(name), std::string(last.second)});
  return metric;
}

void Page::put(Family family) {
  if (!family.family_.metric.empty()) {
    families_.push_back(std::move(family.family_));
  }
}

std::string Page::text() const {
  std::size_t samples = 0;
  for (const auto& family : families_) {
    samples += family.metric.size();
  }
  constexpr std::size_t kOfSample = 160;
  StringBuffer buffer(64 * 1024 + samples * kOfSample);
  std::ostream out(&buffer);
  prometheus::TextSerializer().Serialize(out, families_);
  return buffer.take();
}

}  // namespace chainmend::metrics

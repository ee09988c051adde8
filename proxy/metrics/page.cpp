#include "proxy/metrics/page.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <ostream>
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

// All labels but the last go into the name of the last, as they are to be written: the serialiser
// writes names as a whole and values byte by byte, and half a dozen strings less for each sample
// are half of the time that a scrape takes.
void append_written(std::string& text, std::span<const Label> labels) {
  for (const Label& label : labels) {
    text.append(label.first).append("=\"");
    append_escaped(text, label.second);
    text.append("\",");
  }
}

MetricType prometheus_type(Type type) {
  switch (type) {
    case Type::counter:
      return MetricType::Counter;
    case Type::gauge:
      return MetricType::Gauge;
    case Type::histogram:
      return MetricType::Histogram;
  }
  return MetricType::Untyped;
}

}  // namespace

OwnerLabels::OwnerLabels(std::initializer_list<Label> labels) {
  append_written(all_, labels);
  if (labels.size() > 0) {
    append_written(but_last_, std::span(labels).first(labels.size() - 1));
    last_.push_back(*std::prev(labels.end()));
  }
}

Samples::Samples(const char* name, const char* help, Type type) {
  family_.name = std::string("chainmend_") + name;
  family_.help = help;
  family_.type = prometheus_type(type);
}

void Samples::add(std::initializer_list<Label> labels, double value) {
  auto& metric = sample(labels);
  (family_.type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
}

void Samples::add(const Histogram& histogram) {
  auto& out = sample({}).histogram;
  const auto bounds = histogram.bounds();
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    out.sample_count += histogram.bucket(i);
    out.bucket.push_back({out.sample_count, i < bounds.size()
                                                ? seconds(bounds[i])
                                                : std::numeric_limits<double>::infinity()});
  }
  out.sample_sum = seconds(histogram.sum());
}

prometheus::ClientMetric& Samples::sample(std::span<const Label> labels) {
  auto& metric = family_.metric.emplace_back();
  const bool own = !labels.empty();
  const std::span<const Label> ends = own ? labels : std::span<const Label>(owner_->last_);
  if (ends.empty()) {
    return metric;
  }
  std::string name;
  name.reserve(96);
  name.append(own ? owner_->all_ : owner_->but_last_);
  append_written(name, ends.first(ends.size() - 1));
  name.append(ends.back().first);
  metric.label.push_back({std::move(name), std::string(ends.back().second)});
  return metric;
}

void Page::put(Samples samples) {
  if (!samples.family_.metric.empty()) {
    families_.push_back(std::move(samples.family_));
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

// Page: the text of one scrape as it is put together, family by family. The one place that knows
// prometheus-cpp.
#pragma once

#include <prometheus/metric_family.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "proxy/enums/names.h"
#include "proxy/metrics/cells.h"

namespace chainmend::metrics {

using Label = std::pair<const char*, std::string_view>;

enum class Type { counter, gauge, histogram };

// The labels that all samples of one owner begin with, written once for all of them.
class OwnerLabels {
 public:
  OwnerLabels(std::initializer_list<Label> labels);

 private:
  friend class Samples;
  std::string all_;       // `listener="phones",client_type="ios",`
  std::string but_last_;  // `listener="phones",`
  std::vector<Label> last_;
};

// The samples of one family, of all who own cells of it.
class Samples {
 public:
  Samples(const char* name, const char* help, Type type);

  // Samples added from now on are of this owner, which must live until the next call.
  void of(const OwnerLabels& owner) { owner_ = &owner; }

  // A sample with these labels beside the owner's.
  void add(std::initializer_list<Label> labels, double value);
  void add(double value) { add({}, value); }
  void add(const Counter& cell) { add({}, number(cell)); }
  void add(const Gauge& cell) { add({}, number(cell)); }
  void add(const Histogram& cell);

  // A sample for each value of an enum, under the name that to_string() gives it.
  template <typename Cell, typename Enum>
  void each(const char* label, const enums::Array<Cell, Enum>& cells) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto value = static_cast<Enum>(i);
      add({{label, to_string(value)}}, number(cells[value]));
    }
  }
  // The same once one of them was counted: a ratio of rates then has both its sides.
  template <typename Enum>
  void each_once_counted(const char* label, const enums::Array<Counter, Enum>& cells) {
    if (std::ranges::any_of(cells, [](const Counter& cell) { return cell.value() > 0; })) {
      each(label, cells);
    }
  }
  // A sample for each cell that was counted: series appear with their first event.
  template <typename Enum>
  void counted(const char* label, const enums::Array<Counter, Enum>& cells) {
    counted(label, std::span<const Counter>(cells),
            [](std::size_t i) { return to_string(static_cast<Enum>(i)); });
  }
  template <typename NameOf>
  void counted(const char* label, std::span<const Counter> cells, NameOf name_of) {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      if (const auto count = cells[i].value(); count > 0) {
        add({{label, name_of(i)}}, static_cast<double>(count));
      }
    }
  }

 private:
  friend class Page;
  static double number(const Counter& cell) { return static_cast<double>(cell.value()); }
  static double number(const Gauge& cell) { return static_cast<double>(cell.value()); }
  prometheus::ClientMetric& sample(std::span<const Label> labels);

  prometheus::MetricFamily family_;
  const OwnerLabels* owner_ = nullptr;
};

class Page {
 public:
  // A family without samples leaves no trace.
  void put(Samples samples);
  // In Prometheus' text format 0.0.4.
  std::string text() const;

 private:
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace chainmend::metrics

// Family: a metric as it is declared, once, in a table beside the cells it shows: name, help, type,
// and how the cells become samples. A metric is a cell, a verb that writes it and a row of the
// table families() of the class that owns the cell; labels of the owner (listener, route, ...) come
// with the owner.
#pragma once

#include <span>

#include "proxy/metrics/page.h"

namespace chainmend::metrics {

template <typename Owner>
struct Family {
  const char* name;  // without the prefix `chainmend_`
  const char* help;
  Type type;
  void (*write)(const Owner& cells, Samples& samples);
};

template <typename Owner>
using Families = std::span<const Family<Owner>>;

}  // namespace chainmend::metrics

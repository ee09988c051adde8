// Exposition: the text of one scrape. The one place that knows metric names and help texts.
#pragma once

#include <string>

#include "proxy/metrics/metrics.h"

namespace chainmend::metrics {

class Page;

class Exposition {
 public:
  explicit Exposition(const Metrics::State& state) : state_(state) {}

  // Takes the state's lock for as long as the cells are read, not while the text is written.
  std::string text() const;

 private:
  void handshakes(Page& page) const;
  void failures(Page& page) const;
  void server_names(Page& page) const;
  void client_certificates(Page& page) const;
  void noise(Page& page) const;
  void versions(Page& page) const;
  void alerts(Page& page) const;
  void certificates(Page& page) const;
  void chains(Page& page) const;
  void connections(Page& page) const;
  void requests(Page& page) const;
  void upstreams(Page& page) const;
  void process(Page& page) const;

  // Calls visit(listener's name, its metrics) / visit(listener's name, type's name, the type's
  // cells) for each listener / each client type seen on it.
  template <typename Visit>
  void each_listener(Visit visit) const;
  template <typename Visit>
  void each_client(Visit visit) const;

  const Metrics::State& state_;
};

}  // namespace chainmend::metrics

#include "proxy/server/listeners.h"

#include <algorithm>
#include <utility>

#include "proxy/server/listening_socket.h"

namespace chainmend::server {

namespace {

// A port that the kernel chose belongs to its listener alone.
std::string key_of(const config::Listener& listener, const config::Endpoint& endpoint) {
  return endpoint.port == 0 ? listener.name + '/' + endpoint.text() : endpoint.text();
}

}  // namespace

config::Result<Listeners::Plan> Listeners::plan(const config::Config& config,
                                                std::size_t workers) const {
  Plan plan;
  plan.publications.resize(workers);
  config::Diagnostics errors;
  for (const config::Listener& listener : config.listeners) {
    for (const auto& [endpoint, location] : listener.listen) {
      const std::string key = key_of(listener, endpoint);
      if (const auto kept = bound_.find(key); kept != bound_.end()) {
        plan.bound[key] = {listener.name, kept->second.address, kept->second.port};
        continue;
      }
      const bool ours = std::ranges::any_of(
          bound_, [&endpoint](const auto& b) { return b.second.port == endpoint.port; });
      auto sockets =
          open_listening_sockets({endpoint.address, endpoint.port}, static_cast<unsigned>(workers),
                                 ours ? Sharing::shared : Sharing::among_ourselves);
      if (!sockets) {
        errors.push_back({location, "listener " + listener.name + " cannot listen on " +
                                        endpoint.text() + ": " + sockets.error()});
        continue;
      }
      config::Endpoint actual = endpoint;
      actual.port = bound_port(sockets->front().get());
      plan.bound[key] = {listener.name, actual.text(), actual.port};
      for (std::size_t i = 0; i < workers; ++i) {
        plan.publications[i].opened.push_back({key, std::move((*sockets)[i])});
      }
    }
  }
  if (!errors.empty()) {
    return tl::unexpected(std::move(errors));
  }
  for (Publication& publication : plan.publications) {
    for (const auto& [key, bound] : plan.bound) {
      publication.listeners[key] = bound.listener;
    }
    for (const auto& [key, bound] : bound_) {
      if (!plan.bound.contains(key)) {
        publication.closed.push_back(key);
      }
    }
  }
  return plan;
}

const std::string& Listeners::address_of(const config::Listener& listener,
                                         const config::Endpoint& endpoint) const {
  return bound_.at(key_of(listener, endpoint)).address;
}

}  // namespace chainmend::server

#include "proxy/server/listeners.h"

#include <algorithm>
#include <utility>

#include "config/quote.h"
#include "proxy/server/listening_socket.h"

namespace chainmend::server {

namespace {

// Longer than a worker takes to close a socket, see Worker::retire().
constexpr std::chrono::seconds kClosing{2};

// A port that the kernel chose belongs to its listener alone.
std::string key_of(const config::Listener& listener, const config::Endpoint& endpoint) {
  return endpoint.port == 0 ? listener.name + '/' + endpoint.text() : endpoint.text();
}

// What each worker is told beside the sockets that it gets.
void say_changes(const Listeners::Sockets& before, Listeners::Plan& plan) {
  for (Publication& publication : plan.publications) {
    for (const auto& [key, bound] : plan.bound) {
      publication.listeners[key] = bound.listener;
    }
    for (const auto& [key, bound] : before) {
      if (!plan.bound.contains(key)) {
        publication.closed.push_back(key);
      }
    }
  }
}

}  // namespace

std::vector<Listeners::Wanted> Listeners::wanted_by(const config::Listener& listener) const {
  std::vector<Wanted> wanted;
  for (const PassedSocket* passed : passed_.named(listener.name)) {
    wanted.push_back({passed->address.text(), {passed->address, listener.at}, passed});
  }
  if (wanted.empty()) {
    for (const auto& endpoint : listener.listen) {
      wanted.push_back({key_of(listener, endpoint.value), endpoint, passed_.at(endpoint.value)});
    }
  }
  return wanted;
}

bool Listeners::has_port(std::uint16_t port) const {
  const auto closing = closing_.find(port);
  return std::ranges::any_of(bound_, [port](const auto& b) { return b.second.port == port; }) ||
         (closing != closing_.end() &&
          std::chrono::steady_clock::now() - closing->second < kClosing);
}

void Listeners::commit(Plan&& plan) {
  const auto now = std::chrono::steady_clock::now();
  std::erase_if(closing_, [now](const auto& port) { return now - port.second >= kClosing; });
  for (const auto& [key, bound] : bound_) {
    if (!plan.bound.contains(key)) {
      closing_[bound.port] = now;
    }
  }
  bound_ = std::move(plan.bound);
}

tl::expected<std::vector<FileDescriptor>, std::string> Listeners::open(const Wanted& wanted,
                                                                       std::size_t workers) const {
  if (wanted.passed != nullptr) {
    return duplicates(*wanted.passed, workers);
  }
  const config::Endpoint& endpoint = wanted.at.value;
  auto sockets =
      open_listening_sockets({endpoint.address, endpoint.port}, static_cast<unsigned>(workers),
                             has_port(endpoint.port) ? Sharing::shared : Sharing::among_ourselves);
  const auto beside = std::ranges::find_if(passed_.all(), [&endpoint](const PassedSocket& one) {
    return one.address.port == endpoint.port;
  });
  if (!sockets && beside != passed_.all().end()) {
    sockets.error() += "; a socket for " + beside->address.text() + " was passed under the name " +
                       config::quote(beside->name) +
                       ": FileDescriptorName= of its unit must be the listener's name";
  }
  return sockets;
}

config::Result<Listeners::Plan> Listeners::plan(const config::Config& config,
                                                std::size_t workers) const {
  Plan plan;
  plan.publications.resize(workers);
  config::Diagnostics errors;
  for (const config::Listener& listener : config.listeners) {
    for (const Wanted& wanted : wanted_by(listener)) {
      const std::string& key = wanted.key;
      const std::string trouble =
          "listener " + listener.name + " cannot listen on " + wanted.at.value.text() + ": ";
      if (const auto other = plan.bound.find(key); other != plan.bound.end()) {
        errors.push_back({wanted.at.at, trouble + "listener " + other->second.listener +
                                            " has the socket that was passed for it"});
        continue;
      }
      if (const auto kept = bound_.find(key); kept != bound_.end()) {
        plan.bound[key] = kept->second;
        plan.bound[key].listener = listener.name;
        continue;
      }
      auto sockets = open(wanted, workers);
      if (!sockets) {
        errors.push_back({wanted.at.at, trouble + sockets.error()});
        continue;
      }
      config::Endpoint actual = wanted.at.value;
      actual.port = bound_port(sockets->front().get());
      plan.bound[key] = {listener.name, actual.text(), actual.port, wanted.passed != nullptr};
      for (std::size_t i = 0; i < workers; ++i) {
        plan.publications[i].opened.push_back(
            {key, std::move((*sockets)[i]), wanted.passed == nullptr});
      }
    }
  }
  if (!errors.empty()) {
    return tl::unexpected(std::move(errors));
  }
  say_changes(bound_, plan);
  return plan;
}

std::vector<std::string> Listeners::addresses_of(const config::Listener& listener) const {
  std::vector<std::string> addresses;
  for (const Wanted& wanted : wanted_by(listener)) {
    addresses.push_back(bound_.at(wanted.key).address);
  }
  return addresses;
}

std::vector<const PassedSocket*> Listeners::unused() const {
  std::vector<const PassedSocket*> unused;
  for (const PassedSocket& one : passed_.all()) {
    const auto found = bound_.find(one.address.text());
    if (found == bound_.end() || !found->second.passed) {
      unused.push_back(&one);
    }
  }
  return unused;
}

}  // namespace chainmend::server

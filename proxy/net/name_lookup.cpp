#include "proxy/net/name_lookup.h"

#include <arpa/nameser.h>
#include <netdb.h>
#include <netinet/in.h>
#include <resolv.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace chainmend::net {
namespace {

using certs::ErrorCode;
using certs::fail;
using certs::Result;
using Addresses = std::vector<boost::asio::ip::address>;

std::optional<boost::asio::ip::address> address_of(const sockaddr* from) {
  if (from->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, from, sizeof in);
    return boost::asio::ip::address_v4(ntohl(in.sin_addr.s_addr));
  }
  if (from->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, from, sizeof in);
    boost::asio::ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
    return boost::asio::ip::address_v6(bytes, in.sin6_scope_id);
  }
  return std::nullopt;
}

// Shared with the thread that asks, which may outlive everyone who waits for it.
struct Lookup {
  std::mutex mutex;
  std::condition_variable_any answered;
  std::optional<Result<Addresses>> answer;
};

Result<Addresses> wait_for(Lookup& lookup, const std::string& host, TimePoint until,
                           const std::stop_token& stop) {
  std::unique_lock lock(lookup.mutex);
  if (lookup.answered.wait_until(lock, stop, until, [&] { return lookup.answer.has_value(); })) {
    return *lookup.answer;
  }
  if (stop.stop_requested()) {
    return fail(ErrorCode::network, "the lookup of " + host + " was stopped");
  }
  return fail(ErrorCode::timeout, "no answer in time when resolving " + host);
}

}  // namespace

certs::Result<Resolution> resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_CANONNAME;
  addrinfo* head = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &head);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(head, &freeaddrinfo);
  if (error != 0) {
    return fail(ErrorCode::network, "cannot resolve " + host + ": " + gai_strerror(error));
  }
  Addresses addresses;
  for (const addrinfo* entry = head; entry != nullptr; entry = entry->ai_next) {
    const auto address = address_of(entry->ai_addr);
    if (address && std::find(addresses.begin(), addresses.end(), *address) == addresses.end()) {
      addresses.push_back(*address);
    }
  }
  if (addresses.empty()) {
    return fail(ErrorCode::network, "cannot resolve " + host + ": it has no address");
  }
  const bool has_name = list != nullptr && list->ai_canonname != nullptr;
  return Resolution{std::move(addresses), has_name ? list->ai_canonname : host};
}

certs::Result<std::vector<boost::asio::ip::address>> ask_system(const std::string& host) {
  return resolve(host).map([](Resolution found) { return std::move(found.addresses); });
}

std::optional<std::chrono::seconds> ask_ttl(const std::string& host) {
  struct __res_state state{};
  if (res_ninit(&state) != 0) {
    return std::nullopt;
  }
  state.retrans = 1;  // seconds
  state.retry = 1;
  std::optional<std::chrono::seconds> shortest;
  std::array<unsigned char, 4096> answer{};
  for (const int type : {ns_t_a, ns_t_aaaa}) {
    const int size = res_nsearch(&state, host.c_str(), ns_c_in, type, answer.data(),
                                 static_cast<int>(answer.size()));
    ns_msg message{};
    if (size <= 0 || ns_initparse(answer.data(), std::min(size, static_cast<int>(answer.size())),
                                  &message) != 0) {
      continue;
    }
    for (int i = 0; i < ns_msg_count(message, ns_s_an); ++i) {
      ns_rr record{};
      if (ns_parserr(&message, ns_s_an, i, &record) == 0) {
        const std::chrono::seconds ttl(ns_rr_ttl(record));
        shortest = std::min(shortest.value_or(ttl), ttl);
      }
    }
  }
  res_nclose(&state);
  return shortest;
}

NameLookup system_lookup(int max_pending) {
  const auto pending = std::make_shared<std::atomic<int>>(0);
  return [pending, max_pending](const std::string& host, TimePoint until,
                                const std::stop_token& stop) -> Result<Addresses> {
    if (pending->fetch_add(1) >= max_pending) {
      pending->fetch_sub(1);
      return fail(ErrorCode::network, "too many name lookups are hanging");
    }
    const auto lookup = std::make_shared<Lookup>();
    try {
      std::thread([lookup, pending, host] {
        Result<Addresses> answer = ask_system(host);
        pending->fetch_sub(1);
        const std::lock_guard lock(lookup->mutex);
        lookup->answer = std::move(answer);
        lookup->answered.notify_all();
      }).detach();
    } catch (const std::system_error& error) {
      pending->fetch_sub(1);
      return fail(ErrorCode::network, std::string("cannot start a name lookup: ") + error.what());
    }
    return wait_for(*lookup, host, until, stop);
  };
}

}  // namespace chainmend::net

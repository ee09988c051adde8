#include "proxy/diagnose/measure/plan.h"

#include <atomic>
#include <memory>

#include "proxy/clients/stacks.h"
#include "proxy/diagnose/probe/reach.h"

namespace chainmend::diagnose {
namespace {

using boost::asio::ip::tcp;

constexpr std::size_t kMostAddresses = 64;

// What a target resolves to, or is said to.
certs::Result<std::vector<boost::asio::ip::address>> addresses_of(const Target& target,
                                                                  const ProbeOptions& options,
                                                                  const Patience& patience) {
  if (options.connect) {
    return std::vector{*options.connect};
  }
  auto resolved = resolve(target, patience);
  if (!resolved) {
    return tl::unexpected(resolved.error());
  }
  resolved->addresses.resize(std::min(resolved->addresses.size(), kMostAddresses));
  return std::move(resolved->addresses);
}

// The hellos of one type of client, in turns, for as many threads as want one.
Measured measured_of(const Target& target, const tcp::endpoint& server, std::string type,
                     std::vector<const RecordedHello*> hellos) {
  Measured out;
  out.row.target = target.text();
  out.row.address = server.address().to_string();
  out.row.client = type;
  out.row.client_type = out.row.software = std::move(type);
  out.share = hellos.size();
  const auto next = std::make_shared<std::atomic<std::size_t>>(0);
  out.attempt = [server, hellos = std::move(hellos), next](const Patience& patience) {
    const RecordedHello& one = *hellos[(*next)++ % hellos.size()];
    return attempt_of(ask(server, one.bytes, patience));
  };
  return out;
}

}  // namespace

Patience Plan::patience() const { return {std::chrono::steady_clock::now() + timeout_, stop_}; }

std::vector<tcp::endpoint> Plan::endpoints(const Target& target, const ProbeOptions& options) {
  const auto addresses = addresses_of(target, options, patience());
  std::vector<tcp::endpoint> out;
  std::string why = addresses ? "it has no address" : addresses.error().text;
  if (addresses) {
    for (const boost::asio::ip::address& address : *addresses) {
      const Connection connection = connect(address, target.port, patience());
      if (options.all_addresses || connection.failure.empty()) {
        out.emplace_back(address, target.port);
      }
      if (!options.all_addresses && !out.empty()) {
        break;
      }
      why = address.to_string() + ": " + connection.failure;
    }
  }
  if (out.empty()) {
    unreachable_.emplace_back(target.text(), why);
  }
  return out;
}

void Plan::add(const Target& target, const ProbeOptions& options) {
  const std::string name = !options.server_name.empty() ? options.server_name
                           : target.is_address          ? ""
                                                        : target.host;
  for (const tcp::endpoint& server : endpoints(target, options)) {
    for (const clients::ClientStack* stack : options.stacks) {
      MeasuredClient& client =
          clients_.emplace_back(MeasuredClient::Options{server, name, stack, &judge_});
      Measured measured;
      measured.row.target = target.text();
      measured.row.address = server.address().to_string();
      measured.row.client = stack->name;
      measured.row.client_type = stack->type;
      measured.row.software = stack->software;
      measured.attempt = [&client](const Patience& each) { return client.attempt(each); };
      rows_.push_back(std::move(measured));
    }
  }
}

void Plan::add(const Target& target, const ProbeOptions& options, const RecordedHellos& recorded) {
  std::map<std::string, std::vector<const RecordedHello*>> by_type;
  for (const RecordedHello& one : recorded.hellos) {
    by_type[one.client_type].push_back(&one);
  }
  for (const tcp::endpoint& server : endpoints(target, options)) {
    for (const auto& [type, hellos] : by_type) {
      rows_.push_back(measured_of(target, server, type, hellos));
    }
  }
}

}  // namespace chainmend::diagnose

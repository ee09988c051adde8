#include "proxy/cli/top_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <tuple>

#include "proxy/logs/escape.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;
using Lines = std::vector<StyledLine>;

const Json kNothing;
constexpr std::size_t kMostFailures = 5;
constexpr std::size_t kMostCertificates = 8;

const Json& at(const Json& json, const char* key) {
  if (!json.is_object()) {
    return kNothing;
  }
  const auto found = json.find(key);
  return found == json.end() ? kNothing : *found;
}

std::string text(const Json& json, const char* key) {
  const Json& value = at(json, key);
  return value.is_string() ? logs::visible(value.get<std::string>()) : "";
}

std::uint64_t number(const Json& value) {
  return value.is_number_unsigned() ? value.get<std::uint64_t>() : 0;
}

void title(Lines& lines, std::string text) {
  lines.push_back({});
  lines.push_back({Style::bold, std::move(text)});
}

// How a type of client fared in the last hour.
struct Client {
  std::string name, listener, reason;
  std::uint64_t good = 0, failed = 0;
  Style style() const {
    return failed == 0 ? good > 0 ? Style::good : Style::dim
           : good == 0 ? Style::bad
                       : Style::warning;
  }
};

std::string top_reason(const Json& type) {
  std::pair<std::uint64_t, std::string> most;
  for (const auto& [reason, count] : at(type, "reasons").items()) {
    most = std::max(most, std::pair(number(count), logs::visible(reason)));
  }
  return most.second;
}

Client client_of(const Json& type) {
  Client client{text(type, "client_type"), text(type, "listener"), top_reason(type)};
  for (const Json& minute : at(type, "minutes")) {
    if (minute.is_array() && minute.size() == 2) {
      client.good += number(minute[0]);
      client.failed += number(minute[1]);
    }
  }
  return client;
}

void add_clients(Lines& lines, const Json& clients) {
  std::vector<Client> all;
  for (const Json& type : at(clients, "types")) {
    all.push_back(client_of(type));
  }
  std::ranges::sort(all, {}, [](const Client& one) {
    return std::tuple(one.failed == 0, one.good > 0, ~one.failed, one.name, one.listener);
  });
  title(lines, fmt::format("{:<22} {:<12} {:<18} {}", "WHO CANNOT CONNECT", "LISTENER", "LAST HOUR",
                           "MOSTLY"));
  for (const Client& one : all) {
    const auto sum = one.good + one.failed;
    lines.push_back(
        {one.style(), fmt::format("{:<22} {:<12} {:>4} % {:>5}/{:<5} {}", one.name, one.listener,
                                  sum == 0 ? "-" : std::to_string(100 * one.good / sum), one.good,
                                  sum, one.reason)});
  }
  if (all.empty()) {
    lines.push_back({Style::dim, "nobody has said hello since the start"});
  }
}

void add_failures(Lines& lines, const Json& clients) {
  std::size_t shown = 0;
  for (const Json& one : at(clients, "failures")) {
    if (++shown > kMostFailures) {
      break;
    }
    const std::string name = text(one, "server_name");
    lines.push_back(
        {Style::plain, fmt::format("  {} {} {} for {} from {}", text(one, "time"),
                                   text(one, "reason"), text(one, "client_type"),
                                   name.empty() ? "no name" : name, text(one, "peer"))});
    lines.push_back({Style::dim, "    " + text(one, "hint")});
  }
}

void add_chains(Lines& lines, const Json& status) {
  const Json& all = at(status, "certificates");
  std::size_t incomplete = 0;
  Lines found;
  for (const Json& one : all) {
    if (const Json& failure = at(one, "failure"); failure.is_object()) {
      ++incomplete;
      found.push_back(
          {Style::bad, fmt::format("  {} ({}): missing {}", text(one, "name"),
                                   text(one, "chain_name"), text(failure, "missing_issuer"))});
      found.push_back({Style::plain, "    " + text(one, "remedy")});
    }
  }
  title(lines, fmt::format("CHAINS  {} of {} complete", all.size() - incomplete, all.size()));
  lines.insert(lines.end(), found.begin(), found.end());
}

// The last check that failed, else the last failure.
std::string trouble_of(const Json& server) {
  for (const Json& check : at(server, "checks")) {
    if (at(check, "up") == false) {
      return fmt::format("{} {} {}", text(check, "scope"), text(check, "outcome"),
                         text(check, "detail"));
    }
  }
  const Json& failure = at(server, "last_failure");
  return failure.is_object() ? text(failure, "at") + ' ' + text(failure, "text") : "";
}

void add_upstreams(Lines& lines, const Json& status) {
  title(lines, "SERVERS BEHIND                       STATE     ACTIVE  95 %       SAID LAST");
  for (const Json& upstream : at(status, "upstreams")) {
    for (const Json& server : at(upstream, "servers")) {
      const Json& slow = at(at(server, "first_byte_ms"), "p95");
      const std::string state = text(server, "state");
      lines.push_back(
          {state == "up" ? Style::good : Style::bad,
           fmt::format("{:<36} {:<9} {:>6}  {:<10} {}", text(server, "name"), state,
                       number(at(at(server, "connections"), "active")),
                       slow.is_number() ? fmt::format("{:g} ms", slow.get<double>()) : "-",
                       trouble_of(server))});
    }
  }
}

void add_certificates(Lines& lines, const Json& status) {
  std::vector<std::pair<std::string, std::string>> ends;
  for (const Json& one : at(status, "certificates")) {
    std::string first;
    for (const Json& link : at(one, "chain")) {
      const std::string end = text(link, "not_after");
      first = first.empty() ? end : std::min(first, end);
    }
    ends.emplace_back(first, text(one, "name"));
  }
  std::ranges::sort(ends);
  title(lines, "CERTIFICATES BY EXPIRY");
  for (std::size_t i = 0; i < std::min(ends.size(), kMostCertificates); ++i) {
    lines.push_back({Style::plain, "  " + ends[i].first + "  " + ends[i].second});
  }
}

void add_process(Lines& lines, const Json& status) {
  const Json& config = at(status, "config");
  title(lines, "CONFIGURATION  " + text(config, "file") + ", read " + text(config, "loaded"));
  for (const char* key : {"last_reload_error", "last_refresh_error"}) {
    if (const std::string error = text(config, key); !error.empty()) {
      lines.push_back({Style::bad, "  " + std::string(key) + ": " + error});
    }
  }
  for (const Json& warning : at(status, "warnings")) {
    lines.push_back(
        {Style::warning, fmt::format("  {}:{}: {}", text(warning, "file"),
                                     number(at(warning, "line")), text(warning, "text"))});
  }
}

}  // namespace

Lines top_lines(const Json& status, const Json& clients) {
  Lines lines;
  lines.push_back(
      {Style::bold, fmt::format("chainmend {}  {}  {} connections  {}", text(status, "version"),
                                at(status, "draining") == true ? "DRAINING" : "serving",
                                number(at(status, "open_connections")), text(status, "now"))});
  add_clients(lines, clients);
  add_failures(lines, clients);
  add_chains(lines, status);
  add_upstreams(lines, status);
  add_certificates(lines, status);
  add_process(lines, status);
  return lines;
}

}  // namespace chainmend::cli

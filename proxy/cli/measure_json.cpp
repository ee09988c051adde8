// measurement_json() and read_measurement(): the one format in which a measurement is kept
// (deploy/schemas/measure.schema.json).
#include <nlohmann/json.hpp>

#include "proxy/cli/json_text.h"
#include "proxy/cli/measure_report.h"
#include "proxy/clients/client_hello.h"
#include "proxy/clients/suites.h"

namespace chainmend::cli {
namespace {

using Json = nlohmann::ordered_json;
using diagnose::Row;

constexpr int kSchemaVersion = 1;

double milliseconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

Json as_json(const diagnose::Times& times) {
  const auto some = times.percentiles();
  return some ? Json{{"count", times.count()},
                     {"p50", milliseconds(some->p50)},
                     {"p95", milliseconds(some->p95)},
                     {"p99", milliseconds(some->p99)}}
              : Json();
}

Json as_json(const Row& row) {
  const diagnose::Rate rate = row.success();
  const diagnose::Interval sure = diagnose::confidence_interval(rate);
  Json failures = Json::array();
  for (const auto& [reason, of_reason] : row.failures) {
    failures.push_back({{"reason", tls::to_string(reason)},
                        {"count", of_reason.count},
                        {"example", of_reason.example}});
  }
  Json negotiated = Json::array();
  for (const auto& [agreed, count] : row.negotiated) {
    negotiated.push_back({{"version", clients::version_label(agreed.first)},
                          {"suite", clients::suite_name(agreed.second)},
                          {"count", count}});
  }
  return {
      {"target", row.target},
      {"address", row.address},
      {"client", row.client},
      {"client_type", row.client_type},
      {"software", row.software},
      {"attempts", rate.attempts},
      {"succeeded", rate.successes},
      {"success_rate", rate.value() ? Json(*rate.value()) : Json()},
      {"confidence_95", {sure.low, sure.high}},
      {"completed", row.completed},
      {"depends", row.depends.empty() ? Json() : Json(row.depends)},
      {"failures", failures},
      {"negotiated", negotiated},
      {"connect_ms", as_json(row.connect)},
      {"handshake_ms", as_json(row.handshake)},
      {"resumption", {{"asked", row.resumption.attempts}, {"granted", row.resumption.successes}}}};
}

diagnose::MeasuredRate rate_of(const Json& row) {
  diagnose::MeasuredRate rate{
      row.at("target").get<std::string>(),
      row.at("client").get<std::string>(),
      row.value("software", ""),
      {row.at("succeeded").get<std::uint64_t>(), row.at("attempts").get<std::uint64_t>()}};
  if (rate.success.successes > rate.success.attempts) {
    throw std::invalid_argument("more successes than attempts");
  }
  return rate;
}

}  // namespace

std::string measurement_json(const Measurement& found) {
  Json rows = Json::array();
  for (const Row& row : found.rows) {
    rows.push_back(as_json(row));
  }
  Json unreachable = Json::array();
  for (const auto& [target, why] : found.unreachable) {
    unreachable.push_back({{"target", target}, {"why", why}});
  }
  return ascii_text({{"schema", kSchemaVersion},
                     {"began", found.began},
                     {"roots", found.roots},
                     {"interrupted", found.interrupted},
                     {"rows", rows},
                     {"unreachable", unreachable}});
}

certs::Result<std::vector<diagnose::MeasuredRate>> read_measurement(const std::string& text) {
  const auto refuse = [](const std::string& why) {
    return certs::fail(certs::ErrorCode::malformed,
                       "this is no result of `chainmend measure --json`: " + why);
  };
  try {
    const Json json = Json::parse(text);
    if (!json.is_object() || !json.contains("rows")) {
      return refuse("it has no rows");
    }
    if (json.value("schema", 0) != kSchemaVersion) {
      return refuse("its schema is not version " + std::to_string(kSchemaVersion));
    }
    std::vector<diagnose::MeasuredRate> rates;
    for (const Json& row : json.at("rows")) {
      rates.push_back(rate_of(row));
    }
    return rates;
  } catch (const std::exception& error) {
    return refuse(error.what());
  }
}

}  // namespace chainmend::cli

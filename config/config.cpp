#include "config/config.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>

namespace chainmend::config {
namespace {

std::string with_port(const std::string& host, std::uint16_t port) {
  const bool ipv6 = host.find(':') != std::string::npos;
  return (ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

std::string Location::describe() const {
  return line == 0 ? file : file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

Diagnostics failure(Diagnostics errors, const Diagnostics& warnings) {
  for (const Diagnostic& warning : warnings) {
    errors.push_back({warning.at, warning.text, Severity::warning});
  }
  return errors;
}

Diagnostics only(Severity severity, const Diagnostics& diagnostics) {
  Diagnostics out;
  std::ranges::copy_if(diagnostics, std::back_inserter(out),
                       [&](const Diagnostic& one) { return one.severity == severity; });
  return out;
}

std::string Endpoint::text() const { return with_port(address, port); }

std::string Route::text() const {
  std::string text;
  for (const std::string& method : methods) {
    text += (text.empty() ? "" : ",") + method;
  }
  text += text.empty() ? "" : " ";
  for (const std::string& host : hosts) {
    text += (&host == hosts.data() ? "" : ",") + host;
  }
  return text + path;
}

std::string Server::text() const { return (tls ? "https://" : "http://") + with_port(host, port); }

}  // namespace chainmend::config

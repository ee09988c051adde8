#include "proxy/cli/admin_client.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "certs/bytes.h"
#include "certs/certificate_reader.h"
#include "config/quote.h"
#include "config/values.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/logs/escape.h"
#include "proxy/net/http_fetcher.h"

namespace chainmend::cli {

namespace {

constexpr std::size_t kMostBytes = std::size_t{16} * 1024 * 1024;

// A listener on all addresses is reached from here at that of the loopback.
std::string url_at(config::Endpoint admin, const std::string& target) {
  if (admin.address == "0.0.0.0") {
    admin.address = "127.0.0.1";
  } else if (admin.address == "::") {
    admin.address = "::1";
  }
  return "http://" + admin.text() + target;
}

// The first line of the file, for the head of a request; nothing: an error has been said.
std::optional<std::string> token_field(const std::string& file) {
  if (file.empty()) {
    return std::string();
  }
  const auto bytes = certs::read_file(file);
  if (!bytes) {
    fail(bytes.error().describe());
    return std::nullopt;
  }
  const std::string_view text = certs::as_text(*bytes);
  const std::string token(text.substr(0, text.find_first_of("\r\n")));
  return "Authorization: Bearer " + token + "\r\n";
}

}  // namespace

struct AdminClient::Address {
  config::Endpoint endpoint;
  std::string token_file;
};

AdminClient::AdminClient(CLI::App& command, ConfigFile::Named named)
    : config_file_(command, named) {
  command
      .add_option("--admin", options_->admin,
                  "Where to ask, such as 127.0.0.1:9465 of `chainmend proxy`; without it the "
                  "configuration says where")
      ->type_name("ADDRESS");
  command
      .add_option("--token-file", options_->token_file,
                  "The token that it wants, where admin.token_file is another file")
      ->type_name("FILE");
}

std::optional<AdminClient::Address> AdminClient::find() const {
  if (!options_->admin.empty()) {
    auto given = config::parse_endpoint(options_->admin);
    if (!given) {
      fail("--admin: expected an address and port such as 127.0.0.1:9465, found " +
           config::quote(options_->admin));
      return std::nullopt;
    }
    return Address{*std::move(given), options_->token_file};
  }
  const auto file = config_file_.find();
  if (!file) {
    return std::nullopt;
  }
  const auto config = config::load(*file);
  if (!config) {
    print(Terminal(stderr), Style::bad, "error", config.error());
    return std::nullopt;
  }
  const config::Admin& admin = config->admin;
  if (!admin.listen || admin.listen->value.port == 0) {
    fail("\"admin\" has no fixed address in this configuration, so nobody can be asked");
    return std::nullopt;
  }
  const bool given = !options_->token_file.empty() || !admin.token_file;
  return Address{admin.listen->value,
                 given ? options_->token_file : admin.token_file->value.string()};
}

std::optional<std::string> AdminClient::url_of(const std::string& target) const {
  const auto address = find();
  return address ? std::optional(url_at(address->endpoint, target)) : std::nullopt;
}

std::optional<AdminClient::Answer> AdminClient::ask(Method method, const std::string& target,
                                                    std::chrono::seconds patience) const {
  const auto address = find();
  if (!address) {
    return std::nullopt;
  }
  auto token = token_field(address->token_file);
  if (!token) {
    return std::nullopt;
  }
  net::HttpFetcher http;
  const auto reply = http.call({.method = method == Method::post ? "POST" : "GET",
                                .url = url_at(address->endpoint, target),
                                .fields = *std::move(token)},
                               {.total = patience,
                                .body_bytes = kMostBytes,
                                .redirects = 0,
                                .allow_private_addresses = true});
  if (!reply) {
    fail(reply.error().describe() +
         "; does chainmend run there? Its log says \"admin address\"; admin.listen sets it, "
         "--admin ADDRESS asks another one");
    return std::nullopt;
  }
  Answer answer{reply->status, std::string(certs::as_text(reply->body))};
  if (answer.status == 401 || answer.status == 403 || answer.status == 421) {
    fail("the admin listener refuses (" + std::to_string(answer.status) +
         "): " + logs::visible(answer.body));
    return std::nullopt;
  }
  return answer;
}

}  // namespace chainmend::cli

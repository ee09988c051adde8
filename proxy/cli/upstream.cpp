// chainmend upstream: how the servers behind a running chainmend stand, and which of them shall get
// requests.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "proxy/cli/admin_client.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/logs/escape.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr unsigned kDone = 200;

struct Options {
  std::string action = "list";
  std::string upstream;
  std::string server;
  bool json = false;
};

// RFC 3986 2.3: all but the unreserved characters.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~';
    out += plain ? std::string(1, c) : fmt::format("%{:02X}", byte);
  }
  return out;
}

std::string text_of(const Json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? logs::visible(found->get<std::string>()) : "";
}

// What the last check that failed said, else the last failure of a request.
std::string trouble_of(const Json& server) {
  for (const Json& check : server.value("checks", Json::array())) {
    if (!check.value("up", true)) {
      return text_of(check, "scope") + ' ' + text_of(check, "outcome") + ' ' +
             text_of(check, "detail");
    }
  }
  const Json failure = server.value("last_failure", Json());
  return failure.is_object() ? text_of(failure, "at") + ' ' + text_of(failure, "text") : "-";
}

std::vector<std::string> row_of(const std::string& upstream, const Json& server) {
  return {upstream, text_of(server, "name"), text_of(server, "state"),
          std::to_string(server.value("in_use", 0U)), trouble_of(server)};
}

void print_servers(const std::vector<std::vector<std::string>>& rows) {
  Terminal(stdout).table({"UPSTREAM", "SERVER", "STATE", "IN USE", "LAST TROUBLE"}, rows);
}

int list(const AdminClient& admin, const Options& options) {
  const auto answer = admin.ask(AdminClient::Method::get, "/status");
  if (!answer) {
    return kBadInput;
  }
  const Json status = Json::parse(answer->body, nullptr, false);
  if (!status.is_object() || !status.contains("upstreams")) {
    return fail(
        "this is no chainmend; admin.listen says where it is, --admin ADDRESS asks another");
  }
  Json shown = Json::array();
  std::vector<std::vector<std::string>> rows;
  for (const Json& upstream : status["upstreams"]) {
    const std::string name = text_of(upstream, "name");
    if (!options.upstream.empty() && options.upstream != name) {
      continue;
    }
    shown.push_back({{"name", name}, {"servers", upstream["servers"]}});
    for (const Json& server : upstream["servers"]) {
      rows.push_back(row_of(name, server));
    }
  }
  if (rows.empty() && !options.upstream.empty()) {
    return fail("no upstream is called " + logs::visible(options.upstream) +
                "; `chainmend upstream list` names them");
  }
  if (options.json) {
    Terminal(stdout).line(shown.dump(2));
  } else {
    print_servers(rows);
  }
  return kOk;
}

int change(const AdminClient& admin, const Options& options) {
  const auto answer =
      admin.ask(AdminClient::Method::post, "/upstreams/" + options.action +
                                               "?upstream=" + escaped(options.upstream) +
                                               "&server=" + escaped(options.server));
  if (!answer) {
    return kBadInput;
  }
  const Json json = Json::parse(answer->body, nullptr, false);
  if (answer->status != kDone || !json.is_object() || !json.contains("server")) {
    return fail(logs::visible(answer->body.substr(0, answer->body.find('\n'))));
  }
  if (options.json) {
    Terminal(stdout).line(json.dump(2));
  } else {
    print_servers({row_of(text_of(json, "upstream"), json["server"])});
  }
  return kOk;
}

int run_upstream(const AdminClient& admin, const Options& options) {
  if (options.action == "list") {
    return list(admin, options);
  }
  if (options.upstream.empty() || options.server.empty()) {
    return fail("which? chainmend upstream " + options.action +
                " UPSTREAM SERVER; `chainmend upstream list` names them");
  }
  return change(admin, options);
}

}  // namespace

Command upstream_command(CLI::App& parent) {
  auto options = std::make_shared<Options>();
  CLI::App* app = parent.add_subcommand(
      "upstream", "Show how the servers behind stand; drain, disable and enable them");
  app->footer(
      "Examples:\n"
      "  chainmend upstream list --admin 127.0.0.1:9465\n"
      "  chainmend upstream drain cas 10.0.0.11 -c chainmend.yaml\n"
      "drain: no new client, those it has stay; disable: nothing any more; enable takes\n"
      "either back. A server keeps it over reloads, until chainmend starts again.\n"
      "Exit status: 0 done, 2 nobody to ask, or no such upstream or server.");
  app->add_option("ACTION", options->action, "list, drain, disable or enable")
      ->check(CLI::IsMember({"list", "drain", "disable", "enable"}))
      ->capture_default_str();
  app->add_option("UPSTREAM", options->upstream, "Its name in the configuration");
  app->add_option("SERVER", options->server, "As the list shows it, or its host alone");
  const AdminClient admin(*app, ConfigFile::Named::by_option);
  app->add_flag("--json", options->json, "The servers and how they stand, as JSON");
  return {app, [admin, options] { return run_upstream(admin, *options); }};
}

}  // namespace chainmend::cli

// chainmend clients: who calls a running chainmend, how their handshakes end, and what to write
// into its configuration to give some of them a name.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/asio/ip/address.hpp>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <ranges>

#include "config/client_types.h"
#include "config/quote.h"
#include "proxy/cli/admin_client.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/terminal.h"
#include "proxy/logs/escape.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMostShown = 10;    // hellos in the report for people
constexpr std::size_t kMostFailures = 5;  // likewise
constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

struct Options {
  std::string entry;               // a JA4
  std::string name = "my-phones";  // for the entry
  bool json = false;
  std::string client;  // an address
  bool failures = false;
  bool types = false;
};

int print_types() {
  const Terminal out(stdout);
  std::vector<std::vector<std::string>> rows;
  rows.reserve(config::kBuiltInClientTypes.size());
  for (const auto& type : config::kBuiltInClientTypes) {
    rows.push_back({std::string(type.name),
                    type.known_by == config::KnownBy::hello ? "its hello" : "what it asks for"});
  }
  out.table({"CLIENT TYPE", "KNOWN BY"}, rows);
  return kOk;
}

std::string number(const Json& value) { return std::to_string(value.get<std::uint64_t>()); }

std::string words(const Json& list) {
  std::string text;
  for (const Json& word : list) {
    text += (text.empty() ? "" : " ") +
            (word.is_string() ? word.get<std::string>() : std::to_string(word.get<unsigned>()));
  }
  return text.empty() ? "none" : text;
}

// One that no rule could name well.
bool is_unknown(const Json& hello) {
  return hello["confidence"] == "none" || hello["confidence"] == "low";
}

// "client_unknown_ca 12, timeout 1": the most frequent first.
std::string reasons_of(const Json& type) {
  constexpr std::size_t kMost = 2;
  std::vector<std::pair<std::uint64_t, std::string>> reasons;
  for (const auto& [reason, count] : type["reasons"].items()) {
    reasons.emplace_back(count.get<std::uint64_t>(), reason);
  }
  std::ranges::sort(reasons, std::ranges::greater());
  std::string text;
  for (const auto& [count, reason] : reasons | std::views::take(kMost)) {
    text += (text.empty() ? "" : ", ") + reason + " " + std::to_string(count);
  }
  return text.empty() ? "-" : text;
}

void print_counts(const Terminal& out, const Json& page) {
  std::vector<std::vector<std::string>> rows;
  for (const Json& type : page["types"]) {
    const std::uint64_t good =
        type["full"].get<std::uint64_t>() + type["resumed"].get<std::uint64_t>();
    rows.push_back(
        {type["listener"], type["client_type"], std::to_string(good), number(type["failed"]),
         number(type["completed_unused"]),
         type["last_success"].is_null() ? "never" : type["last_success"].get<std::string>(),
         reasons_of(type)});
  }
  out.table({"LISTENER", "CLIENT TYPE", "GOOD", "FAILED", "UNUSED", "LAST SUCCESS", "REASONS"},
            rows);
}

// The address of a peer without its port: "10.20.0.5" of "10.20.0.5:50123".
std::string address_of(const std::string& peer) {
  const std::string host = peer.substr(0, peer.rfind(':'));
  return host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
}

void print_failure(const Terminal& out, const Json& failure) {
  const Json& name = failure["server_name"];
  out.line(failure["time"].get<std::string>() + "  " + failure["listener"].get<std::string>() +
           "  " + out.styled(Style::bold, failure["client_type"].get<std::string>()) + "  " +
           failure["peer"].get<std::string>());
  out.wrapped("  asked for ", 12,
              (name.is_null() ? "no name" : logs::visible(name.get<std::string>())) + ", offered " +
                  failure["max_version"].get<std::string>() +
                  " at most: " + failure["reason"].get<std::string>());
  out.wrapped("  ", 2, logs::visible(failure["hint"].get<std::string>()));
}

// The newest first, at most so many; of one address, when it is given.
void print_failures(const Terminal& out, const Json& page, std::size_t most,
                    const std::string& address) {
  std::size_t shown = 0;
  for (const Json& failure : page["failures"]) {
    if (shown == most) {
      out.line("--failures shows more");
      return;
    }
    if (address.empty() || address_of(failure["peer"]) == address) {
      print_failure(out, failure);
      ++shown;
    }
  }
  if (shown == 0) {
    out.line("no failed handshake" + (address.empty() ? "" : " from " + address));
  }
}

void print_hellos(const Terminal& out, const std::vector<Json>& hellos) {
  std::vector<std::vector<std::string>> rows;
  rows.reserve(hellos.size());
  for (const Json& hello : hellos) {
    rows.push_back({hello["ja4"], number(hello["count"]), number(hello["completed"]),
                    hello["client_type"], hello["max_version"], hello["last_address"]});
  }
  out.table({"JA4", "SEEN", "COMPLETED", "TAKEN FOR", "OFFERS", "LAST FROM"}, rows);
  for (const Json& hello : hellos) {
    const std::string ja4 = hello["ja4"];
    out.line(ja4 + " has the suites");
    out.wrapped("  ", 2, words(hello["suites"]));
  }
}

void print_unknown(const Terminal& out, const Json& page) {
  std::vector<Json> unknown;
  for (const Json& hello : page["hellos"]) {
    if (is_unknown(hello) && unknown.size() < kMostShown) {
      unknown.push_back(hello);
    }
  }
  if (unknown.empty()) {
    return;
  }
  out.line();
  out.line("Hellos that no rule names, or not surely:");
  print_hellos(out, unknown);
  out.line("Give one a name: chainmend clients -c FILE --entry JA4 --name NAME");
}

// All that is known of one address.
int print_client(const Terminal& out, const Json& page, const std::string& address) {
  print_failures(out, page, kAll, address);
  std::vector<Json> hellos;
  for (const Json& hello : page["hellos"]) {
    if (hello["last_address"] == address) {
      hellos.push_back(hello);
    }
  }
  if (hellos.empty()) {
    out.line(
        "no hello that is remembered came last from there; `chainmend clients` shows who called");
    return kOk;
  }
  out.line();
  out.line("Hellos that came last from there:");
  print_hellos(out, hellos);
  return kOk;
}

int print_entry(const Json& page, const Options& options) {
  const auto found = std::ranges::find_if(
      page["hellos"], [&](const Json& hello) { return hello["ja4"] == options.entry; });
  if (found == page["hellos"].end()) {
    return fail("no hello with the JA4 \"" + options.entry +
                "\" was seen; --client ADDRESS shows those of a phone, --json all");
  }
  const Json& hello = *found;
  const std::string version = hello["max_version"];
  const Terminal out(stdout);
  out.line("client_types:");
  out.line("  - name: " + options.name);
  out.line("    match:");
  out.line("      ja4: " + options.entry + "   # seen " + number(hello["count"]) +
           " times, last from " + hello["last_address"].get<std::string>());
  if (version.starts_with("tls1.")) {
    out.line("      offers_at_most: " + version.substr(3));
  }
  if (!hello["names_server"].get<bool>()) {
    out.line("      sni: none");
  }
  out.line(
      "      # source: [10.0.0.0/8]   # where yours are, so that nobody else can pass for one");
  return kOk;
}

bool is_address(const std::string& text) {
  boost::system::error_code error;
  boost::asio::ip::make_address(text, error);
  return !error;
}

int run_clients(const AdminClient& admin, const Options& options) {
  if (options.types) {
    return print_types();
  }
  if (!options.client.empty() && !is_address(options.client)) {
    return fail("--client: expected an address such as 10.20.0.5, found " +
                config::quote(options.client));
  }
  const auto answer = admin.ask(AdminClient::Method::get, "/clients");
  if (!answer) {
    return kBadInput;
  }
  const Json page = Json::parse(answer->body, nullptr, false);
  if (!page.is_object() || !page.contains("types") || !page.contains("hellos") ||
      !page.contains("failures")) {
    return fail(
        "this is no chainmend; admin.listen says where it is, --admin ADDRESS asks another");
  }
  if (!options.entry.empty()) {
    return print_entry(page, options);
  }
  const Terminal out(stdout);
  if (options.json) {
    out.line(page.dump(2));
  } else if (!options.client.empty()) {
    return print_client(out, page, options.client);
  } else if (options.failures) {
    print_failures(out, page, kAll, "");
  } else {
    print_counts(out, page);
    if (!page["failures"].empty()) {
      out.line();
      out.line("Last failures:");
      print_failures(out, page, kMostFailures, "");
    }
    print_unknown(out, page);
  }
  return kOk;
}

}  // namespace

Command clients_command(CLI::App& parent) {
  auto options = std::make_shared<Options>();
  CLI::App* app = parent.add_subcommand(
      "clients", "Ask the running chainmend who calls and how their handshakes end");
  app->footer(
      "Examples:\n"
      "  chainmend clients chainmend.yaml\n"
      "  chainmend clients --entry t10i040000_cd059950e4e9_000000000000 --name lobby\n"
      "  chainmend clients --client 10.20.0.5\n"
      "  chainmend clients --types\n"
      "Exit status: 0 told, 2 nobody to ask.");
  const AdminClient admin(*app);
  app->add_flag("--json", options->json, "All that is known, as JSON");
  app->add_option("--entry", options->entry, "Print an entry for client_types that fits this hello")
      ->type_name("JA4");
  app->add_option("--name", options->name, "Name in that entry")
      ->type_name("NAME")
      ->capture_default_str();
  app->add_flag("--failures", options->failures, "List the last failed handshakes, newest first");
  app->add_option("--client", options->client, "All that is known of one address")
      ->type_name("ADDRESS");
  app->add_flag("--types", options->types, "List the built-in client types");
  return {app, [admin, options] { return run_clients(admin, *options); }};
}

}  // namespace chainmend::cli

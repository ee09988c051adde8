// chainmend top: the status page in a terminal, as it changes.
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "proxy/cli/admin_client.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/interrupt.h"
#include "proxy/cli/json_text.h"
#include "proxy/cli/prompt.h"
#include "proxy/cli/top_lines.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::chrono::seconds kPeriod{2};
// How soon a key, a signal or another size of the window is noticed.
constexpr std::chrono::milliseconds kTick{100};

struct Options {
  bool once = false;
  bool json = false;
};

struct Told {
  Json status, clients;
};

// Nothing: why not has been said.
std::optional<Told> ask(const AdminClient& admin) {
  Told told;
  const std::pair<const char*, Json*> pages[] = {{"/status", &told.status},
                                                 {"/clients", &told.clients}};
  for (const auto& [target, json] : pages) {
    const auto answer = admin.ask(AdminClient::Method::get, target);
    if (!answer) {
      return std::nullopt;
    }
    *json = Json::parse(answer->body, nullptr, false);
  }
  if (!told.status.is_object() || !told.clients.is_object()) {
    fail("this is no chainmend; admin.listen says where it is, --admin ADDRESS asks another");
    return std::nullopt;
  }
  return told;
}

void print(const Terminal& out, const Told& told, bool json) {
  if (json) {
    out.line(ascii_text({{"status", told.status}, {"clients", told.clients}}));
    return;
  }
  for (const StyledLine& line : top_lines(told.status, told.clients)) {
    out.line(out.styled(line.style, line.text));
  }
}

// Until somebody presses q, or interrupts. False: there is nobody to ask any more, which the caller
// says when the screen is the old one again.
bool watch(const Terminal& out, const Told& first, const AdminClient& admin) {
  const Interrupt interrupt;
  const FullScreen screen(out);
  std::vector<StyledLine> lines = top_lines(first.status, first.clients);
  auto next = std::chrono::steady_clock::now() + kPeriod;
  FullScreen::Size size;
  for (bool fresh = true; !interrupt.came();) {
    const FullScreen::Size now = FullScreen::size();
    if (fresh || now != size) {
      size = now;
      screen.show(lines);
      fresh = false;
    }
    if (const auto key = FullScreen::key(kTick); key == 'q' || key == 'Q') {
      break;
    }
    if (std::chrono::steady_clock::now() >= next) {
      const auto told = ask(admin);
      if (!told) {
        return false;
      }
      lines = top_lines(told->status, told->clients);
      next = std::chrono::steady_clock::now() + kPeriod;
      fresh = true;
    }
  }
  return true;
}

int run_top(const AdminClient& admin, const Options& options) {
  const auto told = ask(admin);
  if (!told) {
    return kBadInput;
  }
  const Terminal out(stdout);
  if (options.once || options.json || !can_ask()) {
    print(out, *told, options.json);
    return kOk;
  }
  if (watch(out, *told, admin)) {
    return kOk;
  }
  ask(admin);  // says why on the screen that is left
  return kBadInput;
}

}  // namespace

Command top_command(CLI::App& parent) {
  auto options = std::make_shared<Options>();
  CLI::App* app = parent.add_subcommand(
      "top", "Watch the running chainmend: who cannot connect, chains, servers");
  app->footer(
      "Examples:\n"
      "  chainmend top /etc/chainmend/chainmend.yaml\n"
      "  chainmend top --admin 127.0.0.1:9465 --once\n"
      "It is the status page, which a browser shows at the same address, in a terminal:\n"
      "new every 2 seconds, until q is pressed. Without a terminal it prints once.\n"
      "Exit status: 0 told, 2 nobody to ask.");
  const AdminClient admin(*app);
  app->add_flag("--once", options->once, "Print once and leave");
  app->add_flag("--json", options->json, "What it is made of, as JSON: /status and /clients");
  return {app, [admin, options] { return run_top(admin, *options); }};
}

}  // namespace chainmend::cli

// chainmend lab: a broken VIP on loopback, chainmend in front of it, and what to run to see both.
#include <CLI/CLI.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <thread>

#include "config/quote.h"
#include "config/suggest.h"
#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/interrupt.h"
#include "proxy/cli/terminal.h"
#include "proxy/lab/lab.h"

namespace chainmend::cli {

namespace {

using Json = nlohmann::ordered_json;
using lab::Check;
using lab::Scenario;
using lab::Site;
using lab::State;

constexpr std::uint16_t kPortBase = 8450;
constexpr std::chrono::seconds kPatience{60};

struct Options {
  std::string what;  // a scenario, "fix" or "break"; empty: list them
  std::string folder = "chainmend-lab";
  std::uint16_t base = kPortBase;
  bool once = false;
  bool json = false;
};

// How one check came out.
struct Outcome {
  const Check* check;
  State state;
  lab::Output output;

  int expected() const { return state == State::broken ? check->broken : check->fixed; }
  bool is_good() const { return output.status == expected(); }
};

std::string own_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

std::string command_text(const Site& site, const Check& check) {
  std::string text = "chainmend";
  for (const std::string& word : site.filled(check.command)) {
    text += " " + word;
  }
  return text;
}

int list(bool json) {
  const Terminal out(stdout);
  if (json) {
    Json all = Json::array();
    for (const Scenario& one : lab::scenarios()) {
      all.push_back({{"scenario", one.name},
                     {"summary", one.summary},
                     {"broken", one.broken},
                     {"fix", one.fix}});
    }
    out.line(all.dump(2));
    return kOk;
  }
  for (const Scenario& one : lab::scenarios()) {
    std::string name(one.name);
    name.resize(22, ' ');
    out.wrapped(name, name.size(), one.summary);
  }
  out.line();
  out.line("chainmend lab SCENARIO makes and runs one, on loopback.");
  return kOk;
}

void print_story(const Terminal& out, const Site& site) {
  const Scenario& s = *site.scenario;
  out.wrapped(out.styled(Style::bold, std::string(s.name)) + ": ", s.name.size() + 2, s.summary);
  out.wrapped("  broken   ", 11, s.broken);
  out.wrapped("  fix      ", 11, s.fix);
}

void print_guide(const Terminal& out, const Site& site) {
  constexpr std::string_view kParts[] = {
      "the VIP of the scenario",    "a VIP with the whole list",
      "chainmend before the first", "the server behind, plain HTTP",
      "the authority's web server", "the VIPs' status",
      "chainmend's status"};
  out.line();
  out.line("Where");
  int part = 0;
  for (const std::string_view what : kParts) {
    out.line("  " + site.at(++part) + "  " + std::string(what));
  }
  out.line();
  out.line("To see it (exit status while broken, then fixed)");
  for (const Check& check : site.scenario->checks) {
    out.line("  " + std::string(check.title) + " (" + std::to_string(check.broken) + ", " +
             std::to_string(check.fixed) + ")");
    out.line("    " + command_text(site, check));
  }
  out.line("  what others logged of it");
  out.line("    chainmend explain " + (site.folder / "logs").string());
  out.line();
  out.line("chainmend lab fix --dir " + site.folder.string() + " mends the VIP, break breaks it.");
  out.line("Serving until Ctrl-C.");
  std::fflush(stdout);
}

certs::Result<std::vector<Outcome>> try_all(const Site& site, State state) {
  std::vector<Outcome> outcomes;
  for (const Check& check : site.scenario->checks) {
    std::vector<std::string> command = site.filled(check.command);
    command.insert(command.begin(), own_program());
    auto output = lab::Child::run(command, kPatience);
    if (!output) {
      return tl::unexpected(output.error());
    }
    outcomes.push_back({&check, state, *std::move(output)});
  }
  return outcomes;
}

void print_outcome(const Terminal& out, const Site& site, const Outcome& one) {
  const std::string status = std::to_string(one.output.status);
  out.line((one.is_good() ? out.styled(Style::good, "  as it should be  ")
                          : out.styled(Style::bad, "  NOT as it should  ")) +
           std::string(one.check->title) + ": exits " + status +
           (one.is_good() ? "" : " and not " + std::to_string(one.expected())));
  out.line("    " + command_text(site, *one.check));
  if (!one.is_good()) {
    out.line(one.output.text);
  }
}

Json json_of(const Site& site, const Outcome& one) {
  return {{"state", one.state == State::broken ? "broken" : "fixed"},
          {"check", one.check->title},
          {"command", command_text(site, *one.check)},
          {"expected", one.expected()},
          {"status", one.output.status},
          {"good", one.is_good()}};
}

// Shows what is broken, mends it, shows that it is mended.
int check_once(const Site& site, bool json) {
  const Terminal out(stdout);
  Json all = Json::array();
  bool is_good = true;
  for (const State state : {State::broken, State::fixed}) {
    if (state == State::fixed) {
      if (const auto changed = lab::change(site, state); !changed) {
        return fail(changed.error().describe());
      }
    }
    if (!json) {
      out.line();
      out.line(out.styled(Style::bold, state == State::broken ? "Broken" : "Fixed"));
    }
    const auto outcomes = try_all(site, state);
    if (!outcomes) {
      return fail(outcomes.error().describe());
    }
    for (const Outcome& one : *outcomes) {
      is_good = is_good && one.is_good();
      all.push_back(json_of(site, one));
      if (!json) {
        print_outcome(out, site, one);
      }
    }
  }
  if (json) {
    out.line(Json{{"scenario", site.scenario->name}, {"good", is_good}, {"checks", all}}.dump(2));
  }
  return is_good ? kOk : kNo;
}

int run_scenario(const Site& site, const Options& options) {
  const Interrupt interrupt;
  const Terminal out(stdout);
  if (!options.json) {
    print_story(out, site);
    out.line();
    out.line("Making it in " + site.folder.string());
    std::fflush(stdout);
  }
  if (const auto made = lab::prepare(site); !made) {
    return fail(made.error().describe());
  }
  auto running = lab::Lab::start(site, own_program());
  if (!running) {
    return fail(running.error().describe() + "; --port-base takes other ports");
  }
  if (options.once) {
    return check_once(site, options.json);
  }
  print_guide(out, site);
  while (!interrupt.came()) {
    if (const std::string fallen = running->fallen(); !fallen.empty()) {
      return fail(fallen);
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
  return kOk;
}

int change_state(const Options& options) {
  const auto site = lab::find_site(options.folder);
  if (!site) {
    return fail(site.error().describe());
  }
  const State state = options.what == "fix" ? State::fixed : State::broken;
  if (const auto changed = lab::change(*site, state); !changed) {
    return fail(changed.error().describe());
  }
  const std::string is = state == State::fixed ? "fixed" : "broken";
  Terminal(stdout).line(options.json
                            ? Json{{"scenario", site->scenario->name}, {"state", is}}.dump(2)
                            : std::string(site->scenario->name) + " is " + is);
  return kOk;
}

int no_such_scenario(const std::string& name) {
  std::vector<std::string_view> known{"fix", "break"};
  for (const Scenario& one : lab::scenarios()) {
    known.push_back(one.name);
  }
  const auto meant = config::nearest(name, known);
  return fail("there is no scenario " + config::quote(name) +
              (meant ? "; did you mean " + config::quote(std::string(*meant)) + "?" : "") +
              "; `chainmend lab` lists them");
}

int run_lab(const Options& options) {
  if (options.what.empty()) {
    return list(options.json);
  }
  if (options.what == "fix" || options.what == "break") {
    return change_state(options);
  }
  const Scenario* const scenario = lab::find_scenario(options.what);
  if (scenario == nullptr) {
    return no_such_scenario(options.what);
  }
  if (options.json && !options.once) {
    return fail("--json goes with --once, with fix and break, and with the list of scenarios");
  }
  return run_scenario({std::filesystem::absolute(options.folder), options.base, scenario}, options);
}

}  // namespace

Command lab_command(CLI::App& parent) {
  auto options = std::make_shared<Options>();
  CLI::App* app = parent.add_subcommand(
      "lab", "Run a broken VIP on loopback, to see phones fail there and be mended");
  app->footer(
      "Examples:\n"
      "  chainmend lab                # which scenarios there are\n"
      "  chainmend lab lpe2012        # make one, and serve until Ctrl-C\n"
      "  chainmend lab fix            # in another terminal: mend its VIP\n"
      "  chainmend lab lpe2012 --once # show what is broken, mend it, show that\n"
      "Exit status: 0 all as it should be, 1 not (--once), 2 it could not be run.");
  app->add_option("scenario", options->what, "A scenario; fix or break for the one that runs")
      ->type_name("SCENARIO");
  app->add_option("--dir", options->folder, "Folder of the lab; one that it made is made anew")
      ->type_name("DIR")
      ->capture_default_str();
  app->add_option("--port-base", options->base, "The 7 ports after it are used")
      ->type_name("PORT")
      ->check(CLI::Range(1, 65535 - lab::kPorts))
      ->capture_default_str();
  app->add_flag("--once", options->once, "Check it, mend it, check it again, and leave");
  app->add_flag("--json", options->json, "The outcome, as JSON");
  return {app, [options] { return run_lab(*options); }};
}

}  // namespace chainmend::cli

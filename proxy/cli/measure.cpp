// chainmend measure: how often handshakes succeed, by target and kind of client.
#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/interrupt.h"
#include "proxy/cli/measure_change.h"
#include "proxy/cli/measure_exporter.h"
#include "proxy/cli/measure_options.h"
#include "proxy/cli/measure_report.h"
#include "proxy/cli/terminal.h"
#include "proxy/cli/write_new_file.h"
#include "proxy/diagnose/measure/measured_metrics.h"
#include "proxy/diagnose/measure/plan.h"
#include "proxy/logs/time_text.h"

namespace chainmend::cli {
namespace {

using Arguments = MeasureArguments;

// On a terminal, a line about how far it has come that is written over, and only for runs that
// somebody has to wait for.
class ProgressLine {
 public:
  explicit ProgressLine(const Terminal& err) : err_(err) {}
  ~ProgressLine() { clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  void show(const diagnose::Progress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (!err_.is_terminal() || now < next_) {
      return;
    }
    next_ = now + std::chrono::milliseconds(500);
    const std::string planned =
        progress.planned == 0 ? "" : fmt::format(" of {}", progress.planned);
    std::fputs(fmt::format("\r{}{} attempts, {} failed; Ctrl-C prints what there is ",
                           progress.done, planned, progress.failed)
                   .c_str(),
               stderr);
    shown_ = true;
  }

 private:
  void clear() const {
    if (shown_) {
      std::fputs("\r\033[K", stderr);
    }
  }
  const Terminal& err_;
  std::chrono::steady_clock::time_point next_ =
      std::chrono::steady_clock::now() + std::chrono::seconds(2);
  bool shown_ = false;
};

// Says beforehand what a long run will take.
void announce(const Terminal& err, const diagnose::Pace& pace, std::size_t rows) {
  const double seconds = static_cast<double>(rows * pace.count) / pace.rate;
  if (err.is_terminal() && !pace.duration && seconds > 2) {
    err.line(err.styled(Style::dim, fmt::format("{} attempts at {} a second: about {:.0f} s",
                                                rows * pace.count, pace.rate, seconds)));
  }
}

// False: something that was asked for could not be written, which is said.
bool print_all(const Arguments& arguments, const Measurement& found) {
  const Terminal out(stdout);
  if (arguments.json) {
    out.line(measurement_json(found));
  } else if (arguments.csv) {
    std::fputs(measurement_csv(found).c_str(), stdout);
  } else {
    print_measurement(out, found);
  }
  if (!arguments.textfile.empty()) {
    const auto failure =
        write_new_file(arguments.textfile, diagnose::metrics_page(found.rows, found.unreachable),
                       Replace::yes, 0644);
    if (failure) {
      fail("cannot write " + arguments.textfile + ": " + *failure);
      return false;
    }
  }
  return true;
}

int exit_code(const Measurement& found) {
  bool failed = false;
  bool attempted = false;
  for (const diagnose::Row& row : found.rows) {
    const diagnose::Rate rate = row.success();
    attempted = attempted || rate.attempts != 0;
    failed = failed || rate.successes != rate.attempts;
  }
  if (!attempted || !found.unreachable.empty()) {
    return kBadInput;
  }
  return failed ? kNo : kOk;
}

std::string roots_in_words(const Arguments& arguments) {
  std::string words = arguments.server.roots.empty() ? "the roots of this system (--roots: others)"
                                                     : "the given roots";
  return words + (arguments.server.profiles.empty() ? "" : ", or the client type's own");
}

// Fills the plan from the command line. The error is the user's.
certs::Result<void> plan_targets(const Arguments& arguments, const diagnose::ProbeOptions& options,
                                 diagnose::Plan& plan,
                                 const std::optional<diagnose::RecordedHellos>& recorded) {
  std::vector<diagnose::Target> targets;
  for (const std::string& text : arguments.server.targets) {
    auto target = diagnose::parse_target(text);
    if (!target) {
      return tl::unexpected(target.error());
    }
    targets.push_back(*std::move(target));
  }
  for (const diagnose::Target& target : targets) {
    if (recorded) {
      plan.add(target, options, *recorded);
    } else {
      plan.add(target, options);
    }
  }
  return {};
}

void run_plan(const diagnose::Pace& pace, const Interrupt& interrupt, diagnose::Plan& plan,
              Measurement& found) {
  const Terminal err(stderr);
  announce(err, pace, plan.rows().size());
  {
    ProgressLine line(err);
    diagnose::measure(plan.rows(), pace, interrupt.token(),
                      [&line](const diagnose::Progress& progress) { line.show(progress); });
  }
  found.interrupted = interrupt.came();
  found.unreachable = plan.unreachable();
  for (diagnose::Measured& measured : plan.rows()) {
    found.rows.push_back(std::move(measured.row));
  }
}

int measure_targets(const Arguments& arguments) {
  auto pace = read_pace(arguments);
  if (!pace) {
    return fail(pace.error().text);
  }
  const auto options = read_probe_options(arguments.server);
  if (!options) {
    return fail(options.error().describe());
  }
  pace->timeout = options->timeout;
  const auto bundles = read_bundles(arguments.server.bundles);
  if (!bundles) {
    return fail(bundles.error().describe());
  }
  std::optional<diagnose::RecordedHellos> recorded;
  if (!arguments.hellos.empty()) {
    auto read = read_hellos(arguments.hellos);
    if (!read) {
      return fail(read.error().text);
    }
    recorded = *std::move(read);
  }
  certs::IssuerSetSource bundle(*bundles);
  diagnose::ListJudge judge(options->trust, options->trust_of, {&bundle});
  const Interrupt interrupt;
  diagnose::Plan plan(judge, pace->timeout, interrupt.token());
  if (const auto planned = plan_targets(arguments, *options, plan, recorded); !planned) {
    return fail(planned.error().describe());
  }
  Measurement found{.began = logs::time_text(std::chrono::system_clock::now())};
  if (!recorded) {
    found.roots = roots_in_words(arguments);
  }
  run_plan(*pace, interrupt, plan, found);
  return print_all(arguments, found) ? exit_code(found) : kBadInput;
}

int run_measure(const Arguments& arguments) {
  if (!arguments.listen.empty()) {
    return serve_measurements(arguments);
  }
  if (!arguments.before.empty() || !arguments.after.empty()) {
    if (arguments.before.empty() || arguments.after.empty()) {
      return fail("--before and --after belong together: each names a result of measure --json");
    }
    return compare_measurements(arguments);
  }
  if (!arguments.policy.empty()) {
    return arguments.hellos.empty()
               ? fail("--policy needs --hellos: a handshake log with recorded hellos")
               : replay_policy(arguments);
  }
  if (arguments.server.targets.empty()) {
    return fail("measure needs a server: chainmend measure mail.contoso.com:443");
  }
  return measure_targets(arguments);
}

void add_pace_options(CLI::App& app, Arguments& arguments) {
  app.add_option("--count", arguments.count,
                 "Attempts for each client (20), or how often each recorded hello is said (1)")
      ->type_name("N");
  app.add_option("--duration", arguments.duration, "As many attempts as fit into this time instead")
      ->type_name("TIME");
  app.add_option("--rate", arguments.rate, "Attempts in a second, all clients together (5)")
      ->type_name("N");
  app.add_option("--concurrency", arguments.concurrency, "Attempts at a time (4)")->type_name("N");
  app.add_flag("--i-own-this", arguments.own_this,
               "Allow more than 100 attempts in a second: the targets are yours");
}

void add_other_ways(CLI::App& app, Arguments& arguments) {
  app.add_option("--hellos", arguments.hellos,
                 "Say the recorded hellos of this handshake log instead of the built-in ones")
      ->type_name("FILE");
  app.add_option("--policy", arguments.policy,
                 "With --hellos: what this TLS policy would do with them, without a network")
      ->type_name("NAME");
  app.add_option("-c,--config", arguments.config_file, "The configuration that defines the policy")
      ->type_name("FILE");
  auto* listen = app.add_option("--listen", arguments.listen,
                                "Measure when Prometheus asks: /probe?target=T&type=CLIENT_TYPE")
                     ->type_name("ADDRESS:PORT");
  app.add_option("--allow", arguments.allowed, "Targets that may be asked for with --listen")
      ->type_name("TARGET")
      ->needs(listen);
  app.add_option("--name", arguments.names, "Names that --listen is asked by, beside its address")
      ->type_name("NAME")
      ->needs(listen);
  app.add_option("--before", arguments.before, "Compare two results: that of measure --json before")
      ->type_name("FILE");
  app.add_option("--after", arguments.after, "and that of afterwards")->type_name("FILE");
}

}  // namespace

Command measure_command(CLI::App& parent) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App* app =
      parent.add_subcommand("measure", "Measure how often handshakes succeed, by kind of client");
  app->footer(
      "Examples:\n"
      "  chainmend measure mail.contoso.com --types lync_phone_edition ios\n"
      "  chainmend measure 10.0.0.5 --sni mail.contoso.com --json > before.json\n"
      "  chainmend measure --before before.json --after after.json\n"
      "  chainmend measure --hellos handshakes.jsonl --policy legacy-tls10\n"
      "An attempt says the client's own hello and judges what comes back as that client would;\n"
      "then it completes a handshake with the same version and suite, where OpenSSL can.\n"
      "Exit status: 0 all succeeded (nothing got worse), 1 some failed (something did),\n"
      "2 could not measure.");
  add_server_options(*app, arguments->server);
  app->add_option("--types", arguments->server.types, "Client types to play; all when not given")
      ->type_name("TYPE");
  app->add_flag("--all-addresses", arguments->server.all_addresses,
                "Measure each address of the name, not only the first that answers");
  app->add_option("--timeout", arguments->server.timeout, "How long each attempt may take (5s)")
      ->type_name("TIME");
  add_pace_options(*app, *arguments);
  add_other_ways(*app, *arguments);
  auto* json = app->add_flag("--json", arguments->json, "Print JSON");
  app->add_flag("--csv", arguments->csv, "Print CSV")->excludes(json);
  app->add_option("--textfile", arguments->textfile,
                  "Also write metrics for Prometheus' textfile collector")
      ->type_name("FILE");
  return {app, [arguments] { return run_measure(*arguments); }};
}

}  // namespace chainmend::cli

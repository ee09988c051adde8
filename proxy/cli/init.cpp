// chainmend init: a first configuration from what somebody has. Looks at the certificate and at the
// server behind, asks at a terminal for what was not given, and writes a file that `check` accepts.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "proxy/cli/command.h"
#include "proxy/cli/diagnostics.h"
#include "proxy/cli/draft.h"
#include "proxy/cli/init_report.h"
#include "proxy/cli/prompt.h"
#include "proxy/cli/survey.h"
#include "proxy/cli/terminal.h"
#include "proxy/cli/write_new_file.h"
#include "proxy/net/http_fetcher.h"
#include "proxy/serving/builder.h"
#include "proxy/version.h"

namespace chainmend::cli {

namespace {

struct InitOptions {
  Draft draft;
  std::string out = "chainmend.yaml";
  bool force = false;
  bool json = false;  // no questions then, and nothing else on standard output
};

// What a draft is called while it is tried out: relative paths start in this folder.
constexpr const char* kHere = "chainmend.yaml";

// "a, b" or "a b"; "none" is nothing.
std::vector<std::string> list_in(const std::string& answer) {
  std::istringstream words(answer == "none" ? "" : answer);
  std::vector<std::string> list;
  for (std::string word; words >> word;) {
    list.push_back(word.ends_with(',') ? word.substr(0, word.size() - 1) : word);
  }
  return list;
}

// What the configuration reader says to this draft; empty: nothing.
std::string objection(const Draft& draft) {
  const auto config = config::parse(to_yaml(draft), kHere);
  return config ? "" : config.error().front().text;
}

// Whether this is a PFX is told by its content, not by its name.
void take_certificate(Draft& draft, const std::string& file) {
  draft.pfx = file;
  draft.cert.clear();
  if (const auto tried = load_credential(draft);
      !tried && tried.error().code == certs::ErrorCode::not_recognised) {
    draft.cert = file;
    draft.pfx.clear();
  }
}

std::string judge_certificate(Draft& draft, const std::string& file) {
  if (file.empty()) {
    return "a file is needed: a .pfx as Windows exports it, or PEM";
  }
  take_certificate(draft, file);
  const auto tried = load_credential(draft);
  const bool other_file_needed =
      !tried && (tried.error().code == certs::ErrorCode::password_needed ||
                 (!draft.cert.empty() && tried.error().code != certs::ErrorCode::cannot_read));
  return tried || other_file_needed ? "" : describe(tried.error(), draft.password_file);
}

std::string judge_key(Draft& draft, const std::string& file) {
  draft.key = file;
  const auto tried = load_credential(draft);
  return tried || tried.error().code == certs::ErrorCode::password_needed
             ? ""
             : describe(tried.error(), draft.password_file);
}

std::string judge_password(Draft& draft, const std::string& file) {
  if (file.empty()) {
    return "write the password into a file that you alone may read, and name that file";
  }
  draft.password_file = file;
  const auto tried = load_credential(draft);
  return tried ? "" : describe(tried.error(), draft.password_file);
}

void ask_for_certificate(Draft& draft) {
  if (certificate_file(draft).empty()) {
    ask("Certificate with its key (.pfx or PEM)", "",
        [&](const std::string& answer) { return judge_certificate(draft, answer); });
  }
  auto tried = load_credential(draft);
  if (!tried && !draft.cert.empty() && draft.key.empty() &&
      tried.error().code != certs::ErrorCode::password_needed) {
    ask("Its private key", "", [&](const std::string& answer) { return judge_key(draft, answer); });
    tried = load_credential(draft);
  }
  if (!tried && tried.error().code == certs::ErrorCode::password_needed) {
    ask("File that holds its password", "",
        [&](const std::string& answer) { return judge_password(draft, answer); });
  }
}

// Everything that `check` would do with the draft.
config::Result<serving::Build> try_out(const Draft& draft) {
  auto config = config::parse(to_yaml(draft), kHere);
  if (!config) {
    return tl::unexpected(std::move(config.error()));
  }
  // The servers that are built give their counts back when they go, after this function.
  static metrics::Metrics metrics({kVersion, ""});
  tls::TicketKeys tickets;
  tls::SessionStore sessions;
  net::HttpFetcher fetcher;
  const Terminal err(stderr);
  const serving::BuildServices services{
      metrics, tickets, sessions, fetcher, {}, [&err](const std::string& what) {
        if (err.is_terminal()) {
          err.line(err.styled(Style::dim, what + " ..."));
        }
      }};
  return serving::build(*config, services);
}

// Sets a field of the draft to the answer when the configuration takes it there.
template <typename Set>
void ask_for(Draft& draft, const std::string& question, const std::string& otherwise, Set set) {
  ask(question, otherwise, [&](const std::string& answer) {
    Draft tried = draft;
    set(tried, answer);
    std::string wrong = objection(tried);
    if (wrong.empty()) {
      draft = std::move(tried);
    }
    return wrong;
  });
}

void ask_for_the_rest(Draft& draft, bool listen_given) {
  if (draft.servers.empty()) {
    ask_for(draft, "Server behind, such as https://10.0.0.11", "",
            [](Draft& d, const std::string& answer) { d.servers = list_in(answer); });
  }
  if (draft.phones.empty()) {
    ask_for(draft, "Networks of phones that need TLS 1.0, such as 10.20.0.0/16", "none",
            [](Draft& d, const std::string& answer) { d.phones = list_in(answer); });
  }
  if (!listen_given) {
    ask_for(draft, "Listen on", draft.listen,
            [](Draft& d, const std::string& answer) { d.listen = answer; });
  }
}

// What may complete the chain, named by files that are there.
void ask_for_issuers(Draft& draft) {
  const auto ask_for_files = [&](const std::string& question, const std::string& otherwise,
                                 std::vector<std::string> Draft::* files) {
    ask(question, otherwise, [&](const std::string& answer) {
      Draft tried = draft;
      tried.*files = answer == otherwise ? std::vector<std::string>() : list_in(answer);
      const auto build = try_out(tried);
      if (!build) {
        return build.error().front().text;
      }
      draft = std::move(tried);
      return std::string();
    });
  };
  if (draft.bundles.empty()) {
    ask_for_files("Files with intermediates (.p7b or PEM)", "none", &Draft::bundles);
  }
  if (draft.roots.empty()) {
    ask_for_files("Files with roots to trust", "the system's", &Draft::roots);
  }
}

// A file in another folder means other files by a relative path: these are made absolute.
void make_paths_fit(Draft& draft, const std::filesystem::path& out) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (fs::equivalent(out.has_parent_path() ? out.parent_path() : ".", ".", error) || error) {
    return;
  }
  const auto fit = [](std::string& path) {
    if (!path.empty() && path != "system") {
      path = fs::absolute(path).lexically_normal().string();
    }
  };
  for (std::string* path : {&draft.pfx, &draft.cert, &draft.key, &draft.password_file}) {
    fit(*path);
  }
  std::ranges::for_each(draft.bundles, fit);
  std::ranges::for_each(draft.roots, fit);
}

// What cannot be asked for without a terminal.
std::string missing(const Draft& draft) {
  std::string list = certificate_file(draft).empty() ? "--pfx FILE (or --cert FILE)" : "";
  if (draft.servers.empty()) {
    list += std::string(list.empty() ? "" : " and ") + "--upstream URL";
  }
  return list;
}

// The name that all servers that were reached have in common, when it differs from the URL's.
std::string name_of_servers(const std::vector<ServerSurvey>& surveys) {
  const auto with_name = std::ranges::find_if(
      surveys, [](const ServerSurvey& survey) { return !survey.server_name.empty(); });
  return with_name == surveys.end() ? "" : with_name->server_name;
}

// False: that was not possible, which is said.
bool write_config(const InitOptions& options) {
  const auto failed = write_new_file(options.out, to_yaml(options.draft),
                                     options.force ? Replace::yes : Replace::no);
  if (failed) {
    fail(options.out + ": cannot be written: " + *failed);
  }
  return !failed;
}

int refuse(const InitOptions& options, config::Diagnostics errors) {
  name_options(errors, to_yaml(options.draft), "--listen", "--upstream");
  if (options.json) {
    Terminal(stdout).line(as_json(errors).dump(2));
  } else {
    print(Terminal(stderr), Style::bad, "error", errors);
  }
  return kBadInput;
}

// Looks at the servers behind, and takes the name that their certificate has into the draft.
std::vector<ServerSurvey> survey(Draft& draft, const std::string& file,
                                 const std::vector<std::string>& ours) {
  auto surveys = survey_servers(*config::parse(to_yaml(draft), file), ours);
  if (const std::string name = name_of_servers(surveys);
      draft.server_name.empty() && !name.empty()) {
    draft.server_name = name;
    surveys = survey_servers(*config::parse(to_yaml(draft), file), ours);
  }
  return surveys;
}

// Writes the file, says so, and returns the exit status.
int conclude(const InitOptions& options, const certs::LeafFile& file, const serving::Build& build,
             const std::vector<ServerSurvey>& surveys) {
  if (!write_config(options)) {
    return kBadInput;
  }
  const Terminal out(stdout);
  if (options.json) {
    out.line(as_json(options.out, file, build, surveys).dump(2));
  } else {
    out.line("Written: " + out.styled(Style::bold, options.out));
    out.line("Next: chainmend check " + options.out + ", then chainmend run " + options.out);
  }
  const bool wrong = std::ranges::any_of(
      surveys, [](const ServerSurvey& survey) { return !survey.wrongs.empty(); });
  return wrong || !build.warnings.empty() ? kNo : kOk;
}

int init(InitOptions options, bool listen_given) {
  Draft& draft = options.draft;
  std::error_code error;
  if (!options.force && std::filesystem::exists(options.out, error)) {
    return fail(options.out + " is there already; --force replaces it, -o FILE writes another");
  }
  const bool asks = !options.json && can_ask();
  if (!asks && !missing(draft).empty()) {
    return fail("there is no terminal to ask at: give " + missing(draft));
  }
  if (asks) {
    ask_for_certificate(draft);
  }
  const auto credential = load_credential(draft);
  if (!credential) {
    return fail(describe(credential.error(), draft.password_file));
  }
  const Terminal out(stdout);
  if (!options.json) {
    out.line(certificate_file(draft) + ": " + describe(credential->file));
  }
  if (asks) {
    ask_for_the_rest(draft, listen_given);
  }
  auto build = try_out(draft);
  if (asks && build && !build->complete) {
    print_chains(out, *build);
    ask_for_issuers(draft);
    build = try_out(draft);
  }
  make_paths_fit(draft, options.out);
  const auto config = config::parse(to_yaml(draft), options.out);
  if (!build || !config) {
    return refuse(options, build ? config.error() : build.error());
  }
  if (!options.json) {
    print_chains(out, *build);
  }
  const bool name_given = !draft.server_name.empty();
  const auto surveys = survey(draft, options.out, credential->file.leaf->names());
  if (!options.json) {
    if (!name_given && !draft.server_name.empty()) {
      out.line(surveys.front().server + ": is expected to have a certificate for " +
               draft.server_name + ", as it is not for its address");
    }
    print_servers(out, surveys);
    print(Terminal(stderr), Style::warning, "warning", build->warnings);
  }
  return conclude(options, credential->file, *build, surveys);
}

}  // namespace

Command init_command(CLI::App& parent) {
  auto options = std::make_shared<InitOptions>();
  CLI::App* app = parent.add_subcommand(
      "init", "Write a first configuration: asks at a terminal for what is not given");
  app->footer(
      "Examples:\n"
      "  chainmend init\n"
      "  chainmend init --pfx mail.pfx --password-file mail.pass --bundle ca.p7b \\\n"
      "      --root root.pem --phones 10.20.0.0/16 --upstream https://10.0.0.11\n"
      "Exit status: 0 written, 1 written, and what it lacks is said, 2 not written.");
  add_draft_options(*app, options->draft);
  app->add_option("--upstream", options->draft.servers,
                  "Server behind, such as https://10.0.0.11; of several each in turn")
      ->allow_extra_args(false)
      ->type_name("URL");
  auto* listen = app->add_option("--listen", options->draft.listen, "Address to listen on");
  listen->type_name("ADDRESS")->capture_default_str();
  app->add_option("-o,--out", options->out, "File to write")
      ->type_name("FILE")
      ->capture_default_str();
  app->add_flag("--force", options->force, "Replace a file that is there");
  app->add_flag("--json", options->json, "Print JSON, and ask nothing");
  return {app, [options, listen] { return init(*options, listen->count() > 0); }};
}

}  // namespace chainmend::cli

#include "proxy/cli/draft.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <string_view>

#include "config/yaml_text.h"

namespace chainmend::cli {

namespace {

using config::scalar;

std::string list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) {
    out += (out.empty() ? "" : ", ") + scalar(item);
  }
  return "[" + out + "]";
}

std::string certificate(const Draft& draft) {
  std::string out = draft.pfx.empty() ? "cert: " + scalar(draft.cert) : "pfx: " + scalar(draft.pfx);
  if (!draft.key.empty()) {
    out += ", key: " + scalar(draft.key);
  }
  if (!draft.password_file.empty()) {
    out += ", password_file: " + scalar(draft.password_file);
  }
  return out;
}

std::string process(const Draft& draft) {
  std::string out;
  if (!draft.admin.empty()) {
    out += "admin: { listen: " + scalar(draft.admin) + " }\n";
  }
  if (!draft.remembers_clients) {
    out += "clients: { learn: false }   # nothing is kept over a restart\n";
  }
  return out.empty() ? "" : out + "\n";
}

std::string chain(const Draft& draft) {
  if (draft.bundles.empty() && draft.roots.empty() && draft.aia_cache.empty()) {
    return "";
  }
  std::string out = "\nchain:\n";
  if (!draft.bundles.empty()) {
    out += "  bundles: " + list(draft.bundles) + "   # intermediates that may be missing\n";
  }
  if (!draft.roots.empty()) {
    out += "  trust: " + list(draft.roots) + "   # roots that the chain may end in\n";
  }
  if (!draft.aia_cache.empty()) {
    out += "  aia: { cache: " + scalar(draft.aia_cache) + " }\n";
  }
  return out;
}

std::string phones(const Draft& draft) {
  if (draft.phones.empty()) {
    return "";
  }
  return fmt::format(
      "\n# Clients in these networks that offer nothing better than TLS 1.1.\n"
      "client_types:\n"
      "  - name: {}\n"
      "    match: {{ source: {}, offers_at_most: 1.1 }}\n",
      scalar(draft.phone_type), list(draft.phones));
}

std::string listener(const Draft& draft) {
  std::string out = fmt::format(
      "\nlisteners:\n"
      "  - name: https\n"
      "    listen: {}\n"
      "    certificates: [mail]\n",
      scalar(draft.listen));
  if (!draft.phones.empty()) {
    out += fmt::format(
        "    tls:\n"
        "      policy: intermediate      # everyone else\n"
        "      for_clients:\n"
        "        - {{ client_type: {}, policy: legacy-tls10 }}\n",
        scalar(draft.phone_type));
  }
  return out + "    upstream: server\n";
}

std::string upstream(const Draft& draft) {
  std::string out =
      "\n# The servers behind.\nupstreams:\n  server:\n    servers: " + list(draft.servers) + "\n";
  if (!draft.server_name.empty()) {
    out += "    tls:\n      server_name: " + scalar(draft.server_name) +
           "   # that their certificate must have\n"
           "      # trust: [other-root.pem]       # when it ends in another root than chain.trust "
           "has\n";
  }
  return out;
}

// The key of the value at this column, counted from 1: the last one that ends before it.
std::string key_before(std::string_view line, int column) {
  const std::string_view before = line.substr(0, static_cast<std::size_t>(column - 1));
  std::size_t end = before.rfind(':');
  while (end != before.npos && end + 1 < before.size() && before[end + 1] != ' ') {
    end = end == 0 ? before.npos : before.rfind(':', end - 1);  // the colon of an address
  }
  if (end == before.npos) {
    return {};
  }
  const std::size_t start = before.find_last_of(" {", end);
  return std::string(before.substr(start == before.npos ? 0 : start + 1,
                                   end - (start == before.npos ? 0 : start + 1)));
}

std::string_view line_of(std::string_view text, int number) {
  for (; number > 1 && !text.empty(); --number) {
    text.remove_prefix(std::min(text.size(), text.find('\n') + 1));
  }
  return text.substr(0, text.find('\n'));
}

}  // namespace

void name_options(config::Diagnostics& errors, const std::string& yaml, const std::string& listen,
                  const std::string& server) {
  const std::map<std::string_view, std::string> options = {
      {"pfx", "--pfx"},         {"cert", "--cert"},
      {"key", "--key"},         {"password_file", "--password-file"},
      {"bundles", "--bundle"},  {"trust", "--root"},
      {"source", "--phones"},   {"client_type", "--phone-type"},
      {"servers", server},      {"server_name", "--server-name"},
      {"name", "--phone-type"}, {"listen", listen}};
  for (config::Diagnostic& error : errors) {
    const std::string_view line = line_of(yaml, error.at.line);
    const std::string key = key_before(line, error.at.column);
    const auto option = options.find(key);
    if (option != options.end()) {
      error.at = {line.starts_with("admin") ? "--admin" : option->second};
    }
  }
}

void add_draft_options(CLI::App& command, Draft& draft) {
  auto* pfx =
      command.add_option("--pfx", draft.pfx, "Certificate with its key, as Windows exports it");
  pfx->type_name("FILE");
  auto* cert = command.add_option("--cert", draft.cert,
                                  "The same as PEM or DER; beside --pfx: one of the two");
  cert->type_name("FILE")->excludes(pfx);
  command.add_option("--key", draft.key, "Its private key, when it is in another file")
      ->type_name("FILE")
      ->needs(cert);
  command.add_option("--password-file", draft.password_file, "File whose first line opens the key")
      ->type_name("FILE");
  command
      .add_option("--bundle", draft.bundles,
                  "Intermediates that may be missing: a file, a folder or a quoted pattern")
      ->allow_extra_args(false)
      ->type_name("PATH");
  command.add_option("--root", draft.roots, "Roots to trust instead of the system's, likewise")
      ->allow_extra_args(false)
      ->type_name("PATH");
  command
      .add_option("--phones", draft.phones,
                  "Network whose clients may speak TLS 1.0 and 1.1, such as 10.20.0.0/16")
      ->allow_extra_args(false)
      ->type_name("CIDR");
  command.add_option("--phone-type", draft.phone_type, "What metrics and logs call these clients")
      ->type_name("NAME")
      ->capture_default_str();
  command
      .add_option("--server-name", draft.server_name,
                  "Name that the certificate of the server behind must have")
      ->type_name("NAME");
}

const std::string& certificate_file(const Draft& draft) {
  return draft.pfx.empty() ? draft.cert : draft.pfx;
}

std::string to_yaml(const Draft& draft) {
  return "# `chainmend check` says what this comes to; `chainmend config` explains every key.\n" +
         process(draft) + "certificates:\n  mail: { " + certificate(draft) + " }\n" + chain(draft) +
         phones(draft) + listener(draft) + upstream(draft);
}

}  // namespace chainmend::cli

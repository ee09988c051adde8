#include "proxy/lab/lab.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <utility>

#include "certs/certificate_reader.h"
#include "proxy/lab/lab_pki.h"
#include "proxy/net/http_fetcher.h"

namespace chainmend::lab {

namespace {

namespace fs = std::filesystem;
using certs::ErrorCode;
using certs::fail;
using certs::Result;
using std::chrono::seconds;

enum Part { kInternal = 1, kExternal, kChainmend, kServer, kAuthority, kVipAdmin, kAdmin };

constexpr const char* kMark = "lab.json";  // in a folder that is a lab's
constexpr const char* kAiaDown = "aia-down";

constexpr std::string_view kVips =
    R"(# The VIPs of `chainmend lab {scenario}`. `chainmend lab fix` and `break` write this file anew.
admin: { listen: {vip_admin} }
process: { threads: 1, drain: 1s }
logs: { handshakes: { file: vip-handshakes.jsonl } }
clients: { file: vip-clients }
chain: { trust: [pki/roots.pem] }
certificates:
  internal: { cert: pki/{list}, key: pki/{key}.key, serve: as-given }
  external: { cert: pki/full.pem, key: pki/leaf.key, serve: as-given }
listeners:
  - { name: internal, listen: {internal}, certificates: [internal], tls: { policy: {policy} }, upstream: cas }
  - { name: external, listen: {external}, certificates: [external], tls: { policy: legacy-tls10 }, upstream: cas }
upstreams:
  cas: { servers: [http://{server}] }
)";

constexpr std::string_view kInFront =
    R"(# chainmend in front of the VIP of `chainmend lab {scenario}`: it mends what the VIP does wrong.
admin: { listen: {admin} }
process: { threads: 1, drain: 1s }
logs: { handshakes: { file: handshakes.jsonl } }
clients: { file: clients }
chain:
  trust: [pki/{roots}]
  {source}
certificates:
  mail: { cert: pki/{fixed_key}.pem, key: pki/{fixed_key}.key }
client_types:
  - { name: lync_phone_edition, match: { source: [127.0.0.0/8], offers_at_most: 1.1 } }
listeners:
  - name: exchange
    listen: {chainmend}
    certificates: [mail]
    tls:
      policy: intermediate
      for_clients: [{ client_type: lync_phone_edition, policy: legacy-tls10 }]
    upstream: vip
upstreams:
  vip:
    servers: [https://{internal}]
    tls: { server_name: {host}, trust: [pki/roots.pem] }
)";

constexpr std::string_view kIisHead =
    "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
    "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\n";

using Places = std::vector<std::pair<std::string_view, std::string>>;

std::string replaced(std::string text, const Places& places) {
  for (const auto& [name, value] : places) {
    const std::string mark = "{" + std::string(name) + "}";
    for (auto at = text.find(mark); at != std::string::npos;
         at = text.find(mark, at + value.size())) {
      text.replace(at, mark.size(), value);
    }
  }
  return text;
}

Result<void> write(const fs::path& file, std::string_view text,
                   std::ios::openmode mode = std::ios::trunc) {
  std::ofstream out(file, std::ios::binary | mode);
  out << text;
  out.close();
  return out ? Result<void>()
             : Result<void>(fail(ErrorCode::cannot_read, "cannot write this file", file.string()));
}

std::string vips(const Site& site, State state) {
  const Scenario& s = *site.scenario;
  const bool broken = state == State::broken;
  return site.filled(replaced(
      std::string(kVips), {{"list", std::string(broken ? s.broken_list : s.fixed_list)},
                           {"key", std::string(broken ? s.broken_key : s.fixed_key)},
                           {"policy", std::string(broken ? s.broken_policy : s.fixed_policy)}}));
}

std::string in_front(const Site& site, State state) {
  const Scenario& s = *site.scenario;
  return site.filled(
      replaced(std::string(kInFront),
               {{"source", !s.fetches_by_aia ? "bundles: [pki/bundle.pem]"
                           : state == State::broken
                               ? "aia: { cache: aia-cache, allow_private_addresses: true }"
                               : "bundles: [published]"},
                {"fixed_key", std::string(s.fixed_key)}}));
}

Result<void> write_logs(const Site& site, State state) {
  for (const LogLines& lines : site.scenario->logs) {
    const fs::path file = site.folder / "logs" / lines.file;
    const std::string_view text = state == State::broken ? lines.broken : lines.fixed;
    if (text.empty()) {
      continue;
    }
    const bool is_new_iis = lines.file == "iis.log" && !fs::exists(file);
    auto done = write(file, (is_new_iis ? std::string(kIisHead) : "") + site.filled(text) + "\n",
                      std::ios::app);
    if (!done) {
      return done;
    }
  }
  return {};
}

Result<void> write_state(const Site& site, State state) {
  const bool broken = state == State::broken;
  std::error_code error;
  fs::copy_file(site.folder / (broken ? "root-store-broken.pem" : "root-store-fixed.pem"),
                site.folder / "root-store.pem", fs::copy_options::overwrite_existing, error);
  fs::remove(site.folder / kAiaDown, error);
  auto done = write(site.folder / "vip.yaml", vips(site, state));
  if (done) {
    done = write(site.folder / "chainmend.yaml", in_front(site, state));
  }
  if (done && broken && site.scenario->aia_is_down) {
    done = write(site.folder / kAiaDown, "");
  }
  return done ? write_logs(site, state) : done;
}

// Only what a lab made is deleted.
Result<void> empty(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / kMark)) {
    fs::remove_all(folder, error);
  } else if (fs::exists(folder) && (!fs::is_directory(folder) || !fs::is_empty(folder, error))) {
    return fail(ErrorCode::blocked,
                "this is no lab, and is not empty: --dir names a folder that a lab may have",
                folder.string());
  }
  fs::create_directories(folder / "logs", error);
  return error ? Result<void>(fail(ErrorCode::cannot_read,
                                   "cannot make this folder: " + error.message(), folder.string()))
               : Result<void>();
}

certs::FetchLimits patience(seconds total) {
  return {.total = total, .redirects = 0, .allow_private_addresses = true};
}

std::string end_of(const fs::path& log) {
  const auto bytes = certs::read_file(log.string());
  std::string text(bytes ? certs::as_text(*bytes) : std::string_view());
  constexpr std::size_t kMost = 2000;
  return text.size() > kMost ? text.substr(text.size() - kMost) : text;
}

}  // namespace

std::string Site::at(int part) const { return fmt::format("127.0.0.1:{}", base + part); }

std::string Site::filled(std::string_view text) const {
  const auto now = std::chrono::floor<seconds>(std::chrono::system_clock::now());
  const std::string roots(scenario->phone_roots);
  return replaced(std::string(text), {{"scenario", std::string(scenario->name)},
                                      {"host", kHost},
                                      {"dir", folder.string()},
                                      {"pki", (folder / "pki").string()},
                                      {"logs", (folder / "logs").string()},
                                      {"roots", roots},
                                      {"internal", at(kInternal)},
                                      {"internal_port", std::to_string(base + kInternal)},
                                      {"external", at(kExternal)},
                                      {"chainmend", at(kChainmend)},
                                      {"server", at(kServer)},
                                      {"vip_admin", at(kVipAdmin)},
                                      {"admin", at(kAdmin)},
                                      {"time", fmt::format("{:%FT%T}Z", now)},
                                      {"date", fmt::format("{:%F}", now)},
                                      {"clock", fmt::format("{:%T}", now)},
                                      {"syslog", fmt::format("{:%b %e %T}", now)}});
}

std::vector<std::string> Site::filled(const std::vector<std::string_view>& words) const {
  std::vector<std::string> out;
  out.reserve(words.size());
  for (const std::string_view word : words) {
    out.push_back(filled(word));
  }
  return out;
}

Result<Site> find_site(const fs::path& folder) {
  const auto bytes = certs::read_file((folder / kMark).string());
  const auto json = bytes ? nlohmann::json::parse(*bytes, nullptr, false) : nlohmann::json();
  Site site{.folder = fs::absolute(folder), .base = 0, .scenario = nullptr};
  if (json.is_object() && json.contains("scenario") && json["scenario"].is_string() &&
      json.contains("port_base") && json["port_base"].is_number_unsigned()) {
    site.scenario = find_scenario(json["scenario"].get<std::string>());
    site.base = json["port_base"].get<std::uint16_t>();
  }
  if (site.scenario == nullptr) {
    return fail(ErrorCode::not_recognised,
                "there is no lab: `chainmend lab SCENARIO` makes one, and --dir says where it is",
                folder.string());
  }
  return site;
}

Result<void> prepare(const Site& site) {
  auto done = empty(site.folder);
  if (done) {
    const nlohmann::json mark{{"scenario", site.scenario->name}, {"port_base", site.base}};
    done = write(site.folder / kMark, mark.dump() + "\n");
  }
  if (done) {
    done = make_pki({.folder = site.folder,
                     .aia = "http://" + site.at(kAuthority),
                     .now = std::chrono::floor<seconds>(std::chrono::system_clock::now())});
  }
  return done ? write_state(site, State::broken) : done;
}

Result<void> change(const Site& site, State state) {
  auto done = write_state(site, state);
  net::HttpFetcher http;
  for (const int admin : {static_cast<int>(kVipAdmin), static_cast<int>(kAdmin)}) {
    if (!done) {
      break;
    }
    const auto answer =
        http.call({.method = "POST", .url = "http://" + site.at(admin) + "/reload", .fields = {}},
                  patience(seconds(60)));
    if (!answer) {
      return fail(ErrorCode::network, "nothing of this lab runs: " + answer.error().describe(),
                  site.folder.string());
    }
    if (answer->status != 200) {
      return fail(ErrorCode::network,
                  "the change was refused: " + std::string(certs::as_text(answer->body)),
                  site.folder.string());
    }
  }
  return done;
}

Result<Lab> Lab::start(const Site& site, const std::string& program) {
  Lab lab;
  auto backend = Backend::start({.port = static_cast<std::uint16_t>(site.base + kServer),
                                 .aia_port = static_cast<std::uint16_t>(site.base + kAuthority),
                                 .published = site.folder / "published",
                                 .aia_down = site.folder / kAiaDown,
                                 .log = site.folder / "logs" / "iis.log"});
  if (!backend) {
    return tl::unexpected(backend.error());
  }
  lab.backend_ = *std::move(backend);
  net::HttpFetcher http;
  for (const auto& [name, admin] : {std::pair("vip", kVipAdmin), std::pair("chainmend", kAdmin)}) {
    const fs::path log = site.folder / (std::string(name) + ".log");
    auto child = Child::start(
        {program, "run", "-c", (site.folder / (std::string(name) + ".yaml")).string()}, log);
    if (!child) {
      return tl::unexpected(child.error());
    }
    lab.parts_.push_back({name, log, *std::move(child)});
    const auto until = std::chrono::steady_clock::now() + seconds(30);
    const std::string url = "http://" + site.at(admin) + "/healthz";
    while (!http.fetch(url, patience(seconds(2)))) {
      std::string fallen = lab.fallen();
      if (!fallen.empty() || std::chrono::steady_clock::now() > until) {
        return fail(ErrorCode::timeout, fallen.empty() ? "it does not begin to serve" : fallen,
                    log.string());
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
  }
  return lab;
}

std::string Lab::fallen() {
  for (Part& part : parts_) {
    if (part.child.has_ended()) {
      return part.name + " ended by itself: " + end_of(part.log);
    }
  }
  return {};
}

}  // namespace chainmend::lab

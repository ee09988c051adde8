// Makes the certificates of a scenario for tests/scenarios/drive.py:
//   scenario_certificates SCENARIO.TXT FOLDER WEB
// writes NAME.pem and NAME.key for each, and certificates.json: fingerprint, key id, the names
// of its issuers and the host. WEB is host and port of the web server that {web} stands for; the
// clock is the real one.
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/certs/scenario.h"

namespace {

using chainmend::certs::hex;
using chainmend::certs::testing::Identity;
using chainmend::certs::testing::Scenario;

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// Those that may stand above this one: a cross-certificate has the same key as its twin.
std::vector<std::string> issuers_of(const Scenario& scenario, const Identity& child) {
  std::vector<std::string> names;
  for (const auto& [name, issuer] : scenario.certificates()) {
    if (issuer.certificate->subject_key() == child.certificate->issuer_key() &&
        verifies(*child.certificate, *issuer.certificate)) {
      names.push_back(name);
    }
  }
  return names;
}

void write_all(const Scenario& scenario, const std::filesystem::path& folder) {
  nlohmann::json all;
  for (const auto& [name, identity] : scenario.certificates()) {
    write_text(folder / (name + ".pem"), identity.certificate->pem());
    write_text(folder / (name + ".key"), key_pem(identity));
    const auto& key_id = identity.certificate->subject_key_id();
    all[name] = {{"sha256", hex(identity.certificate->fingerprint())},
                 {"key_id", key_id ? chainmend::certs::hex_colons(*key_id) : ""},
                 {"issuers", issuers_of(scenario, identity)},
                 {"host", identity.certificate->names().front()}};
  }
  write_text(folder / "certificates.json", all.dump(1));
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::fputs("usage: scenario_certificates SCENARIO.TXT FOLDER WEB\n", stderr);
    return 2;
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  write_all(Scenario(read_text(argv[1]), {.web = argv[3], .now = now}), argv[2]);
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "%s: %s\n", argv[1], error.what());
  return 1;
}

#include "proxy/serving/trust_store.h"

#include <chrono>
#include <utility>
#include <vector>

#include "certs/root_store.h"

namespace chainmend::serving {

namespace {

std::string key_of(const config::Trust& trust, const std::string& name) {
  std::string key = (trust.system ? "system " : " ") + (trust.files.empty() ? "" : name);
  for (const auto& file : trust.files) {
    key += '\n' + file.value.string();
  }
  return key;
}

certs::Result<certs::LoadedProfile> read(const config::Trust& trust, const std::string& name) {
  std::vector<std::string> paths;
  paths.reserve(trust.files.size());
  for (const auto& file : trust.files) {
    paths.push_back(file.value.string());
  }
  if (paths.empty()) {
    return certs::TrustProfile::system();
  }
  return trust.system ? certs::TrustProfile::system_and_files(name, paths)
                      : certs::TrustProfile::from_files(name, paths);
}

config::Location place_of(const config::Trust& trust) {
  return trust.files.empty() ? config::Location{} : trust.files.front().at;
}

}  // namespace

certs::TrustProfilePtr TrustStore::load(const config::Trust& trust, const std::string& name,
                                        Findings& findings) {
  const auto [known, is_new] = loaded_.try_emplace(key_of(trust, name));
  if (!is_new) {
    return known->second.profile;
  }
  auto loaded = read(trust, name);
  if (!loaded) {
    findings.errors.push_back(at(place_of(trust), loaded.error()));
    return nullptr;
  }
  for (const certs::Error& problem : loaded->problems) {
    findings.warnings.push_back(at(place_of(trust), problem));
  }
  known->second = *std::move(loaded);
  return known->second.profile;
}

void TrustStore::examine(const config::TrustProfile& profile, Findings& findings) {
  const auto loaded = loaded_.find(key_of(profile.roots, profile.name));
  if (profile.roots.system || loaded == loaded_.end()) {
    return;  // the system's own store is not the client's
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  for (const certs::RootProblem& problem : certs::examine_roots(loaded->second.found, now)) {
    const std::string place =
        problem.file + (problem.line > 0 ? ":" + std::to_string(problem.line) : "");
    findings.warnings.push_back(
        {profile.at, "trust profile " + profile.name + ": " + place + ": " + problem.text});
  }
}

}  // namespace chainmend::serving

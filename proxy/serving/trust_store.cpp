#include "proxy/serving/trust_store.h"

#include <vector>

namespace chainmend::serving {

certs::TrustProfilePtr TrustStore::load(const config::Trust& trust, const std::string& name,
                                        Findings& findings) {
  std::string key = trust.system ? "system" : name;
  std::vector<std::string> paths;
  config::Location location;
  if (!trust.system) {
    location = trust.files.front().at;
    for (const auto& file : trust.files) {
      paths.push_back(file.value.string());
      key += '\n' + paths.back();
    }
  }
  const auto known = loaded_.find(key);
  if (known != loaded_.end()) {
    return known->second;
  }
  auto loaded =
      trust.system ? certs::TrustProfile::system() : certs::TrustProfile::from_files(name, paths);
  if (!loaded) {
    findings.errors.push_back(at(location, loaded.error()));
    return loaded_[key] = nullptr;
  }
  for (const certs::Error& problem : loaded->problems) {
    findings.warnings.push_back(at(location, problem));
  }
  return loaded_[key] = loaded->profile;
}

}  // namespace chainmend::serving

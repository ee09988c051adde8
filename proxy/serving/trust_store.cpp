#include "proxy/serving/trust_store.h"

namespace chainmend::serving {

config::Diagnostic at(const config::Location& location, const certs::Error& error) {
  return {location, error.describe()};
}

certs::TrustProfilePtr TrustStore::load(const config::Trust& trust, config::Diagnostics& errors,
                                        config::Diagnostics& warnings) {
  std::string key = "system";
  std::vector<std::string> paths;
  config::Location location;
  if (!trust.system) {
    key.clear();
    location = trust.files.front().at;
    for (const auto& file : trust.files) {
      paths.push_back(file.value.string());
      key += paths.back() + '\n';
    }
  }
  const auto known = loaded_.find(key);
  if (known != loaded_.end()) {
    return known->second;
  }
  auto loaded = trust.system ? certs::TrustProfile::system()
                             : certs::TrustProfile::from_files("configured", paths);
  if (!loaded) {
    errors.push_back(at(location, loaded.error()));
    return loaded_[key] = nullptr;
  }
  for (const certs::Error& problem : loaded->problems) {
    warnings.push_back(at(location, problem));
  }
  return loaded_[key] = loaded->profile;
}

}  // namespace chainmend::serving

#include "config/config.h"

namespace chainmend::config {

namespace {

void append(std::vector<Path>& out, const std::optional<Located<Path>>& file) {
  if (file) {
    out.push_back(file->value);
  }
}

void append(std::vector<Path>& out, const std::vector<Located<Path>>& files) {
  for (const Located<Path>& file : files) {
    out.push_back(file.value);
  }
}

void append(std::vector<Path>& out, const ClientCertificates& terms) {
  append(out, terms.trust);
  append(out, terms.ca_names.files);
  append(out, terms.crls);
}

}  // namespace

std::vector<Path> input_files(const Config& config) {
  std::vector<Path> out;
  append(out, config.admin.token_file);
  append(out, config.chain.bundles);
  append(out, config.chain.trust.files);
  for (const TrustProfile& profile : config.trust_profiles) {
    append(out, profile.roots.files);
  }
  for (const Certificate& certificate : config.certificates) {
    append(out, certificate.pfx);
    append(out, certificate.cert);
    append(out, certificate.key);
    append(out, certificate.password_file);
  }
  for (const Upstream& upstream : config.upstreams) {
    if (upstream.tls.trust) {
      append(out, upstream.tls.trust->files);
    }
  }
  for (const Listener& listener : config.listeners) {
    append(out, listener.client_certificate);
    for (const ForClients& some : listener.for_clients) {
      if (some.client_certificate) {
        append(out, *some.client_certificate);
      }
    }
  }
  return out;
}

}  // namespace chainmend::config

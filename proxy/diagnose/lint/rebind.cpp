#include "proxy/diagnose/lint/rebind.h"

#include <fmt/format.h>

namespace chainmend::diagnose {

namespace {

// Of IIS: who made a binding without saying so.
constexpr const char* kIis = "{4dc3e181-e14b-4a21-b022-59fc669b0914}";

// For a name between quotes of PowerShell, where a quote is written twice.
std::string quoted(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += c == '\'' ? std::string("''") : std::string(1, c);
  }
  return "'" + out + "'";
}

}  // namespace

std::string rebind_site(const std::string& site, std::uint16_t port,
                        const std::string& thumbprint) {
  return fmt::format(
      "IIS Manager, {0}, Bindings, https {1}, Edit: choose the certificate whose thumbprint is "
      "{2}. PowerShell: (Get-WebBinding -Name {3} -Protocol https -Port {1})"
      ".AddSslCertificate('{2}', 'My'). It must be in Cert:\\LocalMachine\\My with its key",
      site, port, thumbprint, quoted(site));
}

std::string rebind(const Binding& binding, const std::string& thumbprint) {
  if (!binding.site.empty()) {
    return rebind_site(binding.site, binding.port, thumbprint);
  }
  const std::string place =
      (binding.host.empty() ? "ipport=" : "hostnameport=") + binding.endpoint();
  return fmt::format(
      "netsh http delete sslcert {0}, then netsh http add sslcert {0} certhash={1} "
      "appid=\"{2}\" certstorename={3}{4}",
      place, thumbprint, binding.application.empty() ? kIis : binding.application,
      binding.store.empty() ? "My" : binding.store,
      binding.asks_for_certificate.value_or(false) ? " clientcertnegotiation=enable" : "");
}

}  // namespace chainmend::diagnose

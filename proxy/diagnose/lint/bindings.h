// Which certificate Windows shows at which port, read from what its tools print: `netsh http show
// sslcert`, and Get-WebBinding and Get-ChildItem IIS:\SslBindings of PowerShell, as lists or
// tables. netsh speaks the language of Windows, so its lines are told by the form of their values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "certs/bytes.h"

namespace chainmend::diagnose {

struct Binding {
  std::string host;     // of clients that name this server (SNI), lower case; empty: any client
  std::string address;  // where clients connect to, "0.0.0.0": any; empty when there is a host
  std::uint16_t port = 0;
  std::string thumbprint;  // SHA-1 in capitals; empty: none, or not shown: see shows_certificate
  bool shows_certificate = false;            // the text has a place for the thumbprint
  bool is_cut = false;                       // PowerShell shortened the row with "..."
  std::string application;                   // the GUID in braces of who made it; empty: not shown
  std::string store;                         // "My"; empty: not shown
  std::string site;                          // of IIS; empty: not shown
  std::optional<bool> asks_for_certificate;  // of clients, at the start of each connection
  bool of_http_sys = true;  // what the system goes by, and not what a site was configured with
  std::string file;
  std::size_t line = 0;  // where it begins

  // "0.0.0.0:443", "[::]:443", "mail.contoso.com:443"
  std::string endpoint() const;
  bool is_for_all_addresses() const;
};

inline constexpr std::size_t kMaxBindings = 10'000;

struct Bindings {
  std::vector<Binding> found;  // at most kMaxBindings; empty: text of another kind
  std::size_t left_out = 0;    // those beyond them
};

// In any encoding that Windows writes.
Bindings read_bindings(certs::ByteView bytes, const std::string& file);

}  // namespace chainmend::diagnose

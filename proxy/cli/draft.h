// Draft: what somebody has who begins (a certificate, a server behind, perhaps a bundle, a private
// root and phones) and the configuration that it makes. `init` writes it to a file, `proxy` serves
// it.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

#include "config/result.h"

namespace chainmend::cli {

struct Draft {
  std::string pfx, cert, key;  // pfx or cert; key may be empty
  std::string password_file;   // empty: none
  std::vector<std::string> bundles, roots;
  std::vector<std::string> phones;  // networks whose clients may speak TLS 1.0; empty: none
  std::string phone_type = "lync_phone_edition";
  std::string listen = "0.0.0.0:443";
  std::vector<std::string> servers;  // URLs
  std::string server_name;           // expected in the servers' certificates; empty: as in the URL
  std::string admin;                 // address, or "off"; empty: the default
  std::string aia_cache;             // folder; empty: the default
  bool remembers_clients = true;     // over a restart, which takes a file in /var/lib
};

// The options that say all of this. Lists may be given by repeating the option.
void add_draft_options(CLI::App& command, Draft& draft);

// An error about the draft's configuration names the option that said it: nobody has seen the text.
// `yaml` is what to_yaml() made; `listen` and `server` are the names of the command's own options.
void name_options(config::Diagnostics& errors, const std::string& yaml, const std::string& listen,
                  const std::string& server);

// The certificate's file: the PFX, or the PEM.
const std::string& certificate_file(const Draft& draft);

// The configuration, with a comment where a reader will want to change something.
std::string to_yaml(const Draft& draft);

}  // namespace chainmend::cli

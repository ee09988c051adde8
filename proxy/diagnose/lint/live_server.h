// A server that `chainmend lint` was told to look at, as its probe saw it: what is to be said of
// the lists that it shows. Pure.
#pragma once

#include <string>
#include <vector>

#include "proxy/diagnose/lint/rules.h"
#include "proxy/diagnose/probe/probe.h"

namespace chainmend::diagnose {

struct LiveVerdict {
  std::vector<LintFinding> findings;
  std::vector<std::string> facts;               // which address was asked, and what it shows
  std::vector<certs::CertificatePtr> repaired;  // what the first list should be; empty: no way
  std::size_t certificates = 0;
};

// Each list point by point, and what differs for clients that name no server.
LiveVerdict lint_live_server(const ProbeReport& report);

// Where findings about it are made: "mail.contoso.com:443".
Place place_of(const ProbeReport& report);

// The list that it shows to clients that name it; null: none was seen.
const Served* shown_list(const ProbeReport& report);

// Which address was asked, of how many: a sentence. Empty: none could be.
std::string asked_address(const ProbeReport& report);

// Why no certificate was seen there; unset: some were.
std::optional<LintFinding> not_reached(const ProbeReport& report);

}  // namespace chainmend::diagnose

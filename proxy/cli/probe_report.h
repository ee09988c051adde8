// How `chainmend probe` prints what it saw: a page for people, or JSON.
#pragma once

#include <string>
#include <vector>

#include "certs/certificate.h"
#include "proxy/cli/terminal.h"
#include "proxy/diagnose/probe/fix.h"
#include "proxy/diagnose/probe/probe.h"

namespace chainmend::cli {

// OpenSSL's name of the algorithm that a certificate is signed with: "RSA-SHA256".
std::string signature_of(const certs::Certificate& certificate);

void print_probe(const Terminal& out, const diagnose::ProbeReport& report,
                 const diagnose::FixFiles& files);
// One object with a version of its schema and a list of targets.
void print_probe_json(const Terminal& out, const std::vector<diagnose::ProbeReport>& reports);
// The client types whose hello is known, with the source of what is known and what is assumed.
void print_client_stacks(const Terminal& out, bool json);

}  // namespace chainmend::cli

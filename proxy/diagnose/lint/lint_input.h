// The files that `chainmend lint` was given, as certificates with their places.
#pragma once

#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/password.h"
#include "certs/pkcs12.h"
#include "certs/pkcs12_shape.h"
#include "proxy/diagnose/f5/sources.h"
#include "proxy/diagnose/lint/bindings.h"
#include "proxy/diagnose/lint/listed.h"
#include "proxy/diagnose/lint/rules.h"

namespace chainmend::diagnose {

struct Entry {
  certs::CertificatePtr certificate;
  Place place;
  std::string store = {};  // of Windows that it was in, "Root"; empty: not said
  bool has_key = false;    // there, its private key is on the machine
};

// A certificate that a listing names, without its bytes.
struct ListedEntry {
  Listed listed;
  Place place;
};

struct PfxFile {
  std::string file;
  certs::Pkcs12Shape shape;
  bool is_open = false;  // the password fitted
  bool opened_without_password = false;
  std::vector<certs::Pkcs12Key> keys;
};

struct LintInput {
  std::vector<Entry> entries;       // in the order of files and of their content
  std::vector<ListedEntry> listed;  // likewise
  std::vector<Place> keys;          // private keys
  std::vector<PfxFile> pfx;         // PKCS#12 files; what is in them is in entries and keys, too
  std::vector<Binding> bindings;    // of IIS and HTTP.SYS
  f5::Sources bigip;                // configurations of BIG-IPs, and the certificates in archives
  std::vector<LintFinding> unreadable;  // what is to be said of files and texts themselves
  std::vector<std::string> failures;    // files that could not be opened, with the reason
  std::vector<std::string> ignored;     // files of a folder that are no certificates
  std::size_t files = 0;                // that were read
};

// Files, pipes, - (standard input), and folders with all that is below them. What is no certificate
// is a finding in a file that was named, and ignored in a folder: there are readme files and keys.
LintInput read_lint_input(const std::vector<std::string>& paths, const certs::Password& password);

}  // namespace chainmend::diagnose

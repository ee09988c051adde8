// compare(): what two places show otherwise that should show the same: the addresses of one name, a
// load balancer and the server behind it, a server and the file it was given. Pure.
#pragma once

#include <string>
#include <vector>

#include "certs/certificate.h"
#include "proxy/diagnose/finding.h"

namespace chainmend::diagnose {

struct Side {
  std::string name;                         // as people call it: "10.0.0.5", "behind:443", a file
  std::vector<certs::CertificatePtr> list;  // as sent, leaf first; not empty
};

struct Comparison {
  std::string here, there;  // names of the sides
  std::vector<Finding> findings;
};

// Always says whether the leaf is the same, and so whether Extended Protection passes from one to
// the other.
Comparison compare(const Side& here, const Side& there);

}  // namespace chainmend::diagnose

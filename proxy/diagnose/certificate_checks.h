// What is worth saying of one certificate of a served list, whatever the others are. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "proxy/diagnose/finding.h"

namespace chainmend::diagnose {

// Dates, key, signature. index: in the list.
void check_certificate(const certs::Certificate& certificate, std::size_t index, certs::Time now,
                       std::vector<Finding>& findings);

// Names, key usage, purpose. host: what clients ask for; empty: any.
void check_leaf(const certs::Certificate& leaf, const std::string& host,
                std::vector<Finding>& findings);

}  // namespace chainmend::diagnose

// A ServedChain as people and programs read it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "certs/served_chain.h"

namespace chainmend::certs {

// {"complete", "anchor", "chain": [{"pem", "sha256", "subject", "issuer", "not_after", "source",
// ...}], "warnings",
//  "repairs", "rejected": [{...}], "failure": null | {"reason", "text", "missing_issuer", "key_id",
//  "aia_urls"}}
nlohmann::ordered_json to_json(const ServedChain& chain);

// PEM of what is served, leaf first.
std::string to_pem(const ServedChain& chain);

}  // namespace chainmend::certs

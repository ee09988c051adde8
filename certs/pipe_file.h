// Certificates from a pipe: standard input, or what a shell makes of <(command). For commands that
// run once; whoever serves reads its files again and again and must not wait for somebody.
#pragma once

#include <chrono>
#include <string>

#include "certs/bytes.h"
#include "certs/result.h"

namespace chainmend::certs {

// "-" is standard input.
bool is_pipe(const std::string& path);

// To its end, at most kMaxCertificateFileBytes. patience: for the whole of it.
Result<Bytes> read_pipe(const std::string& path,
                        std::chrono::milliseconds patience = std::chrono::seconds(10));

}  // namespace chainmend::certs

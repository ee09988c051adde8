// Files -> certificates, by content and never by file name: PEM, DER, PKCS#7, PKCS#12 and Windows
// stores, alone or mixed. What cannot be read is reported with file and line, and the rest is used.
#pragma once

#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/password.h"
#include "certs/result.h"

namespace chainmend::certs {

inline constexpr std::size_t kMaxCertificateFileBytes = 64 * 1024 * 1024;

struct FoundCertificate {
  CertificatePtr certificate;
  std::string file;
  std::size_t line = 0;  // of its BEGIN line; 0 in formats without lines
};

struct Reading {
  std::vector<FoundCertificate> certificates;  // in the order of files and of their content
  std::vector<Error> problems;
  std::vector<Error> notes;  // what of the files had to be put right to be read
};

// The bytes of a regular file of at most kMaxCertificateFileBytes.
Result<Bytes> read_file(const std::string& path);

// where names the bytes in problems. A password is only asked for by PKCS#12. Bytes without any
// certificate are a problem of code empty or not_recognised.
Reading read_certificates(ByteView bytes, const std::string& where, const Password& password = {});

// Whether a path may be "-" (standard input) or a pipe; see pipe_file.h.
enum class Pipes { refused, read };

// One file; every regular file in a folder, by name; or every match of a glob pattern. A path that
// matches nothing is a problem.
Reading read_certificate_files(const std::string& path, const Password& password = {},
                               Pipes pipes = Pipes::refused);

}  // namespace chainmend::certs

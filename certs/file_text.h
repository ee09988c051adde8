// The text of certificate and key files as people have them: what PowerShell, Kubernetes,
// environment variables and old editors have put around PEM is taken off again. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "certs/bytes.h"

namespace chainmend::certs {

struct FileText {
  std::optional<Bytes> bytes;      // instead of those given; unset: nothing had to be put right
  std::vector<std::string> notes;  // what was put right, a sentence each
};

// Undone are: UTF-16, CR alone as line end, "\n" written as two characters, and base64 around a
// whole PEM or DER file. Anything else stays as it is. Linear in the size of bytes.
FileText put_text_right(ByteView bytes);

// What bytes are that hold no certificate and no key of a kind we read, and what to do with them:
// "a zip archive: unpack it first". Empty: not known.
std::string name_foreign_bytes(ByteView bytes);
// The same of a PEM block of this label.
std::string name_foreign_block(std::string_view label);

// The bytes of a whole base64 text without blanks.
std::optional<Bytes> decode_base64(std::string_view base64);
// In one line, with padding (RFC 4648 section 4).
std::string encode_base64(ByteView bytes);

}  // namespace chainmend::certs

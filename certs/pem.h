// PEM armour (RFC 7468), read the way it is found in the wild: a byte order mark, CRLF, blanks
// before and after lines, text around and between the blocks, blocks of every kind in one file.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "certs/bytes.h"
#include "certs/result.h"

namespace chainmend::certs {

struct PemBlock {
  std::string label;  // "CERTIFICATE", "PKCS7", "ENCRYPTED PRIVATE KEY", ...
  Bytes der;  // decoded; empty when the block has headers (RFC 1421), as old encrypted keys do
  std::string_view text;  // the whole block from BEGIN to END, borrowed from the input
  std::size_t line = 0;   // of BEGIN, from 1
};

struct PemText {
  std::vector<PemBlock> blocks;
  std::vector<Error>
      problems;              // broken blocks, each with the line it broke at; `where` is left empty
  std::vector<Error> notes;  // what was put right, with its first line
};

// A ZIP archive is none, though it may hold the text of a PEM file as it is.
bool looks_like_pem(ByteView bytes);

// Every readable block of text and every problem, in order. Linear in the size of text.
PemText read_pem(std::string_view text);

}  // namespace chainmend::certs

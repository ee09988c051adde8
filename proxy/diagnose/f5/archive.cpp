#include "proxy/diagnose/f5/archive.h"

#include <algorithm>

namespace chainmend::diagnose::f5 {

namespace {

// POSIX.1 ustar: a header of one block before each file, whose content fills whole blocks.
constexpr std::size_t kBlock = 512;
constexpr std::size_t kMaxPath = 4096;

std::string_view field(certs::ByteView header, std::size_t from, std::size_t size) {
  const std::string_view text = certs::as_text(header.subspan(from, size));
  return text.substr(0, text.find('\0'));
}

// Octal digits; GNU writes what is larger in binary, and no file of ours is.
std::size_t octal(std::string_view text) {
  std::size_t number = 0;
  for (const char c : text) {
    if (c >= '0' && c <= '7') {
      number = number * 8 + static_cast<std::size_t>(c - '0');
    }
  }
  return number;
}

// "27 path=config/bigip.conf\n" among the records of a pax header. Empty: none.
std::string pax_path(std::string_view records) {
  constexpr std::string_view kKey = " path=";
  const auto at = records.find(kKey);
  if (at == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = records.substr(at + kKey.size());
  return std::string(rest.substr(0, std::min(rest.find('\n'), kMaxPath)));
}

bool is_of_macos(std::string_view path) {
  return path.substr(path.rfind('/') + 1).starts_with("._") || path.starts_with("__MACOSX/");
}

}  // namespace

bool looks_like_tar(certs::ByteView bytes) {
  return bytes.size() >= kBlock && field(bytes, 257, 5) == "ustar";
}

bool looks_like_encrypted_ucs(certs::ByteView bytes) {
  constexpr std::string_view kSalted = "Salted__";  // of `openssl enc`
  // A symmetric-key encrypted session key packet, version 4, as OpenPGP (RFC 9580 4.2, 5.3) and gpg
  // begin with.
  const bool is_pgp =
      bytes.size() > 3 && (bytes[0] == 0x8C || bytes[0] == 0xC3) && bytes[2] == 0x04;
  return is_pgp || certs::as_text(bytes).starts_with(kSalted);
}

bool visit_tar(certs::ByteView tar,
               const std::function<void(const std::string&, certs::ByteView)>& visit) {
  std::string long_path;  // of the next file
  bool has_files = false;
  while (tar.size() >= kBlock) {
    const certs::ByteView header = tar.first(kBlock);
    tar = tar.subspan(kBlock);
    if (field(header, 0, 100).empty()) {
      continue;  // two empty blocks end it, and whatever follows has no names
    }
    const std::size_t size = octal(field(header, 124, 12));
    if (size > tar.size()) {
      return false;
    }
    const certs::ByteView content = tar.first(size);
    tar = tar.subspan(std::min(tar.size(), (size + kBlock - 1) / kBlock * kBlock));
    const auto type = static_cast<char>(header[156]);
    if (type == 'L') {
      long_path = field(content, 0, std::min(content.size(), kMaxPath));
    } else if (type == 'x') {
      long_path = pax_path(certs::as_text(content));
    } else {
      const std::string_view prefix =
          field(header, 257, 6) == "ustar" ? field(header, 345, 155) : std::string_view();
      std::string path = !long_path.empty() ? long_path
                         : prefix.empty()
                             ? std::string(field(header, 0, 100))
                             : std::string(prefix) + "/" + std::string(field(header, 0, 100));
      long_path.clear();
      if ((type == '0' || type == '\0') && !is_of_macos(path)) {
        has_files = true;
        visit(path.starts_with("./") ? path.substr(2) : path, content);
      }
    }
  }
  return has_files;
}

}  // namespace chainmend::diagnose::f5

#include "certs/file_text.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "certs/openssl.h"

namespace chainmend::certs {

namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::uint8_t kSequence = 0x30;

bool is_base64_character(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+' ||
         c == '/' || c == '=';
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

enum class Order : std::uint8_t { little, big };

// By the mark, or by the NUL beside the first character, which is ASCII in what we read.
std::optional<Order> utf16_order(ByteView bytes) {
  if (bytes.size() < 4) {
    return std::nullopt;
  }
  if (bytes[0] == 0xff && bytes[1] == 0xfe) {
    return Order::little;
  }
  if (bytes[0] == 0xfe && bytes[1] == 0xff) {
    return Order::big;
  }
  if (bytes[0] == '-' && bytes[1] == 0 && bytes[2] == '-' && bytes[3] == 0) {
    return Order::little;
  }
  if (bytes[0] == 0 && bytes[1] == '-' && bytes[2] == 0 && bytes[3] == '-') {
    return Order::big;
  }
  return std::nullopt;
}

// What is not ASCII becomes '?': names around PEM blocks are not read.
Bytes from_utf16(ByteView bytes, Order order) {
  Bytes out;
  out.reserve(bytes.size() / 2);
  const std::size_t low = order == Order::little ? 0 : 1;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    const bool mark = i == 0 && (bytes[0] == 0xff || bytes[0] == 0xfe);
    if (!mark) {
      out.push_back(bytes[i + 1 - low] == 0 && bytes[i + low] < 0x80 ? bytes[i + low] : '?');
    }
  }
  return out;
}

// "\r\n" and "\n" of two and four characters.
Bytes without_escapes(std::string_view text) {
  Bytes out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == 'n' || text[i + 1] == 'r')) {
      if (text[i + 1] == 'n') {
        out.push_back('\n');
      }
      ++i;
    } else {
      out.push_back(static_cast<std::uint8_t>(text[i]));
    }
  }
  return out;
}

// The whole text as base64, blanks apart; nothing when it is not.
std::optional<Bytes> unwrapped(std::string_view text) {
  std::string base64;
  for (const char c : text) {
    if (is_base64_character(c)) {
      base64 += c;
    } else if (!is_blank(c)) {
      return std::nullopt;
    }
  }
  return decode_base64(base64);
}

struct Magic {
  std::string_view begins;
  const char* what;
};

using namespace std::string_view_literals;

constexpr std::array kMagic = {
    Magic{"PK\x03\x04"sv, "a zip archive: unpack it first"},
    Magic{"\x1f\x8b"sv, "a gzip archive: unpack it first"},
    Magic{"Rar!"sv, "a RAR archive: unpack it first"},
    Magic{"7z\xbc\xaf"sv, "a 7-Zip archive: unpack it first"},
    Magic{"\xfe\xed\xfe\xed"sv,
          "a Java keystore (JKS): export it with keytool -importkeystore -srckeystore FILE "
          "-destkeystore mail.pfx -deststoretype PKCS12"},
    Magic{"\xce\xce\xce\xce"sv,
          "a Java keystore (JCEKS): export it with keytool -importkeystore -srckeystore FILE "
          "-srcstoretype JCEKS -destkeystore mail.pfx -deststoretype PKCS12"},
    Magic{"\x1e\xf1\xb5\xb0"sv,
          "a private key in PVK format: convert it with openssl rsa -inform PVK -in FILE -out "
          "mail.key"},
    Magic{"\x07\x02\x00\x00"sv,
          "a Microsoft PRIVATEKEYBLOB: convert it with openssl rsa -inform MSBLOB -in FILE -out "
          "mail.key"},
    Magic{"\x06\x02\x00\x00"sv,
          "a Microsoft PUBLICKEYBLOB, which holds a public key alone: a certificate is needed"},
    Magic{"PuTTY-User-Key-File"sv, "an SSH key of PuTTY: TLS needs a certificate and its key"},
    Magic{"ssh-"sv, "a public key for SSH: TLS needs a certificate and its key"},
    Magic{"\x99"sv, "most likely a PGP key ring: TLS needs a certificate and its key"},
    Magic{"<"sv, "a page (HTML or XML): save the certificate itself, not the page that offers it"},
    Magic{"%PDF"sv, "a PDF document: ask for the certificate itself"},
};

// Names of PEM labels; compared from their beginning.
constexpr std::array kLabels = {
    Magic{"CERTIFICATE REQUEST",
          "a certificate request (CSR): send it to the authority, whose answer is needed here"},
    Magic{"NEW CERTIFICATE REQUEST",
          "a certificate request (CSR): send it to the authority, whose answer is needed here"},
    Magic{"X509 CRL", "a revocation list (CRL), no certificate"},
    Magic{"PUBLIC KEY", "a public key alone: a certificate or a private key is needed"},
    Magic{"RSA PUBLIC KEY", "a public key alone: a certificate or a private key is needed"},
    Magic{"OPENSSH PRIVATE KEY",
          "a key in OpenSSH's own format: convert a copy of it with ssh-keygen -p -m PEM -f FILE"},
    Magic{"SSH2", "a key for SSH: TLS needs a certificate and its key"},
    Magic{"PGP", "a PGP key or message: TLS needs a certificate and its key"},
    Magic{"EC PARAMETERS", "the parameters of a curve alone: the key itself is missing"},
    Magic{"DH PARAMETERS", "Diffie-Hellman parameters, which are not needed (dh_bits chooses)"},
    Magic{"X9.42 DH PARAMETERS",
          "Diffie-Hellman parameters, which are not needed (dh_bits chooses)"},
};

template <std::size_t kSize>
std::string find(const std::array<Magic, kSize>& rows, std::string_view text) {
  const auto* const found =
      std::ranges::find_if(rows, [text](const Magic& row) { return text.starts_with(row.begins); });
  return found == rows.end() ? "" : found->what;
}

template <auto* kRead, auto* kFree>
bool parses_as(ByteView der) {
  const unsigned char* at = der.data();
  auto* parsed = kRead(nullptr, &at, static_cast<long>(der.size()));
  kFree(parsed);
  return parsed != nullptr;
}

// DER that is well-formed and nothing that we read.
std::string name_foreign_der(ByteView der) {
  std::string what;
  if (parses_as<&d2i_X509_REQ, &X509_REQ_free>(der)) {
    what = name_foreign_block("CERTIFICATE REQUEST");
  } else if (parses_as<&d2i_X509_CRL, &X509_CRL_free>(der)) {
    what = name_foreign_block("X509 CRL");
  } else if (parses_as<&d2i_PUBKEY, &EVP_PKEY_free>(der)) {
    what = name_foreign_block("PUBLIC KEY");
  }
  drain_openssl_errors();
  return what;
}

}  // namespace

std::string encode_base64(ByteView bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // EVP_EncodeBlock adds a NUL
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(
      reinterpret_cast<unsigned char*>(out.data()), bytes.data(), static_cast<int>(bytes.size()))));
  return out;
}

std::optional<Bytes> decode_base64(std::string_view base64) {
  if (base64.empty() || base64.size() % 4 != 0) {
    return std::nullopt;
  }
  const auto padding = std::min<std::size_t>(base64.size() - base64.find_last_not_of('=') - 1, 3);
  Bytes out(base64.size() / 4 * 3);
  const int size =
      EVP_DecodeBlock(out.data(), as_bytes(base64).data(), static_cast<int>(base64.size()));
  if (size < 0 || padding > 2) {
    return std::nullopt;
  }
  out.resize(static_cast<std::size_t>(size) - padding);
  return out;
}

FileText put_text_right(ByteView given) {
  FileText out;
  ByteView bytes = given;
  const auto replace = [&](Bytes by, std::string note) {
    out.bytes = std::move(by);
    bytes = *out.bytes;
    out.notes.push_back(std::move(note));
  };
  if (bytes.empty() || bytes.front() == kSequence) {
    return out;  // DER
  }
  if (const auto order = utf16_order(bytes)) {
    replace(from_utf16(bytes, *order), "the file is in UTF-16, as PowerShell writes it");
  }
  if (as_text(bytes).find(kBegin) == std::string_view::npos) {
    if (std::optional<Bytes> inner = unwrapped(as_text(bytes))) {
      if (!inner->empty() && inner->front() == kSequence) {
        replace(*std::move(inner), "base64 without BEGIN and END lines");
        return out;
      }
      if (as_text(*inner).find(kBegin) != std::string_view::npos) {
        replace(*std::move(inner), "the file is base64 of PEM, as in a Kubernetes secret");
      }
    }
  }
  const std::string_view text = as_text(bytes);
  if (text.find(kBegin) == std::string_view::npos) {
    return out;
  }
  if (text.find("-----\\n") != std::string_view::npos ||
      text.find("-----\\r\\n") != std::string_view::npos) {
    replace(without_escapes(text), "line ends are written as \\n");
  }
  if (std::ranges::find(bytes, '\n') == bytes.end() &&
      std::ranges::find(bytes, '\r') != bytes.end()) {
    Bytes lines(bytes.begin(), bytes.end());
    std::ranges::replace(lines, std::uint8_t{'\r'}, std::uint8_t{'\n'});
    replace(std::move(lines), "the lines end with CR alone, as on old Macs");
  }
  return out;
}

std::string name_foreign_bytes(ByteView bytes) {
  if (!bytes.empty() && bytes.front() == kSequence) {
    return name_foreign_der(bytes);
  }
  const std::string_view text = as_text(bytes);
  const auto first = text.find_first_not_of(" \t\r\n");
  return first == std::string_view::npos ? "" : find(kMagic, text.substr(first));
}

std::string name_foreign_block(std::string_view label) { return find(kLabels, label); }

}  // namespace chainmend::certs

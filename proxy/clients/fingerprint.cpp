#include "proxy/clients/fingerprint.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "certs/bytes.h"

namespace chainmend::clients {
namespace {

constexpr char kHex[] = "0123456789abcdef";
constexpr std::uint16_t kServerName = 0;
constexpr std::uint16_t kAlpn = 16;

// Empty where MD5 is missing: in a FIPS-only library.
std::string md5(std::string_view text) {
  // Looked up once: by name it would be done in each handshake, under a lock of OpenSSL's. Never
  // freed, as OpenSSL has cleaned up before our destructors would.
  static const EVP_MD* const kAlgorithm = EVP_MD_fetch(nullptr, "MD5", nullptr);
  std::array<std::uint8_t, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (kAlgorithm == nullptr ||
      EVP_Digest(text.data(), text.size(), hash.data(), &size, kAlgorithm, nullptr) != 1) {
    return {};
  }
  return certs::hex(std::span(hash).first(size));
}

std::vector<std::uint16_t> without_grease(std::vector<std::uint16_t> values) {
  std::erase_if(values, is_grease);
  return values;
}

// Digits by hand, here and below: twice per handshake of every suite and extension, printf took a
// third of all that is done to know a client.
void put_decimal(std::string& text, std::uint16_t value) {
  std::array<char, 5> digits{};
  text.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
}

void put_hex(std::string& text, std::uint16_t value) {
  for (const int shift : {12, 8, 4, 0}) {
    text += kHex[value >> shift & 15];
  }
}

template <typename Values>
std::string joined(const Values& values, char between, void (*put)(std::string&, std::uint16_t)) {
  std::string text;
  text.reserve(values.size() * 6);
  for (const auto value : values) {
    if (!text.empty()) {
      text += between;
    }
    put(text, value);
  }
  return text;
}

template <typename Values>
std::string join_decimal(const Values& values) {
  return joined(values, '-', put_decimal);
}

std::string join_hex(const std::vector<std::uint16_t>& values) {
  return joined(values, ',', put_hex);
}

const char* ja4_version(std::uint16_t version) {
  switch (version) {
    case kTls13:
      return "13";
    case kTls12:
      return "12";
    case kTls11:
      return "11";
    case kTls10:
      return "10";
    case kSsl3:
      return "s3";
    case kSsl2:
      return "s2";
    default:
      return "00";
  }
}

bool alphanumeric(std::uint8_t c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The byte written at `at` of an escaped name: itself, or the NN of "\\xNN".
std::uint8_t byte_at(const std::string& name, std::size_t at) {
  return name[at] == '\\'
             ? static_cast<std::uint8_t>(std::stoi(name.substr(at + 2, 2), nullptr, 16))
             : static_cast<std::uint8_t>(name[at]);
}

// First and last character of the first ALPN name; when either is not alphanumeric, the first and
// last digit of the name in hex.
std::string ja4_alpn(const ClientHello& hello) {
  if (hello.alpn.empty()) {
    return "00";
  }
  const std::string& name = hello.alpn.front();
  const bool escaped_end = name.size() >= 4 && name[name.size() - 4] == '\\';
  const std::uint8_t first = byte_at(name, 0);
  const std::uint8_t last = byte_at(name, name.size() - (escaped_end ? 4 : 1));
  if (alphanumeric(first) && alphanumeric(last)) {
    return {static_cast<char>(first), static_cast<char>(last)};
  }
  return {kHex[first >> 4], kHex[last & 15]};
}

std::string two_digits(std::size_t n) {
  n = std::min<std::size_t>(n, 99);
  return {static_cast<char>('0' + n / 10), static_cast<char>('0' + n % 10)};
}

std::string short_hash(const std::string& text) {
  if (text.empty()) {
    return "000000000000";
  }
  const certs::Sha256 hash = certs::sha256(certs::as_bytes(text));
  return certs::hex(std::span(hash).first(6));
}

}  // namespace

std::string ja3_string(const ClientHello& hello) {
  return std::to_string(hello.legacy_version) + "," + join_decimal(without_grease(hello.suites)) +
         "," + join_decimal(without_grease(hello.extensions)) + "," +
         join_decimal(without_grease(hello.groups)) + "," + join_decimal(hello.point_formats);
}

std::string ja3(const ClientHello& hello) { return md5(ja3_string(hello)); }

std::string ja4(const ClientHello& hello) {
  std::vector<std::uint16_t> suites = without_grease(hello.suites);
  std::vector<std::uint16_t> extensions = without_grease(hello.extensions);
  std::string text = "t";
  text += ja4_version(hello.max_version());
  text += hello.has_extension(kServerName) ? 'd' : 'i';
  text += two_digits(suites.size()) + two_digits(extensions.size()) + ja4_alpn(hello);

  std::erase_if(extensions,
                [](std::uint16_t type) { return type == kServerName || type == kAlpn; });
  std::ranges::sort(suites);
  std::ranges::sort(extensions);
  std::string extensions_part = join_hex(extensions);
  const std::string signatures = join_hex(without_grease(hello.signature_algorithms));
  if (!signatures.empty()) {
    extensions_part += "_" + signatures;
  }
  return text + "_" + short_hash(join_hex(suites)) + "_" + short_hash(extensions_part);
}

namespace {

template <std::size_t N>
std::array<char, N> kept(const std::string& text) {
  std::array<char, N> out{};
  std::copy_n(text.begin(), std::min(text.size(), N), out.begin());
  return out;
}

template <std::size_t N>
std::string_view text_of(const std::array<char, N>& kept) {
  return {kept.data(), static_cast<std::size_t>(std::ranges::find(kept, '\0') - kept.begin())};
}

}  // namespace

std::string_view Fingerprints::ja3_text() const { return text_of(ja3); }
std::string_view Fingerprints::ja4_text() const { return text_of(ja4); }

Fingerprints fingerprints(const ClientHello& hello) {
  return {kept<32>(ja3(hello)), kept<36>(ja4(hello))};
}

}  // namespace chainmend::clients

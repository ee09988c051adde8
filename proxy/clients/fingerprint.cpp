#include "proxy/clients/fingerprint.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
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

// 16 bits or 8 each, without GREASE: "47-53-5".
template <typename Values>
void append_decimal(std::string& text, const Values& values) {
  const char* separator = "";
  for (const auto value : values) {
    if (!is_grease(value)) {
      text += separator;
      text += std::to_string(value);
      separator = "-";
    }
  }
}

// "002f,0035"
void append_hex(std::string& text, const std::vector<std::uint16_t>& values) {
  text.reserve(text.size() + values.size() * 5);
  for (const std::uint16_t value : values) {
    const std::array<char, 5> digits = {kHex[value >> 12], kHex[(value >> 8) & 15],
                                        kHex[(value >> 4) & 15], kHex[value & 15], ','};
    text.append(digits.data(), digits.size());
  }
  if (!values.empty()) {
    text.pop_back();
  }
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

// A Ja4 from its first to its last character.
class Ja4Writer {
 public:
  void put(std::string_view text) { at_ = std::ranges::copy(text, at_).out; }
  void put_count(std::size_t n) {
    n = std::min<std::size_t>(n, 99);
    const std::array<char, 2> digits{static_cast<char>('0' + n / 10),
                                     static_cast<char>('0' + n % 10)};
    put({digits.data(), digits.size()});
  }
  void put_hash(const std::string& text) {
    put("_");
    if (text.empty()) {
      put("000000000000");
      return;
    }
    const certs::Sha256 hash = certs::sha256(certs::as_bytes(text));
    for (const std::uint8_t byte : std::span(hash).first(6)) {
      *at_++ = kHex[byte >> 4];
      *at_++ = kHex[byte & 15];
    }
  }
  Ja4 written() const { return out_; }

 private:
  Ja4 out_{};
  Ja4::iterator at_ = out_.begin();
};

// All that the JA4 of a hello depends on.
class Ingredients {
 public:
  explicit Ingredients(const ClientHello& hello) {
    put(hello.max_version());
    const std::string alpn = ja4_alpn(hello);
    put(static_cast<std::uint16_t>(alpn[0] << 8 | alpn[1]));
    for (const auto* list : {&hello.suites, &hello.extensions, &hello.signature_algorithms}) {
      for (const std::uint16_t value : *list) {
        if (!is_grease(value)) {
          put(value);
        }
      }
      put(kEnd);
    }
  }
  Ingredients() = default;
  bool are_all() const { return size_ < values_.size(); }
  bool operator==(const Ingredients& other) const {
    return std::ranges::equal(std::span(values_).first(size_),
                              std::span(other.values_).first(other.size_));
  }

 private:
  static constexpr std::uint16_t kEnd = 0x0a0a;  // GREASE: no value of the lists that count

  void put(std::uint16_t value) {
    if (size_ < values_.size()) {
      values_[size_++] = value;
    }
  }

  std::array<std::uint16_t, 128> values_{};
  std::size_t size_ = 0;
};

Ja4 make_ja4(const ClientHello& hello) {
  const auto grease = [](std::uint16_t value) { return is_grease(value); };
  std::vector<std::uint16_t> suites = hello.suites;
  std::vector<std::uint16_t> extensions = hello.extensions;
  std::erase_if(suites, grease);
  std::erase_if(extensions, grease);
  Ja4Writer writer;
  writer.put("t");
  writer.put(ja4_version(hello.max_version()));
  writer.put(hello.has_extension(kServerName) ? "d" : "i");
  writer.put_count(suites.size());
  writer.put_count(extensions.size());
  writer.put(ja4_alpn(hello));

  std::erase_if(extensions,
                [](std::uint16_t type) { return type == kServerName || type == kAlpn; });
  std::ranges::sort(suites);
  std::ranges::sort(extensions);
  std::string text;
  append_hex(text, suites);
  writer.put_hash(text);
  text.clear();
  append_hex(text, extensions);
  std::vector<std::uint16_t>& signatures = suites;  // done with; its memory serves again
  signatures = hello.signature_algorithms;
  std::erase_if(signatures, grease);
  if (!signatures.empty()) {
    append_hex(text += '_', signatures);
  }
  writer.put_hash(text);
  return writer.written();
}

}  // namespace

std::string ja3_string(const ClientHello& hello) {
  std::string text = std::to_string(hello.legacy_version) + ",";
  append_decimal(text, hello.suites);
  append_decimal(text += ',', hello.extensions);
  append_decimal(text += ',', hello.groups);
  append_decimal(text += ',', hello.point_formats);
  return text;
}

std::string ja3(const ClientHello& hello) { return md5(ja3_string(hello)); }

Ja4 ja4(const ClientHello& hello) {
  // A site has few kinds of client, and each says the same hello over and over: sorting and hashing
  // it again was 4 % of a resumed handshake. What a stranger sends can but push out an entry.
  struct Remembered {
    Ingredients of;
    Ja4 print{};
  };
  thread_local std::array<Remembered, 16> all;
  thread_local std::size_t next = 0;

  const Ingredients ingredients(hello);
  const auto known = std::ranges::find(all, ingredients, &Remembered::of);
  if (known != all.end()) {
    return known->print;
  }
  const Ja4 print = make_ja4(hello);
  if (ingredients.are_all()) {
    all[next++ % all.size()] = {ingredients, print};
  }
  return print;
}

}  // namespace chainmend::clients

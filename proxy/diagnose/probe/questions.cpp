#include "proxy/diagnose/probe/questions.h"

namespace chainmend::diagnose {
namespace {

using clients::ClientStack;
using Codes = std::vector<std::uint16_t>;

constexpr std::uint16_t kServerName = 0;
constexpr std::uint16_t kGroups = 10;
constexpr std::uint16_t kPointFormats = 11;
constexpr std::uint16_t kSignatures = 13;
constexpr std::uint16_t kSessionTicket = 35;
constexpr std::uint16_t kVersions = 43;
constexpr std::uint16_t kPskModes = 45;
constexpr std::uint16_t kKeyShare = 51;
constexpr std::uint16_t kRenegotiation = 65281;

// Best first, as a client of today would put them: AEAD, ECDHE before DHE before static RSA.
Codes suites_for(std::uint16_t version, KeyType key) {
  if (version == clients::kTls13) {
    return {0x1301, 0x1302, 0x1303};
  }
  Codes suites;
  const auto add = [&suites](const Codes& more) {
    suites.insert(suites.end(), more.begin(), more.end());
  };
  if (key == KeyType::ecdsa) {
    if (version == clients::kTls12) {
      add({0xc02b, 0xc02c, 0xcca9, 0xc023, 0xc024});
    }
    add({0xc009, 0xc00a, 0xc008, 0xc007});
    return suites;
  }
  if (version == clients::kTls12) {
    add({0xc02f, 0xc030, 0xcca8, 0x009e, 0x009f, 0xc027, 0xc028, 0x009c, 0x009d, 0x003c, 0x003d});
  }
  add({0xc013, 0xc014, 0x0033, 0x0039, 0x002f, 0x0035, 0xc012, 0x0016, 0x000a, 0xc011, 0x0005,
       0x0004});
  return suites;
}

Codes signatures_for(KeyType key) {
  return key == KeyType::rsa ? Codes{0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601, 0x0201}
                             : Codes{0x0403, 0x0503, 0x0603, 0x0807, 0x0203};
}

ClientStack hello_of(std::uint16_t version, KeyType key) {
  const bool tls13 = version == clients::kTls13;
  ClientStack hello;
  hello.name = "probe";
  hello.version = tls13 ? clients::kTls12 : version;
  hello.suites = suites_for(version, key);
  hello.groups = {29, 23, 24, 25};
  hello.point_formats = {0};
  hello.extensions = {kServerName, kGroups, kPointFormats, kSessionTicket, kRenegotiation};
  if (version >= clients::kTls12) {
    hello.extensions.push_back(kSignatures);
    hello.signatures = signatures_for(key);
  }
  if (tls13) {
    hello.versions = {clients::kTls13};
    hello.extensions.insert(hello.extensions.end(), {kVersions, kPskModes, kKeyShare});
  }
  return hello;
}

ClientStack old_hello(std::uint16_t version, Codes suites) {
  ClientStack hello;
  hello.name = "probe";
  hello.record_version = version;
  hello.version = version;
  hello.suites = std::move(suites);
  return hello;
}

}  // namespace

std::vector<Question> questions() {
  std::vector<Question> all;
  for (const std::uint16_t version :
       {clients::kTls10, clients::kTls11, clients::kTls12, clients::kTls13}) {
    for (const KeyType key : {KeyType::rsa, KeyType::ecdsa}) {
      all.push_back({version, key, hello_of(version, key)});
    }
  }
  return all;
}

std::vector<OldFeature> old_features() {
  const Codes usual = {0x002f, 0x0035, 0x000a, 0x0005, 0x0004};
  return {{"RC4", old_hello(clients::kTls10, {0x0005, 0x0004})},
          {"3DES", old_hello(clients::kTls10, {0x000a})},
          {"SSL 3.0", old_hello(clients::kSsl3, usual)}};
}

}  // namespace chainmend::diagnose

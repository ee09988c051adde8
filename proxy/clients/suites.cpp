#include "proxy/clients/suites.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace chainmend::clients {
namespace {

struct Suite {
  std::uint16_t number;
  std::string_view name;
};

// In order of their numbers.
constexpr std::array kSuites = {
    Suite{0x0001, "TLS_RSA_WITH_NULL_MD5"},
    Suite{0x0002, "TLS_RSA_WITH_NULL_SHA"},
    Suite{0x0003, "TLS_RSA_EXPORT_WITH_RC4_40_MD5"},
    Suite{0x0004, "TLS_RSA_WITH_RC4_128_MD5"},
    Suite{0x0005, "TLS_RSA_WITH_RC4_128_SHA"},
    Suite{0x0006, "TLS_RSA_EXPORT_WITH_RC2_CBC_40_MD5"},
    Suite{0x0007, "TLS_RSA_WITH_IDEA_CBC_SHA"},
    Suite{0x0008, "TLS_RSA_EXPORT_WITH_DES40_CBC_SHA"},
    Suite{0x0009, "TLS_RSA_WITH_DES_CBC_SHA"},
    Suite{0x000a, "TLS_RSA_WITH_3DES_EDE_CBC_SHA"},
    Suite{0x000b, "TLS_DH_DSS_EXPORT_WITH_DES40_CBC_SHA"},
    Suite{0x000c, "TLS_DH_DSS_WITH_DES_CBC_SHA"},
    Suite{0x000d, "TLS_DH_DSS_WITH_3DES_EDE_CBC_SHA"},
    Suite{0x000e, "TLS_DH_RSA_EXPORT_WITH_DES40_CBC_SHA"},
    Suite{0x000f, "TLS_DH_RSA_WITH_DES_CBC_SHA"},
    Suite{0x0010, "TLS_DH_RSA_WITH_3DES_EDE_CBC_SHA"},
    Suite{0x0011, "TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA"},
    Suite{0x0012, "TLS_DHE_DSS_WITH_DES_CBC_SHA"},
    Suite{0x0013, "TLS_DHE_DSS_WITH_3DES_EDE_CBC_SHA"},
    Suite{0x0014, "TLS_DHE_RSA_EXPORT_WITH_DES40_CBC_SHA"},
    Suite{0x0015, "TLS_DHE_RSA_WITH_DES_CBC_SHA"},
    Suite{0x0016, "TLS_DHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    Suite{0x0017, "TLS_DH_anon_EXPORT_WITH_RC4_40_MD5"},
    Suite{0x0018, "TLS_DH_anon_WITH_RC4_128_MD5"},
    Suite{0x0019, "TLS_DH_anon_EXPORT_WITH_DES40_CBC_SHA"},
    Suite{0x001a, "TLS_DH_anon_WITH_DES_CBC_SHA"},
    Suite{0x001b, "TLS_DH_anon_WITH_3DES_EDE_CBC_SHA"},
    Suite{0x002f, "TLS_RSA_WITH_AES_128_CBC_SHA"},
    Suite{0x0030, "TLS_DH_DSS_WITH_AES_128_CBC_SHA"},
    Suite{0x0031, "TLS_DH_RSA_WITH_AES_128_CBC_SHA"},
    Suite{0x0032, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA"},
    Suite{0x0033, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"},
    Suite{0x0034, "TLS_DH_anon_WITH_AES_128_CBC_SHA"},
    Suite{0x0035, "TLS_RSA_WITH_AES_256_CBC_SHA"},
    Suite{0x0036, "TLS_DH_DSS_WITH_AES_256_CBC_SHA"},
    Suite{0x0037, "TLS_DH_RSA_WITH_AES_256_CBC_SHA"},
    Suite{0x0038, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA"},
    Suite{0x0039, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA"},
    Suite{0x003a, "TLS_DH_anon_WITH_AES_256_CBC_SHA"},
    Suite{0x003b, "TLS_RSA_WITH_NULL_SHA256"},
    Suite{0x003c, "TLS_RSA_WITH_AES_128_CBC_SHA256"},
    Suite{0x003d, "TLS_RSA_WITH_AES_256_CBC_SHA256"},
    Suite{0x0040, "TLS_DHE_DSS_WITH_AES_128_CBC_SHA256"},
    Suite{0x0041, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA"},
    Suite{0x0044, "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA"},
    Suite{0x0045, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA"},
    Suite{0x0046, "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA"},
    Suite{0x0062, "TLS_RSA_EXPORT1024_WITH_DES_CBC_SHA"},
    Suite{0x0063, "TLS_DHE_DSS_EXPORT1024_WITH_DES_CBC_SHA"},
    Suite{0x0064, "TLS_RSA_EXPORT1024_WITH_RC4_56_SHA"},
    Suite{0x0065, "TLS_DHE_DSS_EXPORT1024_WITH_RC4_56_SHA"},
    Suite{0x0066, "TLS_DHE_DSS_WITH_RC4_128_SHA"},
    Suite{0x0067, "TLS_DHE_RSA_WITH_AES_128_CBC_SHA256"},
    Suite{0x006a, "TLS_DHE_DSS_WITH_AES_256_CBC_SHA256"},
    Suite{0x006b, "TLS_DHE_RSA_WITH_AES_256_CBC_SHA256"},
    Suite{0x006c, "TLS_DH_anon_WITH_AES_128_CBC_SHA256"},
    Suite{0x006d, "TLS_DH_anon_WITH_AES_256_CBC_SHA256"},
    Suite{0x0084, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA"},
    Suite{0x0087, "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA"},
    Suite{0x0088, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA"},
    Suite{0x0089, "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA"},
    Suite{0x0096, "TLS_RSA_WITH_SEED_CBC_SHA"},
    Suite{0x0099, "TLS_DHE_DSS_WITH_SEED_CBC_SHA"},
    Suite{0x009a, "TLS_DHE_RSA_WITH_SEED_CBC_SHA"},
    Suite{0x009c, "TLS_RSA_WITH_AES_128_GCM_SHA256"},
    Suite{0x009d, "TLS_RSA_WITH_AES_256_GCM_SHA384"},
    Suite{0x009e, "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256"},
    Suite{0x009f, "TLS_DHE_RSA_WITH_AES_256_GCM_SHA384"},
    Suite{0x00a2, "TLS_DHE_DSS_WITH_AES_128_GCM_SHA256"},
    Suite{0x00a3, "TLS_DHE_DSS_WITH_AES_256_GCM_SHA384"},
    Suite{0x00a6, "TLS_DH_anon_WITH_AES_128_GCM_SHA256"},
    Suite{0x00a7, "TLS_DH_anon_WITH_AES_256_GCM_SHA384"},
    Suite{0x00ba, "TLS_RSA_WITH_CAMELLIA_128_CBC_SHA256"},
    Suite{0x00bd, "TLS_DHE_DSS_WITH_CAMELLIA_128_CBC_SHA256"},
    Suite{0x00be, "TLS_DHE_RSA_WITH_CAMELLIA_128_CBC_SHA256"},
    Suite{0x00bf, "TLS_DH_anon_WITH_CAMELLIA_128_CBC_SHA256"},
    Suite{0x00c0, "TLS_RSA_WITH_CAMELLIA_256_CBC_SHA256"},
    Suite{0x00c3, "TLS_DHE_DSS_WITH_CAMELLIA_256_CBC_SHA256"},
    Suite{0x00c4, "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA256"},
    Suite{0x00c5, "TLS_DH_anon_WITH_CAMELLIA_256_CBC_SHA256"},
    Suite{0x00ff, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"},
    Suite{0x1301, "TLS_AES_128_GCM_SHA256"},
    Suite{0x1302, "TLS_AES_256_GCM_SHA384"},
    Suite{0x1303, "TLS_CHACHA20_POLY1305_SHA256"},
    Suite{0x5600, "TLS_FALLBACK_SCSV"},
    Suite{0xc001, "TLS_ECDH_ECDSA_WITH_NULL_SHA"},
    Suite{0xc002, "TLS_ECDH_ECDSA_WITH_RC4_128_SHA"},
    Suite{0xc003, "TLS_ECDH_ECDSA_WITH_3DES_EDE_CBC_SHA"},
    Suite{0xc004, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA"},
    Suite{0xc005, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA"},
    Suite{0xc006, "TLS_ECDHE_ECDSA_WITH_NULL_SHA"},
    Suite{0xc007, "TLS_ECDHE_ECDSA_WITH_RC4_128_SHA"},
    Suite{0xc008, "TLS_ECDHE_ECDSA_WITH_3DES_EDE_CBC_SHA"},
    Suite{0xc009, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"},
    Suite{0xc00a, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA"},
    Suite{0xc00b, "TLS_ECDH_RSA_WITH_NULL_SHA"},
    Suite{0xc00c, "TLS_ECDH_RSA_WITH_RC4_128_SHA"},
    Suite{0xc00d, "TLS_ECDH_RSA_WITH_3DES_EDE_CBC_SHA"},
    Suite{0xc00e, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA"},
    Suite{0xc00f, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA"},
    Suite{0xc010, "TLS_ECDHE_RSA_WITH_NULL_SHA"},
    Suite{0xc011, "TLS_ECDHE_RSA_WITH_RC4_128_SHA"},
    Suite{0xc012, "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA"},
    Suite{0xc013, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA"},
    Suite{0xc014, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA"},
    Suite{0xc015, "TLS_ECDH_anon_WITH_NULL_SHA"},
    Suite{0xc018, "TLS_ECDH_anon_WITH_AES_128_CBC_SHA"},
    Suite{0xc019, "TLS_ECDH_anon_WITH_AES_256_CBC_SHA"},
    Suite{0xc023, "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"},
    Suite{0xc024, "TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384"},
    Suite{0xc025, "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256"},
    Suite{0xc026, "TLS_ECDH_ECDSA_WITH_AES_256_CBC_SHA384"},
    Suite{0xc027, "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"},
    Suite{0xc028, "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"},
    Suite{0xc029, "TLS_ECDH_RSA_WITH_AES_128_CBC_SHA256"},
    Suite{0xc02a, "TLS_ECDH_RSA_WITH_AES_256_CBC_SHA384"},
    Suite{0xc02b, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"},
    Suite{0xc02c, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    Suite{0xc02d, "TLS_ECDH_ECDSA_WITH_AES_128_GCM_SHA256"},
    Suite{0xc02e, "TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384"},
    Suite{0xc02f, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
    Suite{0xc030, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"},
    Suite{0xc031, "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256"},
    Suite{0xc032, "TLS_ECDH_RSA_WITH_AES_256_GCM_SHA384"},
    Suite{0xc050, "TLS_RSA_WITH_ARIA_128_GCM_SHA256"},
    Suite{0xc051, "TLS_RSA_WITH_ARIA_256_GCM_SHA384"},
    Suite{0xc052, "TLS_DHE_RSA_WITH_ARIA_128_GCM_SHA256"},
    Suite{0xc053, "TLS_DHE_RSA_WITH_ARIA_256_GCM_SHA384"},
    Suite{0xc056, "TLS_DHE_DSS_WITH_ARIA_128_GCM_SHA256"},
    Suite{0xc057, "TLS_DHE_DSS_WITH_ARIA_256_GCM_SHA384"},
    Suite{0xc05c, "TLS_ECDHE_ECDSA_WITH_ARIA_128_GCM_SHA256"},
    Suite{0xc05d, "TLS_ECDHE_ECDSA_WITH_ARIA_256_GCM_SHA384"},
    Suite{0xc060, "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256"},
    Suite{0xc061, "TLS_ECDHE_RSA_WITH_ARIA_256_GCM_SHA384"},
    Suite{0xc072, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_128_CBC_SHA256"},
    Suite{0xc073, "TLS_ECDHE_ECDSA_WITH_CAMELLIA_256_CBC_SHA384"},
    Suite{0xc076, "TLS_ECDHE_RSA_WITH_CAMELLIA_128_CBC_SHA256"},
    Suite{0xc077, "TLS_ECDHE_RSA_WITH_CAMELLIA_256_CBC_SHA384"},
    Suite{0xc09c, "TLS_RSA_WITH_AES_128_CCM"},
    Suite{0xc09d, "TLS_RSA_WITH_AES_256_CCM"},
    Suite{0xc09e, "TLS_DHE_RSA_WITH_AES_128_CCM"},
    Suite{0xc09f, "TLS_DHE_RSA_WITH_AES_256_CCM"},
    Suite{0xc0a0, "TLS_RSA_WITH_AES_128_CCM_8"},
    Suite{0xc0a1, "TLS_RSA_WITH_AES_256_CCM_8"},
    Suite{0xc0a2, "TLS_DHE_RSA_WITH_AES_128_CCM_8"},
    Suite{0xc0a3, "TLS_DHE_RSA_WITH_AES_256_CCM_8"},
    Suite{0xc0ac, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM"},
    Suite{0xc0ad, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM"},
    Suite{0xc0ae, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"},
    Suite{0xc0af, "TLS_ECDHE_ECDSA_WITH_AES_256_CCM_8"},
    Suite{0xcc13, "OLD_ECDHE_RSA_CHACHA20_POLY1305"},
    Suite{0xcc14, "OLD_ECDHE_ECDSA_CHACHA20_POLY1305"},
    Suite{0xcc15, "OLD_DHE_RSA_CHACHA20_POLY1305"},
    Suite{0xcca8, "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    Suite{0xcca9, "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"},
    Suite{0xccaa, "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256"},
    Suite{0xfefe, "SSL_RSA_FIPS_WITH_DES_CBC_SHA"},
    Suite{0xfeff, "SSL_RSA_FIPS_WITH_3DES_EDE_CBC_SHA"},
};
static_assert(std::ranges::is_sorted(kSuites, {}, &Suite::number));

// Empty: not known.
std::string_view find(std::uint16_t number) {
  const auto* const found = std::ranges::lower_bound(kSuites, number, {}, &Suite::number);
  return found == kSuites.end() || found->number != number ? std::string_view() : found->name;
}

// "RSA" of "TLS_RSA_WITH_...", "DHE_RSA_EXPORT" of "TLS_DHE_RSA_EXPORT_WITH_...".
std::string_view method_of(std::string_view name) {
  const auto start = name.find('_') + 1;
  const auto end = name.find("_WITH_");
  return end == std::string_view::npos ? std::string_view() : name.substr(start, end - start);
}

bool is_tls13(std::uint16_t suite) { return (suite >> 8) == 0x13; }

}  // namespace

std::string suite_name(std::uint16_t suite) {
  if (const std::string_view name = find(suite); !name.empty()) {
    return std::string(name);
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "0x";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) {
    text += kDigits[(suite >> shift) & 0xfU];
  }
  return text;
}

Authentication authentication_of(std::uint16_t suite) {
  const std::string_view method = method_of(find(suite));
  const auto has = [method](std::string_view part) {
    return method.find(part) != std::string_view::npos;
  };
  if (is_tls13(suite)) {
    return Authentication::any;
  }
  if (has("anon")) {
    return Authentication::anonymous;
  }
  if (has("ECDSA")) {
    return Authentication::ecdsa;
  }
  if (has("DSS")) {
    return Authentication::dss;
  }
  return has("RSA") ? Authentication::rsa : Authentication::unknown;
}

KeyExchangeKind key_exchange_of(std::uint16_t suite) {
  const std::string_view method = method_of(find(suite));
  if (is_tls13(suite)) {
    return KeyExchangeKind::any;
  }
  struct Row {
    std::string_view begins;
    KeyExchangeKind kind;
  };
  constexpr std::array kRows = {
      Row{"ECDHE", KeyExchangeKind::ecdhe}, Row{"ECDH", KeyExchangeKind::ecdh},
      Row{"DHE", KeyExchangeKind::dhe},     Row{"DH_anon", KeyExchangeKind::dhe},
      Row{"DH", KeyExchangeKind::dh},       Row{"RSA", KeyExchangeKind::rsa},
  };
  const auto* const found = std::ranges::find_if(
      kRows, [method](const Row& row) { return method.starts_with(row.begins); });
  return found == kRows.end() ? KeyExchangeKind::unknown : found->kind;
}

}  // namespace chainmend::clients

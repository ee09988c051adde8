// The built-in rules: what libraries are recognised by in their ClientHello. A rule names what a
// library does and others do not, such as the order in which it lists suites or extensions, so that
// it holds for versions and settings that nobody has seen; it does not list known hellos.
// Data for hello_rules.cpp, which tries them in this order.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>

#include "proxy/clients/classifier.h"

namespace chainmend::clients {

// A few numbers of suites or extensions.
class Codes {
 public:
  constexpr Codes() = default;
  constexpr Codes(std::initializer_list<std::uint16_t> codes) : size_(codes.size()) {
    std::ranges::copy(codes, codes_.begin());
  }
  constexpr std::span<const std::uint16_t> span() const { return std::span(codes_).first(size_); }
  constexpr bool empty() const { return size_ == 0; }

 private:
  std::array<std::uint16_t, 16> codes_{};
  std::size_t size_ = 0;
};

// What a list must be like, GREASE left out; empty: anything will do.
struct ListShape {
  Codes begins;   // its first entries
  Codes ends;     // its last entries
  Codes run;      // entries that follow one another somewhere in it
  Codes with;     // entries that are in it
  Codes without;  // entries that are not
  Codes within;   // no entry beside these
  Codes order;    // two entries, the first of them in it and before the second
};

// Encrypt-then-MAC (22) is sent by OpenSSL, GnuTLS, mbedTLS and wolfSSL, but by no browser and no
// operating system: rules for those exclude it.
enum class Extensions : std::uint8_t { any, none_at_all };
enum class Grease : std::uint8_t { any, sent, none };

struct HelloRule {
  std::string_view name;
  std::string_view type;
  Confidence confidence = Confidence::medium;
  ListShape suites = {};  // 00ff included, 5600 not
  ListShape extensions = {};
  std::string_view type_before_tls12 = {};  // of those that offer no TLS 1.2; empty: the same
  std::uint16_t at_most = 0xffff;           // best version offered
  std::optional<HelloFormat> format = {};   // unset: either
  Extensions block = Extensions::any;
  Grease grease = Grease::any;
};

inline constexpr std::array kHelloRules = {
    // Export suites of Windows 2000 and XP, and no AES.
    HelloRule{.name = "xp_suites",
              .type = "windows_xp_schannel",
              .confidence = Confidence::high,
              .suites = {.with = {0x0064},
                         .within = {0x0003, 0x0004, 0x0005, 0x0006, 0x0009, 0x000a, 0x0012, 0x0013,
                                    0x0062, 0x0063, 0x0064, 0x00ff}}},

    // JSSE without elliptic curves; Android 2 lists the same suites, but never in SSLv2 format.
    HelloRule{.name = "java_6_sslv2",
              .type = "java_6",
              .suites = {.with = {0x002f, 0x0033}},
              .format = HelloFormat::sslv2},
    HelloRule{.name = "android_2_suites",
              .type = "android_2",
              .suites = {.begins = {0x0004, 0x0005, 0x002f}, .with = {0x0033}},
              .format = HelloFormat::tls,
              .block = Extensions::none_at_all},

    // Libraries of programs and devices, by the order of their extensions. They come first, as the
    // rules below go by suites, which a program may choose as it likes.
    // GnuTLS: status_request first of all, and a record size limit.
    HelloRule{.name = "gnutls_extensions",
              .type = "tool",
              .extensions = {.begins = {5, 10, 11}, .with = {28, 65281}}},
    HelloRule{.name = "gnutls_no_curves",
              .type = "tool",
              .extensions = {.begins = {5}, .with = {22, 28, 65281}}},
    // wolfSSL: the reverse of everybody's order.
    HelloRule{.name = "wolfssl", .type = "tool", .extensions = {.run = {13, 11, 10}}},
    HelloRule{.name = "wolfssl_tls13", .type = "tool", .extensions = {.begins = {45, 51, 43}}},
    // mbedTLS: encrypt-then-MAC right after curves, and the ticket last.
    HelloRule{.name = "mbedtls",
              .type = "tool",
              .suites = {.ends = {0x00ff}},
              .extensions = {.run = {10, 11, 22, 23}}},
    HelloRule{.name = "mbedtls_no_curves",
              .type = "tool",
              .suites = {.ends = {0x00ff}},
              .extensions = {.run = {22, 23, 35}}},
    // rustls: few suites, all AEAD, and the signal for renegotiation last.
    HelloRule{
        .name = "rustls",
        .type = "tool",
        .suites = {.ends = {0x00ff}, .run = {0xc02c, 0xc02b, 0xcca9, 0xc030, 0xc02f, 0xcca8}}},
    HelloRule{
        .name = "rustls_chacha_first",
        .type = "tool",
        .suites = {.ends = {0x00ff}, .run = {0xcca9, 0xcca8, 0xc02c, 0xc030, 0xc02b, 0xc02f}}},
    // Go: what Schannel sends in this order too, and certificate timestamps.
    HelloRule{.name = "go_no_signatures",
              .type = "tool",
              .extensions = {.run = {10, 11, 65281}, .with = {18}}},
    // NSS in something else than a browser, which would ask for tickets or OCSP.
    HelloRule{.name = "nss_tool",
              .type = "tool",
              .extensions = {.run = {23, 65281, 10}, .without = {5, 16, 18, 35}},
              .grease = Grease::none},
    HelloRule{.name = "nss_tool_no_curves",
              .type = "tool",
              .extensions = {.run = {23, 65281}, .with = {28}, .without = {5, 16, 18, 35}}},

    // Apple prefers ECDSA throughout, and its 256-bit suites; Chromium its 128-bit ones.
    HelloRule{.name = "apple_grease",
              .type = "apple",
              .suites = {.run = {0xc02c, 0xc02b}},
              .grease = Grease::sent},
    HelloRule{.name = "chromium_grease", .type = "chromium", .grease = Grease::sent},
    HelloRule{.name = "chromium_channel_id", .type = "chromium", .extensions = {.with = {30032}}},
    HelloRule{
        .name = "chromium_channel_id_old", .type = "chromium", .extensions = {.with = {30031}}},
    HelloRule{.name = "apple_secure_transport",
              .type = "apple",
              .suites = {.run = {0xc024, 0xc023, 0xc00a, 0xc009}, .order = {0xc00a, 0xc014}},
              .extensions = {.without = {22}}},
    HelloRule{.name = "apple_secure_transport_old",
              .type = "apple",
              .suites = {.run = {0xc00a, 0xc009, 0xc007, 0xc008}},
              .extensions = {.without = {22}}},
    HelloRule{.name = "apple_aead",
              .type = "apple",
              .suites = {.run = {0xc02c, 0xc02b, 0xcca9, 0xc030, 0xc02f, 0xcca8}},
              .extensions = {.without = {22}}},

    // NSS: its private 3DES suites, its order of Camellia, of ECDHE with CBC, of TLS 1.3.
    HelloRule{.name = "nss_fips",
              .type = "firefox",
              .suites = {.with = {0xfeff}},
              .extensions = {.without = {22}}},
    HelloRule{.name = "nss_camellia",
              .type = "firefox",
              .suites = {.run = {0x0088, 0x0087, 0x0039, 0x0038}},
              .extensions = {.without = {22}}},
    HelloRule{.name = "nss_ecdhe",
              .type = "firefox",
              .suites = {.run = {0xc00a, 0xc009, 0xc013, 0xc014}},
              .extensions = {.without = {22}}},
    HelloRule{
        .name = "nss_tls13", .type = "firefox", .suites = {.begins = {0x1301, 0x1303, 0x1302}}},

    // Conscrypt orders by key exchange, then strength; before it, BoringSSL began with ChaCha20.
    HelloRule{.name = "android_conscrypt",
              .type = "android_5plus",
              .suites = {.run = {0xc02b, 0xc02c, 0xcca9}},
              .extensions = {.without = {22}}},
    HelloRule{.name = "android_boringssl",
              .type = "android_5plus",
              .confidence = Confidence::low,
              .suites = {.begins = {0xcc14, 0xcc13}},
              .extensions = {.ends = {11, 10}}},
    HelloRule{.name = "boringssl",
              .type = "chromium",
              .confidence = Confidence::low,
              .extensions = {.ends = {11, 10}, .with = {13, 18}}},

    // JSSE: status_request_v2, which nobody else sends; before that, curves first of all.
    HelloRule{.name = "java_status_v2", .type = "java_8plus", .extensions = {.with = {17}}},
    HelloRule{.name = "java_curves_first",
              .type = "java_8plus",
              .suites = {.ends = {0x00ff}},
              .extensions = {.begins = {10, 11}, .without = {22, 35}},
              .type_before_tls12 = "java_7"},

    // OpenSSL: point formats before curves. Android 4 built a version that still preferred 3DES to
    // AES of 128 bits, without Camellia, and ended with RC4.
    HelloRule{.name = "android_openssl",
              .type = "android_4",
              .suites = {.ends = {0x0005, 0x0004, 0x00ff},
                         .without = {0x0088, 0x0041},
                         .order = {0x000a, 0x002f}},
              .extensions = {.run = {11, 10}}},
    HelloRule{.name = "openssl_points_first",
              .type = "openssl",
              .suites = {.ends = {0x00ff}},
              .extensions = {.run = {11, 10}}},
    HelloRule{.name = "openssl_no_curves",
              .type = "openssl",
              .suites = {.ends = {0x00ff}},
              .extensions = {.run = {22, 23}}},
    HelloRule{.name = "openssl_tls13",
              .type = "openssl",
              .suites = {.begins = {0x1302, 0x1303, 0x1301}},
              .extensions = {.run = {11, 10}}},
    HelloRule{.name = "openssl_before_curves",
              .type = "openssl",
              .suites = {.begins = {0x0039, 0x0038, 0x0035}, .ends = {0x00ff}}},

    // Go lists TLS 1.3 last; GnuTLS offers AES-CCM by default.
    HelloRule{.name = "go_tls13_last",
              .type = "tool",
              .suites = {.ends = {0x1301, 0x1302, 0x1303}, .with = {0xc02f}}},
    HelloRule{.name = "go_tls13_last_no_aes",
              .type = "tool",
              .suites = {.ends = {0x1303, 0x1301, 0x1302}, .with = {0xc02f}}},
    HelloRule{.name = "go_extensions", .type = "tool", .extensions = {.run = {10, 11, 13, 65281}}},
    HelloRule{
        .name = "gnutls", .type = "tool", .suites = {.begins = {0x1302, 0x1303, 0x1301, 0x1304}}},

    // Schannel: CBC with SHA-2 in pairs of 256 and 128 bits; older, RSA before everything else.
    HelloRule{.name = "schannel_10",
              .type = "windows_schannel_tls12",
              .suites = {.run = {0xc024, 0xc023, 0xc028, 0xc027}},
              .extensions = {.without = {22}},
              .type_before_tls12 = "windows_schannel_tls10"},
    HelloRule{.name = "schannel_11",
              .type = "windows_schannel_tls12",
              .suites = {.begins = {0x1302, 0x1301, 0xc02c, 0xc02b, 0xc030, 0xc02f}},
              .extensions = {.without = {22}}},
    HelloRule{.name = "schannel_8",
              .type = "windows_schannel_tls12",
              .suites = {.run = {0xc028, 0xc027, 0xc014, 0xc013}},
              .extensions = {.without = {22}},
              .type_before_tls12 = "windows_schannel_tls10"},
    HelloRule{.name = "schannel_7",
              .type = "windows_schannel_tls12",
              .suites = {.run = {0x003c, 0x002f, 0x003d, 0x0035}},
              .extensions = {.without = {22}},
              .type_before_tls12 = "windows_schannel_tls10"},
    HelloRule{.name = "schannel_vista",
              .type = "windows_schannel_tls12",
              .suites = {.begins = {0x002f, 0x0035, 0x0005, 0x000a}, .with = {0x0032}},
              .extensions = {.without = {22}},
              .type_before_tls12 = "windows_schannel_tls10"},
    HelloRule{.name = "schannel_aes128_first",
              .type = "windows_schannel_tls12",
              .suites = {.run = {0xc013, 0xc014, 0xc009, 0xc00a}},
              .extensions = {.without = {22}},
              .type_before_tls12 = "windows_schannel_tls10"},
    HelloRule{.name = "schannel_ecdhe_first",
              .type = "windows_schannel_tls12",
              .suites = {.run = {0xc014, 0xc013, 0x0035, 0x002f, 0xc00a, 0xc009}},
              .extensions = {.without = {22}},
              .type_before_tls12 = "windows_schannel_tls10"},

    // RSA key exchange, at most a name and no curve: phones and other devices of before 2010.
    HelloRule{.name = "legacy_structure",
              .type = "legacy_phone",
              .confidence = Confidence::low,
              .suites = {.within = {0x0003, 0x0004, 0x0005, 0x0006, 0x0008, 0x0009, 0x000a, 0x0012,
                                    0x0013, 0x002f, 0x0035, 0x0062, 0x0063, 0x0064, 0x00ff}},
              .extensions = {.within = {0, 65281}},
              .at_most = kTls10},
};

// Whole hellos that were seen of one kind of client only. JA4.
struct KnownPrint {
  std::string_view ja4;
  std::string_view type;
};
inline constexpr std::array kKnownPrints = {
    KnownPrint{"t10i040000_cd059950e4e9_000000000000", "polycom_phone"},  // VVX, SoundPoint IP
};

}  // namespace chainmend::clients

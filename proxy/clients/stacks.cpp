#include "proxy/clients/stacks.h"

#include <algorithm>

namespace chainmend::clients {
namespace {

// Where hellos were published.
constexpr std::string_view kSslLabs = "SSL Labs, user agent capabilities; JA3 published";
constexpr std::string_view kJa3Lists = "JA3 string in public fingerprint lists";

using Stacks = std::vector<ClientStack>;

Stacks phones() {
  return {
      {.name = "lync_phone_edition",
       .type = "lync_phone_edition",
       .software = "Lync Phone Edition: CX500, CX600, CX3000, 6721ip, 6725ip, 4110, 4120",
       .hello_type = "legacy_phone",
       .source =
           "TLS 1.0 at most and no server name: ucvnext.org, Lync Phone Edition TLS limitations",
       .assumed = "the suites: no hello of this phone is public. If it has RC4 and 3DES alone, it "
                  "needs an OpenSSL that has them",
       .suites = {0x002f, 0x0035, 0x0005, 0x000a, 0x0004, 0x0009},
       .needs_order = true,
       .max_rsa_bits = 4096,
       .max_digest_bits = 256},  // of Windows Mobile 6 it is known that SHA-512 is refused
      {.name = "mitel_ip400",
       .type = "mitel_ip400",
       .software = "Mitel IP420, IP480, IP485g",
       .hello_type = "openssl",
       .source = "completes TLS 1.0 with AES and an RSA key of 2048 bits: "
                 "github.com/bretterer/shorebridge",
       .assumed =
           "the hello, which is taken to be that of OpenSSL 0.9.8: no hello of this phone is "
           "public",
       .suites = {0x0039, 0x0038, 0x0035, 0x0016, 0x0013, 0x000a, 0x0033,
                  0x0032, 0x002f, 0x0007, 0x0005, 0x0004, 0x0015, 0x0012,
                  0x0009, 0x0014, 0x0011, 0x0008, 0x0006, 0x0003, 0x00ff},
       .needs_order = true},
      {.name = "polycom_phone",
       .type = "polycom_phone",
       .software = "Polycom VVX, SoundPoint IP",
       .hello_type = "polycom_phone",
       .source = kJa3Lists,
       .suites = {0x0035, 0x000a, 0x002f, 0x0005},
       .needs_order = true},
  };
}

Stacks windows() {
  return {
      {.name = "windows_xp_schannel",
       .type = "windows_xp_schannel",
       .software = "Windows XP SP3: Internet Explorer 8, Outlook 2007",
       .hello_type = "windows_xp_schannel",
       .source = kSslLabs,
       .suites = {0x0004, 0x0005, 0x000a, 0x0009, 0x0064, 0x0062, 0x0003, 0x0006, 0x0013, 0x0012,
                  0x0063},
       .extensions = {65281},
       .fetches_aia = true,
       .max_rsa_bits = 16384,
       .max_dh_bits = 4096},
      {.name = "windows_schannel_tls10",
       .type = "windows_schannel_tls10",
       .software = "Windows Vista and 7 as installed: Outlook 2010, Lync 2010, .NET",
       .hello_type = "windows_schannel_tls10",
       .source = kSslLabs,
       .suites = {0x002f, 0x0035, 0x0005, 0x000a, 0xc013, 0xc014, 0xc009, 0xc00a, 0x0032, 0x0038,
                  0x0013, 0x0004},
       .extensions = {65281, 0, 5, 10, 11},
       .groups = {23, 24},
       .point_formats = {0},
       .fetches_aia = true,
       .max_rsa_bits = 16384,
       .max_dh_bits = 4096},
      {.name = "windows_8_schannel",
       .type = "windows_schannel_tls12",
       .software = "Windows 8.1, and 7 with TLS 1.2 turned on: Outlook, Office, .NET",
       .hello_type = "windows_schannel_tls12",
       .source = "SSL Labs, user agent capabilities, Internet Explorer 11",
       .assumed = "that Office says it without status_request and ALPN",
       .record_version = kTls12,
       .version = kTls12,
       .suites = {0xc028, 0xc027, 0xc014, 0xc013, 0x009f, 0x009e, 0x0039, 0x0033, 0x009d,
                  0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0xc02c, 0xc02b, 0xc024, 0xc023,
                  0xc00a, 0xc009, 0x006a, 0x0040, 0x0038, 0x0032, 0x000a, 0x0013},
       .extensions = {0, 10, 11, 13, 35, 23, 65281},
       .groups = {23, 24},
       .point_formats = {0},
       .signatures = {0x0401, 0x0501, 0x0601, 0x0201, 0x0403, 0x0503, 0x0603, 0x0203, 0x0202},
       .fetches_aia = true,
       .max_rsa_bits = 16384,
       .max_dh_bits = 4096},
      {.name = "windows_10_schannel",
       .type = "windows_schannel_tls12",
       .software = "Windows 10: Outlook, Office, .NET",
       .hello_type = "windows_schannel_tls12",
       .source = kJa3Lists,
       .record_version = kTls12,
       .version = kTls12,
       .suites = {0xc02c, 0xc02b, 0xc030, 0xc02f, 0x009f, 0x009e, 0xc024, 0xc023, 0xc028,
                  0xc027, 0xc00a, 0xc009, 0xc014, 0xc013, 0x009d, 0x009c, 0x003d, 0x003c,
                  0x0035, 0x002f, 0x000a, 0x006a, 0x0040, 0x0038, 0x0032, 0x0013},
       .extensions = {0, 5, 10, 11, 13, 35, 23, 65281},
       .groups = {23, 24},
       .point_formats = {0},
       .signatures = {0x0401, 0x0501, 0x0201, 0x0403, 0x0503, 0x0203, 0x0202, 0x0601, 0x0603},
       .fetches_aia = true,
       .max_rsa_bits = 16384,
       .max_dh_bits = 4096},
  };
}

Stacks apple() {
  return {
      {.name = "ios_6",
       .type = "apple",
       .software = "iOS 6",
       .hello_type = "apple",
       .source = kSslLabs,
       .record_version = kTls12,
       .version = kTls12,
       .suites = {0x00ff, 0xc024, 0xc023, 0xc00a, 0xc009, 0xc007, 0xc008, 0xc028, 0xc027,
                  0xc014, 0xc013, 0xc011, 0xc012, 0xc026, 0xc025, 0xc02a, 0xc029, 0xc004,
                  0xc005, 0xc002, 0xc003, 0xc00e, 0xc00f, 0xc00c, 0xc00d, 0x003d, 0x003c,
                  0x002f, 0x0005, 0x0004, 0x0035, 0x000a, 0x0067, 0x006b, 0x0033, 0x0039,
                  0x0016, 0xc006, 0xc010, 0xc001, 0xc00b, 0x003b, 0x0002, 0x0001},
       .extensions = {0, 10, 11, 13},
       .groups = {23, 24, 25},
       .point_formats = {0},
       .signatures = {0x0501, 0x0401, 0x0201, 0x0403, 0x0203},
       .max_rsa_bits = 4096},
      {.name = "ios_9",
       .type = "apple",
       .software = "iOS 9, macOS 10.11",
       .hello_type = "apple",
       .source = kSslLabs,
       .version = kTls12,
       .suites = {0x00ff, 0xc02c, 0xc02b, 0xc024, 0xc023, 0xc00a, 0xc009, 0xc008, 0xc030,
                  0xc02f, 0xc028, 0xc027, 0xc014, 0xc013, 0xc012, 0x009d, 0x009c, 0x003d,
                  0x003c, 0x0035, 0x002f, 0x000a, 0xc007, 0xc011, 0x0005, 0x0004},
       .extensions = {0, 10, 11, 13, 13172, 16, 5, 18},
       .groups = {23, 24, 25},
       .point_formats = {0},
       .signatures = {0x0501, 0x0401, 0x0201, 0x0503, 0x0403, 0x0203},
       .alpn = {"h2", "http/1.1"},
       .fetches_aia = true,
       .max_rsa_bits = 8192},
      {.name = "ios_15",
       .type = "apple",
       .software = "iOS 15, macOS 12 and later",
       .hello_type = "apple",
       .source = kJa3Lists,
       .version = kTls12,
       .versions = {0x9a9a, kTls13, kTls12, kTls11, kTls10},
       .suites = {0xbaba, 0x1301, 0x1302, 0x1303, 0xc02c, 0xc02b, 0xcca9,
                  0xc030, 0xc02f, 0xcca8, 0xc00a, 0xc009, 0xc014, 0xc013,
                  0x009d, 0x009c, 0x0035, 0x002f, 0xc008, 0xc012, 0x000a},
       .extensions = {0xdada, 0, 23, 65281, 10, 11, 16, 5, 13, 18, 51, 45, 43, 27, 0xcaca, 21},
       .groups = {0x4a4a, 29, 23, 24, 25},
       .point_formats = {0},
       .signatures = {0x0403, 0x0804, 0x0401, 0x0503, 0x0203, 0x0805, 0x0805, 0x0501, 0x0806,
                      0x0601, 0x0201},
       .alpn = {"h2", "http/1.1"},
       .fetches_aia = true,
       // Since iOS 13 and macOS 10.15: Apple, "Requirements for trusted certificates", HT210176.
       .min_rsa_bits = 2048,
       .min_digest_bits = 224,
       .needs_alternative_names = true},
  };
}

Stacks android() {
  return {
      {.name = "android_2",
       .type = "android_2",
       .software = "Android 2.3",
       .hello_type = "android_2",
       .source = kSslLabs,
       .suites = {0x0004, 0x0005, 0x002f, 0x0033, 0x0032, 0x000a, 0x0016, 0x0013, 0x0009, 0x0015,
                  0x0012, 0x0003, 0x0008, 0x0014, 0x0011, 0x00ff},
       .needs_order = true},
      {.name = "android_4_0",
       .type = "android_4",
       .software = "Android 4.0 to 4.3",
       .hello_type = "android_4",
       .source = kSslLabs,
       .suites = {0xc014, 0xc00a, 0x0039, 0x0038, 0xc00f, 0xc005, 0x0035, 0xc012, 0xc008, 0x0016,
                  0x0013, 0xc00d, 0xc003, 0x000a, 0xc013, 0xc009, 0x0033, 0x0032, 0xc00e, 0xc004,
                  0x002f, 0xc011, 0xc007, 0xc00c, 0xc002, 0x0005, 0x0004, 0x00ff},
       .extensions = {0, 11, 10, 35, 13172},
       .groups = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13,
                  14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25},
       .point_formats = {0, 1, 2}},
      {.name = "android_4_4",
       .type = "android_4",
       .software = "Android 4.4",
       .hello_type = "android_4",
       .source = kSslLabs,
       .version = kTls12,
       .suites = {0xc030, 0xc02c, 0xc014, 0xc00a, 0x00a3, 0x009f, 0x006b, 0x006a, 0x0039, 0x0038,
                  0x009d, 0x003d, 0x0035, 0xc012, 0xc008, 0x0016, 0x0013, 0x000a, 0xc02f, 0xc02b,
                  0xc027, 0xc023, 0xc013, 0xc009, 0x00a2, 0x009e, 0x0067, 0x0040, 0x0033, 0x0032,
                  0x009c, 0x003c, 0x002f, 0xc011, 0xc007, 0x0005, 0x0004, 0x00ff},
       .extensions = {0, 11, 10, 35, 13, 13172},
       .groups = {25, 24, 23},
       .point_formats = {0},
       .signatures = {0x0601, 0x0602, 0x0603, 0x0501, 0x0502, 0x0503, 0x0401, 0x0402, 0x0403,
                      0x0301, 0x0302, 0x0303, 0x0201, 0x0202, 0x0203, 0x0101}},
      {.name = "android_8",
       .type = "android_5plus",
       .software = "Android 8",
       .hello_type = "android_5plus",
       .source = kSslLabs,
       .version = kTls12,
       .suites = {0xc02b, 0xc02c, 0xcca9, 0xc02f, 0xc030, 0xcca8, 0xc009, 0xc00a, 0xc013, 0xc014,
                  0x009c, 0x009d, 0x002f, 0x0035},
       .extensions = {0, 23, 65281, 10, 11, 5, 13},
       .groups = {29, 23, 24},
       .point_formats = {0},
       .signatures = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201}},
      {.name = "android_11",
       .type = "android_5plus",
       .software = "Android 10 and later",
       .hello_type = "android_5plus",
       .source = kSslLabs,
       .version = kTls12,
       .versions = {kTls13, kTls12, kTls11, kTls10},
       .suites = {0x1301, 0x1302, 0x1303, 0xc02b, 0xc02c, 0xcca9, 0xc02f, 0xc030, 0xcca8, 0xc009,
                  0xc00a, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035},
       .extensions = {0, 23, 65281, 10, 11, 35, 16, 5, 13, 51, 45, 43, 21},
       .groups = {29, 23, 24},
       .point_formats = {0},
       .signatures = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0201},
       .alpn = {"http/1.1"},
       .needs_alternative_names = true},  // since Android 9, says its list of changed behaviour
  };
}

Stacks java() {
  return {
      {.name = "java_6",
       .type = "java_6",
       .software = "Java 6",
       .hello_type = "java_6",
       .source = kSslLabs,
       .format = HelloFormat::sslv2,
       .suites = {0x0004, 0x0005, 0x002f, 0x0033, 0x0032, 0x000a, 0x0016, 0x0013, 0x0009, 0x0015,
                  0x0012, 0x0003, 0x0008, 0x0014, 0x0011, 0x00ff},
       .max_dh_bits = 1024},
      {.name = "java_7",
       .type = "java_7",
       .software = "Java 7",
       .hello_type = "java_7",
       .source = kSslLabs,
       .suites = {0xc009, 0xc013, 0x002f, 0xc004, 0xc00e, 0x0033, 0x0032,
                  0xc007, 0xc011, 0x0005, 0xc002, 0xc00c, 0xc008, 0xc012,
                  0x000a, 0xc003, 0xc00d, 0x0016, 0x0013, 0x0004, 0x00ff},
       .extensions = {10, 11, 0},
       .groups = {23, 1,  3,  19, 21, 6, 7,  9, 10, 24, 11, 12, 25,
                  13, 14, 15, 16, 17, 2, 18, 4, 5,  20, 8,  22},
       .point_formats = {0},
       .max_dh_bits = 1024},
      {.name = "java_8",
       .type = "java_8plus",
       .software = "Java 8 up to update 160",
       .hello_type = "java_8plus",
       .source = kSslLabs,
       .record_version = kTls12,
       .version = kTls12,
       .suites = {0xc023, 0xc027, 0x003c, 0xc025, 0xc029, 0x0067, 0x0040, 0xc009, 0xc013, 0x002f,
                  0xc004, 0xc00e, 0x0033, 0x0032, 0xc02b, 0xc02f, 0x009c, 0xc02d, 0xc031, 0x009e,
                  0x00a2, 0xc008, 0xc012, 0x000a, 0xc003, 0xc00d, 0x0016, 0x0013, 0x00ff},
       .extensions = {10, 11, 13, 0},
       .groups = {23, 1,  3,  19, 21, 6, 7,  9, 10, 24, 11, 12, 25,
                  13, 14, 15, 16, 17, 2, 18, 4, 5,  20, 8,  22},
       .point_formats = {0},
       .signatures = {0x0603, 0x0601, 0x0503, 0x0501, 0x0403, 0x0401, 0x0402, 0x0203, 0x0201,
                      0x0202},
       .max_dh_bits = 2048},
      {.name = "java_17",
       .type = "java_8plus",
       .software = "Java 17",
       .hello_type = "java_8plus",
       .source = kSslLabs,
       .record_version = kTls12,
       .version = kTls12,
       .versions = {kTls13, kTls12},
       .suites = {0x1302, 0x1301, 0x1303, 0xc02c, 0xc02b, 0xcca9, 0xc030, 0xcca8,
                  0xc02f, 0x009f, 0xccaa, 0x009e, 0xc024, 0xc028, 0xc023, 0xc027,
                  0x006b, 0x0067, 0xc00a, 0xc014, 0xc009, 0xc013, 0x0039, 0x0033,
                  0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x00ff},
       .extensions = {0, 5, 10, 11, 17, 23, 35, 13, 43, 45, 50, 51},
       .groups = {29, 23, 24, 25, 30, 256, 257, 258, 259, 260},
       .point_formats = {0},
       .signatures = {0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809,
                      0x080a, 0x080b, 0x0401, 0x0501, 0x0601, 0x0303, 0x0301},
       .max_certificates = 10},  // jdk.tls.maxCertificateChainLength
  };
}

// OpenSSL 1.1.1 and 3 differ in the groups and versions that they offer, not in suites.
ClientStack openssl(std::string_view name, std::string_view software,
                    std::vector<std::uint16_t> versions, std::vector<std::uint16_t> groups) {
  return {.name = name,
          .type = "openssl",
          .software = software,
          .hello_type = "openssl",
          .source = kSslLabs,
          .assumed = "security level 2, which Debian and Ubuntu set, and OpenSSL itself since 3.2",
          .version = kTls12,
          .versions = std::move(versions),
          .suites = {0x1302, 0x1303, 0x1301, 0xc02c, 0xc030, 0x009f, 0xcca9, 0xcca8,
                     0xccaa, 0xc02b, 0xc02f, 0x009e, 0xc024, 0xc028, 0x006b, 0xc023,
                     0xc027, 0x0067, 0xc00a, 0xc014, 0x0039, 0xc009, 0xc013, 0x0033,
                     0x009d, 0x009c, 0x003d, 0x003c, 0x0035, 0x002f, 0x00ff},
          .extensions = {0, 11, 10, 35, 22, 23, 13, 43, 45, 51},
          .groups = std::move(groups),
          .point_formats = {0, 1, 2},
          .signatures = {0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0809, 0x080a,
                         0x080b, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601,
                         0x0303, 0x0301, 0x0302, 0x0402, 0x0502, 0x0602},
          .max_rsa_bits = 16384,
          .max_dh_bits = 10000,
          .min_rsa_bits = 2048,
          .min_digest_bits = 224};
}

Stacks others() {
  return {
      openssl("openssl_1_1", "OpenSSL 1.1.1: curl, Python", {kTls13, kTls12}, {29, 23, 30, 25, 24}),
      openssl("openssl_3", "OpenSSL 3: curl, Python", {kTls13, kTls12, kTls11, kTls10},
              {29, 23, 30, 25, 24, 256, 257, 258, 259, 260}),
      {.name = "chromium",
       .type = "chromium",
       .software = "Chrome, Edge, Opera",
       .hello_type = "chromium",
       .source = "sample of the JA4 project: github.com/FoxIO-LLC/ja4",
       .version = kTls12,
       .versions = {0xaaaa, kTls13, kTls12},
       .suites = {0x1a1a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8,
                  0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035},
       .extensions = {0x2a2a, 0, 23, 65281, 10, 11, 35, 16, 5, 13, 18, 51, 45, 43, 27, 17513,
                      0x4a4a, 21},
       .groups = {0x3a3a, 29, 23, 24},
       .point_formats = {0},
       .signatures = {0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601},
       .alpn = {"h2", "http/1.1"},
       .fetches_aia = true,
       // Chrome 57 left SHA-1 out, 58 names in the common name.
       .min_rsa_bits = 1024,
       .min_digest_bits = 224,
       .needs_alternative_names = true},
      {.name = "firefox",
       .type = "firefox",
       .software = "Firefox, Thunderbird",
       .hello_type = "firefox",
       .source = "JA4 published by its project: github.com/FoxIO-LLC/ja4",
       .version = kTls12,
       .versions = {kTls13, kTls12},
       .suites = {0x1301, 0x1303, 0x1302, 0xc02b, 0xc02f, 0xcca9, 0xcca8, 0xc02c, 0xc030, 0xc00a,
                  0xc009, 0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035},
       .extensions = {0, 23, 65281, 10, 11, 35, 16, 5, 34, 51, 43, 13, 45, 28, 21},
       .groups = {29, 23, 24, 25, 256, 257},
       .point_formats = {0},
       .signatures = {0x0403, 0x0503, 0x0603, 0x0804, 0x0805, 0x0806, 0x0401, 0x0501, 0x0601,
                      0x0203, 0x0201},
       .alpn = {"h2", "http/1.1"},
       // Firefox 101 left names in the common name out, 103 SHA-1.
       .min_rsa_bits = 1024,
       .min_digest_bits = 224,
       .needs_alternative_names = true},
  };
}

}  // namespace

bool ClientStack::names_server() const {
  return std::ranges::find(extensions, 0) != extensions.end();
}

const std::vector<ClientStack>& client_stacks() {
  static const Stacks all = [] {
    Stacks joined;
    for (const Stacks& some : {phones(), windows(), apple(), android(), java(), others()}) {
      joined.insert(joined.end(), some.begin(), some.end());
    }
    return joined;
  }();
  return all;
}

const ClientStack* find_client_stack(std::string_view name) {
  const auto found = std::ranges::find(client_stacks(), name, &ClientStack::name);
  return found == client_stacks().end() ? nullptr : &*found;
}

std::vector<const ClientStack*> stacks_of(std::string_view type) {
  std::vector<const ClientStack*> rows;
  for (const ClientStack& stack : client_stacks()) {
    if (stack.type == type) {
      rows.push_back(&stack);
    }
  }
  return rows;
}

}  // namespace chainmend::clients

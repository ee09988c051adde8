// What a client of the list in client_simulation.h is, by its name alone: the types that are right
// for it. Written before the rules that tell the types apart, and independent of them. Beside it,
// which of the clients are held out: the rules were made without looking at those.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace chainmend::clients::testing {

struct ExpectedType {
  std::string_view name_begins;
  std::string_view types;  // any of these words; "unknown": no type of ours
};

// The first row that fits counts.
inline constexpr std::array kExpectedTypes = {
    ExpectedType{"Android 2", "android_2"},
    ExpectedType{"Android 4", "android_4"},
    ExpectedType{"Android", "android_5plus"},
    ExpectedType{"Chrome", "chromium"},
    ExpectedType{"Firefox", "firefox"},
    ExpectedType{"Tor", "firefox"},
    ExpectedType{"Thunderbird", "firefox"},
    ExpectedType{"IE 6 XP", "windows_xp_schannel"},
    ExpectedType{"IE 8 XP", "windows_xp_schannel"},
    ExpectedType{"IE 11", "windows_schannel_tls12"},
    ExpectedType{"IE", "windows_schannel_tls10"},
    ExpectedType{"Edge 101", "chromium"},
    ExpectedType{"Edge 13", "chromium windows_schannel_tls12"},  // 13, or 133 and later
    ExpectedType{"Edge 12", "windows_schannel_tls12"},
    ExpectedType{"Edge 15", "windows_schannel_tls12"},
    ExpectedType{"Edge 17", "windows_schannel_tls12"},
    ExpectedType{"Edge", "chromium"},
    ExpectedType{"Opera 12", "unknown"},  // a library of its own
    ExpectedType{"Opera", "chromium"},
    ExpectedType{"Safari", "apple"},
    ExpectedType{"Apple", "apple"},
    ExpectedType{"Java 6", "java_6"},
    ExpectedType{"Java 7", "java_7"},
    ExpectedType{"Java", "java_8plus"},
    ExpectedType{"go", "tool"},
    ExpectedType{"LibreSSL", "openssl"},
    ExpectedType{"OpenSSL", "openssl"},
    // Crawlers are told by the library they use, as far as it is one that we know.
    ExpectedType{"Googlebot", "tool openssl chromium"},
    ExpectedType{"Bing", "tool openssl windows_schannel_tls10 windows_schannel_tls12"},
    ExpectedType{"Baidu", "tool openssl"},
    ExpectedType{"Yahoo", "tool openssl"},
    ExpectedType{"Yandex", "tool openssl"},
};

// Empty: a client that this table does not know.
constexpr std::string_view expected_types(std::string_view client) {
  for (const ExpectedType& row : kExpectedTypes) {
    if (client.starts_with(row.name_begins)) {
      return row.types;
    }
  }
  return {};
}

// Every third client of the list.
constexpr bool held_out(std::size_t position) { return position % 3 == 2; }

}  // namespace chainmend::clients::testing

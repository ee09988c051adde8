// The client types that exist without being configured. A type is a label of metrics, so the set is
// closed: these, and what the operator names under client_types.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

namespace chainmend::config {

// Beside `other`, which everything past them counts as.
inline constexpr std::size_t kMaxClientTypes = 64;

enum class KnownBy {
  hello,  // its ClientHello tells it, so it is known on its first connection
  use,    // only what it asks for tells it: a User-Agent, a path
};

struct BuiltInClientType {
  std::string_view name;
  KnownBy known_by;
};

inline constexpr std::array kBuiltInClientTypes = {
    BuiltInClientType{"lync_phone_edition", KnownBy::use},
    BuiltInClientType{"mitel_ip400", KnownBy::use},
    BuiltInClientType{"polycom_phone", KnownBy::hello},
    BuiltInClientType{"legacy_phone", KnownBy::hello},
    BuiltInClientType{"windows_xp_schannel", KnownBy::hello},
    BuiltInClientType{"windows_schannel_tls10", KnownBy::hello},
    BuiltInClientType{"windows_schannel_tls12", KnownBy::hello},
    BuiltInClientType{"lync_desktop", KnownBy::use},
    BuiltInClientType{"outlook_windows", KnownBy::use},
    BuiltInClientType{"outlook_mac", KnownBy::use},
    BuiltInClientType{"apple", KnownBy::hello},  // iOS or macOS, which say hello alike
    BuiltInClientType{"apple_mail", KnownBy::use},
    BuiltInClientType{"ios", KnownBy::use},
    BuiltInClientType{"android_2", KnownBy::hello},
    BuiltInClientType{"android_4", KnownBy::hello},
    BuiltInClientType{"android_5plus", KnownBy::hello},
    BuiltInClientType{"java_6", KnownBy::hello},
    BuiltInClientType{"java_7", KnownBy::hello},
    BuiltInClientType{"java_8plus", KnownBy::hello},
    BuiltInClientType{"dotnet_ews", KnownBy::use},
    BuiltInClientType{"openssl", KnownBy::hello},
    BuiltInClientType{"chromium", KnownBy::hello},
    BuiltInClientType{"firefox", KnownBy::hello},
    BuiltInClientType{"monitor", KnownBy::use},
    BuiltInClientType{"tool", KnownBy::hello},
    BuiltInClientType{"unknown_tls10", KnownBy::hello},  // by the best version offered; or older
    BuiltInClientType{"unknown_tls11", KnownBy::hello},
    BuiltInClientType{"unknown_tls12", KnownBy::hello},
    BuiltInClientType{"unknown_tls13", KnownBy::hello},
};

// Null: not built in.
constexpr const BuiltInClientType* built_in_client_type(std::string_view name) {
  const auto* const found = std::ranges::find(kBuiltInClientTypes, name, &BuiltInClientType::name);
  return found == kBuiltInClientTypes.end() ? nullptr : found;
}

}  // namespace chainmend::config

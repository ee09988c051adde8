// read_value for plain values: what each type accepts, and what is said when it is something else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/yaml_reader.h"

namespace chainmend::config {

// A whole number, and a number of bytes, with their bounds.
struct Count {
  std::uint64_t least;
  std::uint64_t most;
};
struct Bytes {
  std::uint64_t least;
  std::uint64_t most;
};

void read_value(const Cursor& at, bool& out);
std::string write_value(const Cursor& at, bool value);
void read_value(const Cursor& at, std::size_t& out, const Count& bounds);
std::string write_value(const Cursor& at, std::size_t value, const Count& bounds);
void read_value(const Cursor& at, std::size_t& out, const Bytes& bounds);
std::string write_value(const Cursor& at, std::size_t value, const Bytes& bounds);
// A duration, at least `least` and at most a year.
void read_value(const Cursor& at, Milliseconds& out, const Milliseconds& least = Milliseconds(1));
std::string write_value(const Cursor& at, Milliseconds value,
                        const Milliseconds& least = Milliseconds(1));
// A file name, made absolute; it may be a pattern or a folder where the caller says so.
void read_value(const Cursor& at, Path& out);
std::string write_value(const Cursor& at, const Path& value);
// The same for one that must be there.
struct InputFile {};
void read_value(const Cursor& at, Path& out, const InputFile& how);
void read_value(const Cursor& at, Endpoint& out);
std::string write_value(const Cursor& at, const Endpoint& value);
void read_value(const Cursor& at, TlsVersion& out);
void read_value(const Cursor& at, Network& out);

// The words of the enums that the file names values of.
constexpr const auto& names_of(LogLevel /*of*/) { return kLogLevelNames; }
constexpr const auto& names_of(AiaMode /*of*/) { return kAiaModeNames; }
constexpr const auto& names_of(OnIncomplete /*of*/) { return kOnIncompleteNames; }
constexpr const auto& names_of(Serve /*of*/) { return kServeNames; }
constexpr const auto& names_of(Weak /*of*/) { return kWeakNames; }
constexpr const auto& names_of(AskForCertificate /*of*/) { return kAskForCertificateNames; }
constexpr const auto& names_of(ClientPurpose /*of*/) { return kClientPurposeNames; }
constexpr const auto& names_of(Revocation /*of*/) { return kRevocationNames; }
constexpr const auto& names_of(IdentityHeader /*of*/) { return kIdentityHeaderNames; }
constexpr const auto& names_of(Via /*of*/) { return kViaNames; }
constexpr const auto& names_of(Mode /*of*/) { return kModeNames; }
constexpr const auto& names_of(ProxyProtocol /*of*/) { return kProxyProtocolNames; }
constexpr const auto& names_of(ExtendedProtection /*of*/) { return kExtendedProtectionNames; }
constexpr const auto& names_of(BalanceMethod /*of*/) { return kBalanceMethodNames; }
constexpr const auto& names_of(BalancePer /*of*/) { return kBalancePerNames; }
constexpr const auto& names_of(PersistBy /*of*/) { return kPersistByNames; }
constexpr const auto& names_of(HealthType /*of*/) { return kHealthTypeNames; }
constexpr const auto& names_of(ExchangeDirectory /*of*/) { return kExchangeDirectoryNames; }
constexpr const auto& names_of(AllDown /*of*/) { return kAllDownNames; }
constexpr const auto& names_of(HelloFormat /*of*/) { return kHelloFormatNames; }

template <typename Enum>
concept Named = requires(Enum value) { names_of(value); };

// The index of the word that the value is. Reports what is none of them.
std::optional<std::size_t> read_word(const Cursor& at, const std::vector<std::string_view>& words);

template <Named Enum>
void read_value(const Cursor& at, Enum& out) {
  const auto& names = names_of(out);
  if (const auto index = read_word(at, {names.begin(), names.end()})) {
    out = static_cast<Enum>(*index);
  }
}

template <Named Enum>
std::string write_value(const Cursor& /*at*/, const Enum& value) {
  return names_of(value)[value];
}

// A value that `off` takes away.
struct OrOff {};
template <typename T, typename... How>
void read_value(const Cursor& at, std::optional<T>& out, const OrOff& /*how*/, const How&... how) {
  if (at.is_off()) {
    out.reset();
  } else {
    read_value(at, out, how...);
  }
}
template <typename T, typename... How>
std::string write_value(const Cursor& at, const std::optional<T>& value, const OrOff& /*how*/,
                        const How&... how) {
  return value ? write_value(at, *value, how...) : "off";
}

// A name that this value defines, or one defined elsewhere. Names become labels of metrics, hence
// their alphabet.
struct Defines {
  Names::Kind kind;
};
struct RefersTo {
  Names::Kind kind;
};
void read_value(const Cursor& at, std::string& out, const Defines& how);
void read_value(const Cursor& at, std::string& out, const RefersTo& how);
std::string write_value(const Cursor& at, const std::string& value, const RefersTo& how);

// A number that TLS gives a suite or an extension: 0x002f or 47.
struct TlsNumber {};
void read_value(const Cursor& at, std::uint16_t& out, const TlsNumber& how);

// The bits of a Diffie-Hellman group for the DHE suites.
struct DhBits {};
void read_value(const Cursor& at, unsigned& out, const DhBits& how);

// Whom a request may name: "mail.contoso.com", "*.contoso.com"; in lower case, without port.
struct HostPattern {};
void read_value(const Cursor& at, std::string& out, const HostPattern& how);

// A word of letters, digits, - and _: what OpenSSL calls a cipher, suite or group.
struct OpensslName {};
void read_value(const Cursor& at, std::string& out, const OpensslName& how);

}  // namespace chainmend::config

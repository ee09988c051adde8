// The words of which bindings of Windows are made, told by their form. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chainmend::diagnose {

// What stands between words, and what a page or an editor may have put around the output.
inline constexpr std::string_view kBlanks = " \t\r\f\v";

std::string_view trimmed(std::string_view text);
std::vector<std::string_view> words_of(std::string_view text);

bool is_thumbprint(std::string_view word);  // 40 hex digits
bool is_guid(std::string_view word);        // "{4dc3e181-e14b-4a21-b022-59fc669b0914}"
bool is_cut(std::string_view word);         // PowerShell shortens what has no room with "..."
bool is_host(std::string_view word);
std::string in_capitals(std::string_view word);
// An address as it is usually written; "*" is any. Empty: none.
std::string address_of(std::string_view word);
std::optional<std::uint16_t> port_of(std::string_view word);

// Where clients connect to: either of a host and an address.
struct Endpoint {
  std::string host, address;
  std::uint16_t port = 0;
};
Endpoint endpoint_of(std::string_view host, std::string_view address, std::uint16_t port);
// "0.0.0.0:443", "[::]:443", "mail.contoso.com:443", as netsh has them.
std::optional<Endpoint> from_netsh(std::string_view word);
// "*:443:", "10.0.0.5:443:mail.contoso.com", "[::]:443:": bindingInformation of IIS.
std::optional<Endpoint> from_iis(std::string_view word);

// "Enabled" in the languages of Windows that we know. Unset: neither, in those.
std::optional<bool> state_of(std::string_view word);

}  // namespace chainmend::diagnose

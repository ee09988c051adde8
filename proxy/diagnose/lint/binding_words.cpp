#include "proxy/diagnose/lint/binding_words.h"

#include <algorithm>
#include <array>
#include <boost/asio/ip/address.hpp>

#include "config/values.h"
#include "proxy/diagnose/explain/numbers.h"

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kThumbprint = 40;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
    const auto end = std::min(text.find_first_of(kBlanks), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

bool is_thumbprint(std::string_view text) {
  return text.size() == kThumbprint && std::ranges::all_of(text, is_hex);
}

std::string in_capitals(std::string_view text) {
  std::string out = config::lower(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'a' && c <= 'f' ? static_cast<char>(c - 32) : c;
  });
  return out;
}

bool is_guid(std::string_view text) {
  constexpr std::string_view kForm = "{00000000-0000-0000-0000-000000000000}";
  return std::ranges::equal(text, kForm,
                            [](char c, char form) { return form == '0' ? is_hex(c) : c == form; });
}

bool is_cut(std::string_view word) { return word.ends_with("...") || word.ends_with("\u2026"); }

std::optional<std::uint16_t> port_of(std::string_view text) {
  const auto number = text.size() <= 5 ? whole_number(text) : std::nullopt;
  return number && *number > 0 && *number <= 65535
             ? std::optional(static_cast<std::uint16_t>(*number))
             : std::nullopt;
}

std::string address_of(std::string_view text) {
  if (text == "*") {
    return "0.0.0.0";
  }
  if (text.starts_with('[') && text.ends_with(']')) {
    text = text.substr(1, text.size() - 2);
  }
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(std::string(text), error);
  return error ? "" : address.to_string();
}

bool is_host(std::string_view text) {
  const bool has_letter = std::ranges::any_of(
      text, [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '*'; });
  return has_letter && text.size() < 256 &&
         std::ranges::all_of(
             text,
             [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '-' || c == '.' || c == '_' || c == '*';
             });
}

Endpoint endpoint_of(std::string_view host, std::string_view address, std::uint16_t port) {
  if (!host.empty()) {
    return {config::lower(host), "", port};
  }
  return {"", address.empty() ? "0.0.0.0" : std::string(address), port};
}

std::optional<Endpoint> from_netsh(std::string_view word) {
  const auto colon = word.rfind(':');
  const auto port =
      colon == std::string_view::npos ? std::nullopt : port_of(word.substr(colon + 1));
  if (!port) {
    return std::nullopt;
  }
  const std::string_view place = word.substr(0, colon);
  if (const std::string address = address_of(place);
      !address.empty() && (address.find(':') == std::string::npos || place.starts_with('['))) {
    return Endpoint{"", address, *port};
  }
  return is_host(place) ? std::optional(endpoint_of(place, "", *port)) : std::nullopt;
}

std::optional<Endpoint> from_iis(std::string_view word) {
  const auto last = word.rfind(':');
  const auto colon = last == std::string_view::npos || last == 0 ? std::string_view::npos
                                                                 : word.rfind(':', last - 1);
  const auto port = colon == std::string_view::npos
                        ? std::nullopt
                        : port_of(word.substr(colon + 1, last - colon - 1));
  const std::string address = port ? address_of(word.substr(0, colon)) : "";
  const std::string_view host = word.substr(std::min(last + 1, word.size()));
  if (address.empty() || !(host.empty() || is_host(host))) {
    return std::nullopt;
  }
  return endpoint_of(host, address, *port);
}

std::optional<bool> state_of(std::string_view word) {
  constexpr std::array<std::string_view, 18> kOn{
      "enabled",
      "set",
      "aktiviert",
      "activ\u00e9",
      "activ\u00e9e",
      "habilitado",
      "habilitada",
      "ativado",
      "abilitato",
      "abilitata",
      "ingeschakeld",
      "aktiverad",
      "aktiveret",
      "aktivert",
      "\u6709\u52b9",
      "\u5df2\u542f\u7528",
      "\u5df2\u555f\u7528",
      "\u0432\u043a\u043b\u044e\u0447\u0435\u043d\u043e"};
  constexpr std::array<std::string_view, 18> kOff{
      "disabled",
      "not set",
      "deaktiviert",
      "d\u00e9sactiv\u00e9",
      "d\u00e9sactiv\u00e9e",
      "deshabilitado",
      "deshabilitada",
      "desativado",
      "disabilitato",
      "disabilitata",
      "uitgeschakeld",
      "inaktiverad",
      "deaktiveret",
      "deaktivert",
      "\u7121\u52b9",
      "\u5df2\u7981\u7528",
      "\u5df2\u505c\u7528",
      "\u043e\u0442\u043a\u043b\u044e\u0447\u0435\u043d\u043e"};
  const std::string folded = config::lower(word);
  if (std::ranges::find(kOn, folded) != kOn.end()) {
    return true;
  }
  return std::ranges::find(kOff, folded) != kOff.end() ? std::optional(false) : std::nullopt;
}

}  // namespace chainmend::diagnose

#include "proxy/diagnose/explain/explain.h"

#include <fmt/format.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <optional>

#include "proxy/diagnose/explain/client_habits.h"
#include "proxy/diagnose/explain/find_text.h"
#include "proxy/diagnose/explain/notations.h"
#include "proxy/diagnose/explain/numbers.h"
#include "proxy/diagnose/explain/tls_codes.h"
#include "proxy/tls/explain.h"

namespace chainmend::diagnose {

namespace {

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n,;\"'";
  std::vector<std::string_view> words;
  while (true) {
    const auto begin = text.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos) {
      return words;
    }
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(kBlanks), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
}

bool is_windows(Speaker speaker) {
  return speaker == Speaker::wininet || speaker == Speaker::winhttp ||
         speaker == Speaker::winsock || speaker == Speaker::schannel ||
         speaker == Speaker::crypto_api;
}

std::uint32_t hresult_of(const Code& code) {
  const auto value = static_cast<std::uint32_t>(*code.number);
  const bool is_win32 = code.speaker == Speaker::wininet || code.speaker == Speaker::winhttp ||
                        code.speaker == Speaker::winsock;
  return is_win32 ? value | kWin32Facility : value;
}

// What the RFC says of alerts that are warnings; empty: fatal, or either.
std::string_view meaning_of_warning(std::uint8_t alert) {
  switch (alert) {
    case SSL_AD_CLOSE_NOTIFY:
      return "the sender will send nothing more: the normal end of a connection (RFC 8446 6.1)";
    case SSL_AD_USER_CANCELLED:
      return "the sender gives the handshake up for a reason outside TLS, and close_notify follows "
             "(RFC 8446 6.1)";
    case SSL_AD_NO_RENEGOTIATION:
      return "the sender does not renegotiate; the connection goes on (RFC 5246 7.2.2)";
    default:
      return "";
  }
}

// What a client and what a server means by a fatal alert, where tls::explain tells.
std::vector<std::string> readings_of_alert(std::uint8_t alert) {
  std::vector<std::string> readings;
  const auto read = [&](const char* from, tls::AlertDirection direction) {
    const tls::Reason reason = reason_of_alert(alert, direction);
    if (reason != tls::Reason::client_alert_other && reason != tls::Reason::protocol_error) {
      readings.push_back(fmt::format("{}: {}", from, tls::hint(reason)));
    }
  };
  read("from a client", tls::AlertDirection::received);
  read("from a server", tls::AlertDirection::sent);
  return readings;
}

Explanation unknown(std::string code) {
  Explanation out;
  out.code = std::move(code);
  return out;
}

Explanation unknown_hresult(std::uint32_t value) {
  Explanation out = unknown(fmt::format("0x{:08x}", value));
  out.notations = notations_of(value);
  return out;
}

// A number without any sign of whose it is: each program that counts that far down or up.
std::vector<Explanation> readings_of(std::int64_t value) {
  constexpr Speaker kSpeakers[] = {
      Speaker::wininet, Speaker::winhttp,        Speaker::winsock, Speaker::schannel_event,
      Speaker::alert,   Speaker::openssl_verify, Speaker::curl,    Speaker::nss,
      Speaker::gnutls,  Speaker::chrome,         Speaker::apple,   Speaker::qt,
      Speaker::f5};
  std::vector<Explanation> all;
  for (const Speaker speaker : kSpeakers) {
    if (const Code* const code = find_code(speaker, value)) {
      all.push_back(explain_code(*code));
    }
  }
  if (value > 0 && value < 1000) {
    if (const Code* const code = find_status(static_cast<int>(value), 0)) {
      all.push_back(explain_code(*code));
    }
  }
  return all;
}

std::vector<Explanation> from_number(std::string_view word) {
  const bool prefixed = word.starts_with("0x") || word.starts_with("0X");
  auto value = prefixed ? whole_number(word.substr(2), 16) : whole_number(word);
  // Eight hex digits may be an HRESULT without its prefix: those of Windows have ten in decimal.
  const auto bare = word.size() == 8 ? whole_number(word, 16) : std::nullopt;
  if (!prefixed && bare && *bare >= 0 && (!value || find_windows_code(*bare) != nullptr)) {
    value = bare;
  } else if (!prefixed && value) {
    if (auto all = readings_of(*value); !all.empty()) {
      return all;
    }
  }
  if (!value || *value < INT32_MIN || *value > UINT32_MAX) {
    return {};
  }
  if (const Code* const code = find_windows_code(*value)) {
    return {explain_code(*code)};
  }
  return {unknown_hresult(static_cast<std::uint32_t>(*value))};
}

// "403.16", "403 16", "403 16 2148204809", "40316 2148204809": status, substatus, and why.
std::optional<Explanation> from_status(std::vector<std::string_view> words) {
  if (words.empty() || words.size() > 3) {
    return std::nullopt;
  }
  const std::string_view first = words.front();
  const auto dot = first.find('.');
  if (dot == 3 && words.size() <= 2) {
    words.insert(words.begin() + 1, first.substr(4));
    words.front() = first.substr(0, 3);
  } else if (words.size() == 2 && first.size() >= 4 && first.size() <= 6 && words[1].size() > 3) {
    words.insert(words.begin() + 1, first.substr(3));
    words.front() = first.substr(0, 3);
  }
  const auto status = words.front().size() == 3 ? whole_number(words.front()) : std::nullopt;
  const auto substatus = words.size() > 1 ? whole_number(words[1]) : std::nullopt;
  const auto reason = words.size() > 2 ? whole_number(words[2]) : std::optional<std::int64_t>(0);
  if (!status || *status < 100 || *status > 599 || !substatus || *substatus < 0 ||
      *substatus > 999 || !reason) {
    return std::nullopt;
  }
  const Code* const code = find_status(static_cast<int>(*status), static_cast<int>(*substatus));
  Explanation out =
      code != nullptr ? explain_code(*code) : unknown(fmt::format("{}.{}", *status, *substatus));
  if (*reason != 0) {
    out.code += fmt::format(" {}", *reason);
    const Code* const why = find_windows_code(*reason);
    if (why != nullptr) {
      out.name += fmt::format("{}{}", out.name.empty() ? "" : ": ", why->name);
    }
    out.notations =
        notations_of(why != nullptr ? hresult_of(*why) : static_cast<std::uint32_t>(*reason));
  }
  return out;
}

// "alert 48", "X509 error 20", "error:0A000418", "curl: (60)", "event 36887".
std::optional<Explanation> from_phrase(std::string_view text,
                                       const std::vector<std::string_view>& words) {
  const auto numbered = [](Speaker speaker, const char* label,
                           std::string_view digits) -> std::optional<Explanation> {
    const auto value = whole_number(digits);
    if (!value || *value < 0) {
      return std::nullopt;
    }
    const Code* const code = find_code(speaker, *value);
    return code != nullptr ? explain_code(*code) : unknown(fmt::format("{} {}", label, *value));
  };
  const std::string first = words.empty() ? "" : fold(words.front());
  if (words.size() == 2 && first == "alert") {
    const bool is_hex = words[1].starts_with("0x") || words[1].starts_with("0X");
    const auto value = is_hex ? whole_number(words[1].substr(2), 16) : whole_number(words[1]);
    if (value) {
      return numbered(Speaker::alert, "alert", std::to_string(*value));
    }
  }
  if (words.size() == 2 && first == "event") {
    return numbered(Speaker::schannel_event, "event", words[1]);
  }
  if (words.size() == 2 && first.starts_with("curl") && words[1].size() > 2 &&
      words[1].front() == '(') {
    return numbered(Speaker::curl, "curl", words[1].substr(1, words[1].size() - 2));
  }
  if (words.size() == 3 && first == "x509" && fold(words[1]) == "error") {
    return numbered(Speaker::openssl_verify, "X509 error", words[2]);
  }
  if (words.size() == 1 && first.starts_with("error:")) {
    const auto packed = whole_number(words.front().substr(6, 8), 16);
    if (!packed || *packed < 0) {
      return std::nullopt;
    }
    const auto reason = libssl_reason(static_cast<std::uint64_t>(*packed));
    const Code* const code = reason ? find_code(Speaker::openssl, *reason) : nullptr;
    return code != nullptr ? explain_code(*code) : unknown(fmt::format("error:{:08X}", *packed));
  }
  // Go and others write the names of alerts with blanks, and "alert" before or behind them.
  if (first == "alert" && words.size() > 1) {
    const std::string_view name = text.substr(text.find_first_of(" \t") + 1);
    const Code* const alert = find_alert_name(name);
    const Code* const code = alert != nullptr ? alert : find_name(name);
    return code != nullptr ? std::optional(explain_code(*code)) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

Explanation explain_code(const Code& code) {
  Explanation out;
  out.said = &code;
  out.code = code.written.empty() ? code.name : code.written;
  out.name = code.name;
  if (is_windows(code.speaker) && code.number) {
    const std::uint32_t hresult = hresult_of(code);
    out.code = fmt::format("0x{:08x}", hresult);
    out.notations = notations_of(hresult);
  } else if (code.speaker == Speaker::alert) {
    const auto alert = static_cast<std::uint8_t>(*code.number);
    out.meaning = meaning_of_warning(alert);
    out.readings = out.meaning.empty() ? readings_of_alert(alert) : std::vector<std::string>();
    out.on_clients = clients_that_send(alert);
  } else if (code.speaker == Speaker::chainmend) {
    out.readings = {tls::hint(static_cast<tls::Reason>(*code.number))};
  } else if (code.speaker == Speaker::schannel_event) {
    out.code = "event " + code.written;
  } else if (code.speaker == Speaker::curl) {
    out.code = fmt::format("curl: ({})", code.written);
  }
  if (out.meaning.empty()) {
    out.meaning = out.advice() != nullptr ? out.advice()->meaning : "known by its name alone";
  }
  return out;
}

std::vector<Explanation> explain_code(std::string_view text) {
  const auto words = words_of(text);
  if (words.empty()) {
    return {};
  }
  if (auto one = from_status(words)) {
    return {std::move(*one)};
  }
  if (auto one = from_phrase(text, words)) {
    return {std::move(*one)};
  }
  const auto begin = text.find_first_not_of(" \t\r\n\"'");
  const auto end = text.find_last_not_of(" \t\r\n\"'.");
  if (const Code* const code = find_name(text.substr(begin, end + 1 - begin))) {
    return {explain_code(*code)};
  }
  if (words.size() == 1) {
    if (auto all = from_number(words.front()); !all.empty()) {
      return all;
    }
  }
  for (const Code* const code : {find_text(text), find_alert(text)}) {
    if (code != nullptr) {
      return {explain_code(*code)};
    }
  }
  return {};
}

}  // namespace chainmend::diagnose

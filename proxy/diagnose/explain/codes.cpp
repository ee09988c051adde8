#include "proxy/diagnose/explain/codes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include "proxy/diagnose/explain/notations.h"
#include "proxy/diagnose/explain/tls_codes.h"

namespace chainmend::diagnose {

namespace {

// Who speaks, in the order of the enum.
constexpr std::array<SpeakerInfo, enums::count<Speaker>()> kSpeakers = {{
    {"WinINet: Windows, Windows Mobile, Lync and other phones", "while it connects"},
    {"WinHTTP: services and programs on Windows", "while it connects"},
    {"Windows Sockets", "below TLS"},
    {"SSPI of Windows: Schannel, NTLM, Negotiate", "during the handshake or a logon"},
    {"Windows' certificate functions", "when a certificate is judged"},
    {"IIS", "after the handshake, as the answer to a request"},
    {"HTTP.SYS of Windows, in its error log", "after the handshake, before IIS"},
    {"Schannel of Windows, in the system log", "during the handshake"},
    {"TLS: one side tells the other", ""},
    {"OpenSSL and what is built on it", "when a certificate list is judged"},
    {"OpenSSL and what is built on it", "during the handshake"},
    {"NSS: Firefox, Thunderbird", "during the handshake, or right after it"},
    {"GnuTLS", "during the handshake"},
    {"Java", "during the handshake"},
    {"Android", "during the handshake"},
    {"Node.js", "during the handshake, or right after it"},
    {"Go", "during the handshake"},
    {".NET", "during the handshake"},
    {"curl", "while it connects"},
    {"Chromium, Chrome, Edge", "while it connects"},
    {"Secure Transport: iOS, macOS", "during the handshake"},
    {"Qt: Mitel phones and other programs", "while it connects"},
    {"a Mitel phone, in its log", "while it connects"},
    {"nginx, in its error log", "during the handshake, or right after it"},
    {"HAProxy, in its log", "during the handshake"},
    {"BIG-IP, in /var/log/ltm", "during the handshake"},
    {"chainmend, in its handshake log and metrics", "during the handshake, or right after it"},
    {"Python", "while it connects"},
    {"Linux and what runs on it", "below TLS"},
}};

std::string_view next_word(std::string_view& line) {
  const auto begin = std::min(line.find_first_not_of(' '), line.size());
  const auto end = std::min(line.find(' ', begin), line.size());
  const std::string_view word = line.substr(begin, end - begin);
  line.remove_prefix(std::min(line.find_first_not_of(' ', end), line.size()));
  return word;
}

// "403.16" is 403 * 1000 + 16, so that each status is one number.
constexpr std::int64_t status_number(int status, int substatus) {
  return std::int64_t{status} * 1000 + substatus;
}

std::optional<std::int64_t> number_of(Speaker speaker, std::string_view text) {
  const bool hex = text.starts_with("0x");
  std::int64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] =
      std::from_chars(text.data() + (hex ? 2 : 0), end, value, hex ? 16 : 10);
  if (error != std::errc()) {
    return std::nullopt;
  }
  if (speaker == Speaker::iis) {
    int substatus = 0;
    if (stopped != end) {
      std::from_chars(stopped + 1, end, substatus);
    }
    return status_number(static_cast<int>(value), substatus);
  }
  return stopped == end ? std::optional(value) : std::nullopt;
}

struct Tables {
  std::vector<Code> all;
  std::unordered_map<std::int64_t, const Code*> by_number;  // see key()
  std::unordered_map<std::string, const Code*> by_name;
  std::unordered_map<std::string, const Code*> alerts;  // by name: IIS, too, says "access denied"

  static std::int64_t key(Speaker speaker, std::int64_t number) {
    return number * 64 + static_cast<std::int64_t>(speaker);
  }
};
static_assert(enums::count<Speaker>() <= 64);

Tables make_tables() {
  Tables tables;
  std::vector<std::string> faults;
  tables.all = parse_codes(codes_text(), faults);
  std::ranges::move(tls_codes(), std::back_inserter(tables.all));
  for (const Code& code : tables.all) {
    tables.by_name.try_emplace(fold(code.name), &code);
    if (code.speaker == Speaker::alert) {
      tables.alerts.try_emplace(fold(code.name), &code);
    }
    if (code.number) {
      tables.by_number.try_emplace(Tables::key(code.speaker, *code.number), &code);
    }
  }
  return tables;
}

const Tables& tables() {
  static const Tables kTables = make_tables();
  return kTables;
}

}  // namespace

const SpeakerInfo& info_on(Speaker speaker) { return kSpeakers[static_cast<std::size_t>(speaker)]; }

const std::vector<Code>& codes() { return tables().all; }

const Code* find_code(Speaker speaker, std::int64_t number) {
  // Numbers come from outside; those of the table fit into 32 bits, with a sign or without.
  if (number < INT32_MIN || number > UINT32_MAX) {
    return nullptr;
  }
  const auto found = tables().by_number.find(Tables::key(speaker, number));
  return found == tables().by_number.end() ? nullptr : found->second;
}

const Code* find_windows_code(std::int64_t value) {
  if (value < INT32_MIN || value > UINT32_MAX) {
    return nullptr;
  }
  const std::int64_t hresult = static_cast<std::uint32_t>(value);
  for (const Speaker speaker : {Speaker::schannel, Speaker::crypto_api}) {
    if (const Code* const code = find_code(speaker, hresult)) {
      return code;
    }
  }
  const bool is_win32 = (hresult & 0xffff0000) == kWin32Facility;
  for (const Speaker speaker : {Speaker::wininet, Speaker::winhttp, Speaker::winsock}) {
    if (const Code* const code = find_code(speaker, is_win32 ? hresult & 0xffff : hresult)) {
      return code;
    }
  }
  return nullptr;
}

const Code* find_status(int status, int substatus) {
  return find_code(Speaker::iis, status_number(status, substatus));
}

const Code* find_name(std::string_view name) {
  const auto found = tables().by_name.find(fold(name));
  return found == tables().by_name.end() ? nullptr : found->second;
}

const Code* find_alert_name(std::string_view name) {
  const auto found = tables().alerts.find(fold(name));
  return found == tables().alerts.end() ? nullptr : found->second;
}

std::vector<Code> parse_codes(std::string_view text, std::vector<std::string>& faults) {
  std::vector<Code> all;
  std::optional<Speaker> speaker;
  std::string source;
  for (int number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#') {
      continue;
    }
    const std::string_view first = next_word(line);
    if (first.front() == '@') {
      speaker = kSpeakerNames.find(first.substr(1));
      source = line;
      if (!speaker || source.empty()) {
        faults.push_back(fmt::format("codes.txt:{}: no such speaker, or no source", number));
      }
      continue;
    }
    const auto problem = kProblemNames.find(first);
    const std::string_view written = next_word(line);
    const auto value =
        speaker && written != "-" ? number_of(*speaker, written) : std::optional<std::int64_t>();
    if (!speaker || !problem || line.empty() || (written != "-" && !value)) {
      faults.push_back(fmt::format("codes.txt:{}: expected PROBLEM NUMBER NAME", number));
      continue;
    }
    all.push_back({*speaker, problem, value, written == "-" ? "" : std::string(written),
                   std::string(line), source});
  }
  return all;
}

std::string fold(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    c = c == '_' ? ' ' : (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c);
  }
  return out;
}

}  // namespace chainmend::diagnose

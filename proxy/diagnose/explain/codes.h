// Code: one error code or text that some program says, and the problem that it comes to. The table
// is read once, from codes.txt and from the OpenSSL that we link, and never changes: a pointer to
// a Code stays good and stands for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/diagnose/explain/problem.h"
#include "proxy/enums/names.h"

namespace chainmend::diagnose {

enum class Speaker : std::uint8_t {
  wininet,
  winhttp,
  winsock,
  schannel,
  crypto_api,
  iis,
  http_sys,
  schannel_event,
  alert,           // TLS itself
  openssl_verify,  // verdicts on a certificate list
  openssl,         // reasons of libssl
  nss,
  gnutls,
  java,
  android,
  node,
  go,
  dotnet,
  curl,
  chrome,
  apple,
  qt,
  mitel_phone,
  nginx,
  haproxy,
  f5,
  chainmend,
  python,
  system,  // what the C library of Linux says of sockets and names
};
inline constexpr enums::Names<Speaker> kSpeakerNames{
    "wininet", "winhttp",   "winsock",        "schannel", "crypto-api",
    "iis",     "http-sys",  "schannel-event", "alert",    "openssl-verify",
    "openssl", "nss",       "gnutls",         "java",     "android",
    "node",    "go",        "dotnet",         "curl",     "chrome",
    "apple",   "qt",        "mitel-phone",    "nginx",    "haproxy",
    "f5",      "chainmend", "python",         "system"};
constexpr const char* to_string(Speaker speaker) { return kSpeakerNames[speaker]; }

// Who that is, and at which point of a connection it speaks.
struct SpeakerInfo {
  std::string_view who;
  std::string_view when;  // may be empty: the code itself says it
};
const SpeakerInfo& info_on(Speaker speaker);

struct Code {
  Speaker speaker = Speaker::wininet;
  std::optional<Problem> problem;      // unset: known by name alone
  std::optional<std::int64_t> number;  // as the speaker counts; an HRESULT without its sign
  std::string written;  // as the speaker writes it: "12045", "403.16", "alert 48"; may be empty
  std::string name;     // its name, or the text by which it is known
  std::string source;
};

// All of them, in the order of the file, and those of OpenSSL behind.
const std::vector<Code>& codes();

// By the number that this speaker counts it by. Null: no such code.
const Code* find_code(Speaker speaker, std::int64_t number);
// By an HRESULT, with or without its sign, or a Win32 error, as sc-win32-status has them. Null: no
// such code.
const Code* find_windows_code(std::int64_t value);
// By the status and substatus of IIS. Null: no such code.
const Code* find_status(int status, int substatus);
// By its whole name, in either case, with _ for a blank or not. Null: no such code.
const Code* find_name(std::string_view name);
// The TLS alert of this name, likewise.
const Code* find_alert_name(std::string_view name);

// The codes that a text in this form holds; `faults` gets a line for each row that cannot be read.
std::vector<Code> parse_codes(std::string_view text, std::vector<std::string>& faults);
// What was compiled in.
std::string_view codes_text();

// Lower case, and a blank for each _: names are the same in every spelling then.
std::string fold(std::string_view text);

}  // namespace chainmend::diagnose

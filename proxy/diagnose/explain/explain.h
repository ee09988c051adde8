// What an error code or an error text means, in whichever notation a log shows it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/diagnose/explain/codes.h"

namespace chainmend::diagnose {

struct Explanation {
  std::string code;                     // as it is usually written: "0x80072f0d", "alert 48"
  std::string name;                     // empty: not known, only other notations are given
  const Code* said = nullptr;           // null: not known
  std::string meaning;                  // one sentence without full stop; empty: not known
  std::vector<std::string> readings;    // what more is known: what each side means by a TLS alert
  std::vector<std::string> on_clients;  // of a TLS alert: which client says it of what
  std::vector<std::string> notations;   // the same number, written otherwise

  bool known() const { return said != nullptr; }
  // What there is to do about it. Null: not known, or known by name alone.
  const Advice* advice() const {
    return said != nullptr && said->problem ? &advice_on(*said->problem) : nullptr;
  }
};

// One explanation for each code that the text may mean. A name, a number in any notation
// ("0x80072f0d", "80072F0D", "2147954445", "-2147012851", "12045"), what IIS logs ("403.16",
// "403 16 2148204809", fused "40316 2148204809"), "alert 48", "unknown_ca", "X509 error 20",
// "error:0A000418", "curl: (60)", "event 36887", or a line of a log that holds one of these.
// A number that several programs use is explained for each. Empty: nothing in the text is a code.
std::vector<Explanation> explain_code(std::string_view text);

// The explanation of a code that is known.
Explanation explain_code(const Code& code);

}  // namespace chainmend::diagnose

#include "proxy/diagnose/explain/find_text.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "proxy/diagnose/explain/numbers.h"
#include "proxy/diagnose/explain/tls_codes.h"

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kMaxLine = std::size_t{16} * 1024;
constexpr std::size_t kMinText = 8;  // shorter ones are words of everyday language

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80;
}

// Names that mean something only in the column of their own log are not looked for in text.
bool is_searched(const Code& code) {
  switch (code.speaker) {
    case Speaker::iis:
    case Speaker::http_sys:
    case Speaker::chainmend:
    case Speaker::alert:  // names like "internal_error": looked for behind the word "alert"
      return false;
    case Speaker::qt:
    case Speaker::schannel_event:
      return !code.number;
    case Speaker::openssl:
    case Speaker::openssl_verify:
      return code.problem && code.problem != Problem::internal_error && code.name.size() >= 12;
    default:
      return code.problem && code.name.size() >= kMinText;
  }
}

// All texts, found by their first four characters: a line is gone through once, whatever the
// number of texts.
class Texts {
  struct Text {
    std::string text;
    const Code* code;
  };

 public:
  Texts() {
    for (const Code& code : codes()) {
      if (is_searched(code)) {
        const std::string text = fold(code.name);
        const std::uint32_t start = start_of(text.data());
        starts_.set(slot(start));
        std::vector<Text>& texts = by_start_[start];
        if (std::ranges::find(texts, text, &Text::text) == texts.end()) {
          texts.push_back({text, &code});
        }
      }
    }
    for (auto& [start, texts] : by_start_) {
      std::ranges::sort(texts, std::greater{}, [](const Text& t) { return t.text.size(); });
    }
  }

  // Calls visit(code) for each text in a folded line, the longest at each place.
  template <typename Visit>
  void visit(std::string_view line, Visit visit) const {
    for (std::size_t at = 0; at + kMinText <= line.size(); ++at) {
      const std::uint32_t start = start_of(line.data() + at);
      if (!starts_.test(slot(start)) || (at > 0 && is_word(line[at - 1]) && is_word(line[at]))) {
        continue;
      }
      const auto found = by_start_.find(start);
      if (found == by_start_.end()) {
        continue;
      }
      for (const Text& one : found->second) {
        const std::size_t end = at + one.text.size();
        if (line.substr(at).starts_with(one.text) &&
            (end == line.size() || !is_word(line[end]) || !is_word(line[end - 1]))) {
          visit(*one.code);
          break;
        }
      }
    }
  }

 private:
  static std::uint32_t start_of(const char* text) {
    std::uint32_t start = 0;
    for (int i = 0; i < 4; ++i) {
      start = start << 8 | static_cast<unsigned char>(text[i]);
    }
    return start;
  }
  static std::size_t slot(std::uint32_t start) { return (start * 0x9E3779B1U) >> 16; }

  std::bitset<65536> starts_;
  std::unordered_map<std::uint32_t, std::vector<Text>> by_start_;
};

const Texts& texts() {
  static const Texts kTexts;
  return kTexts;
}

// "alert number 48", "alert [48]", "fatal alert code is 46", "fatal alert was generated: 40",
// "fatal alert: unknown_ca": what stands within a few words of "alert".
const Code* code_of_alert(std::string_view line) {
  for (auto at = line.find("alert"); at != std::string_view::npos;
       at = line.find("alert", at + 5)) {
    std::string_view rest = line.substr(at + 5, 40);
    const auto digit = rest.find_first_of("0123456789");
    if (digit != std::string_view::npos && digit <= 16) {
      const std::string_view between = rest.substr(0, digit);
      const bool near = between.find_first_not_of(" :=[(#") == std::string_view::npos ||
                        between.find("number") != std::string_view::npos ||
                        between.find("code") != std::string_view::npos ||
                        between.find("generated") != std::string_view::npos;
      const auto number = leading_number(rest.substr(digit));
      if (near && number) {
        if (const Code* const code = find_code(Speaker::alert, *number)) {
          return code;
        }
      }
    }
    const auto name = rest.find_first_not_of(" :");
    if (name != 0 && name != std::string_view::npos) {
      rest.remove_prefix(name);
      const auto end = rest.find_first_of(",;:.)]\"'\t");
      if (const Code* const code = find_alert_name(rest.substr(0, end))) {
        return code;
      }
    }
  }
  return nullptr;
}

// An HRESULT at the beginning of text: "0x80072f0d", "80072f0d", "2147954445", "-2147012851". Null:
// none that is known.
const Code* hresult_at(std::string_view text) {
  if (text.starts_with("0x")) {
    const auto value = leading_number(text.substr(2, 8), 16);
    return value ? find_windows_code(*value) : nullptr;
  }
  const auto length = [](std::string_view from, std::string_view digits) {
    return std::min(from.find_first_not_of(digits), from.size());
  };
  if (text.starts_with('8') && length(text, "0123456789abcdef") == 8) {
    return find_windows_code(*leading_number(text, 16));
  }
  const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
  constexpr std::size_t kDigits = 10;  // that all failures of Windows have in decimal
  if (digits.starts_with("214") && length(digits, "0123456789") == kDigits) {
    return find_windows_code(*leading_number(text));
  }
  return nullptr;
}

// The first HRESULT in a line that is known.
const Code* code_of_hresult(std::string_view line) {
  for (auto at = line.find_first_of("028-"); at != std::string_view::npos;
       at = line.find_first_of("028-", at + 1)) {
    const bool is_inside = at > 0 && is_word(line[at - 1]);
    const Code* const code = is_inside ? nullptr : hresult_at(line.substr(at));
    if (code != nullptr) {
      return code;
    }
  }
  return nullptr;
}

const Code* code_after(std::string_view line, std::string_view words, Speaker speaker) {
  const auto at = line.find(words);
  const auto number =
      at == std::string_view::npos ? std::nullopt : leading_number(line.substr(at + words.size()));
  return number ? find_code(speaker, *number) : nullptr;
}

// "error:0A000418" and "error:14094418", where the text behind says nothing more.
const Code* code_of_openssl(std::string_view line) {
  const auto at = line.find("error:");
  if (at == std::string_view::npos) {
    return nullptr;
  }
  const auto packed = leading_number(line.substr(at + 6, 8), 16);
  const auto reason =
      packed && *packed > 0 ? libssl_reason(static_cast<std::uint64_t>(*packed)) : std::nullopt;
  return reason ? find_code(Speaker::openssl, *reason) : nullptr;
}

}  // namespace

bool is_vague(const Code& code) {
  switch (code.problem.value_or(Problem::internal_error)) {
    case Problem::certificate_refused:
    case Problem::handshake_refused:
    case Problem::connection_closed:
    case Problem::internal_error:
    case Problem::no_error:
      return true;
    default:
      return false;
  }
}

const Code* find_alert(std::string_view line) { return code_of_alert(fold(line)); }

const Code* find_text(std::string_view line) {
  const std::string text = fold(line.substr(0, kMaxLine));
  const Code* best = nullptr;
  const auto weigh = [&best](const Code& code) {
    const auto rank = [](const Code& one) { return std::pair(!is_vague(one), one.name.size()); };
    if (best == nullptr || rank(code) > rank(*best)) {
      best = &code;
    }
  };
  texts().visit(text, weigh);
  for (const Code* const code :
       {code_of_hresult(text), code_of_openssl(text), code_of_alert(text),
        code_after(text, "curl: (", Speaker::curl),
        code_after(text, "verify error:num=", Speaker::openssl_verify),
        code_after(text, "verify return code: ", Speaker::openssl_verify)}) {
    if (code != nullptr && code->problem && code->problem != Problem::no_error) {
      weigh(*code);
    }
  }
  return best;
}

}  // namespace chainmend::diagnose

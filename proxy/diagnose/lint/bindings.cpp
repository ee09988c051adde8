#include "proxy/diagnose/lint/bindings.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "config/values.h"
#include "proxy/diagnose/explain/numbers.h"
#include "proxy/diagnose/lint/binding_words.h"
#include "proxy/diagnose/read/decoder.h"

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kMaxLine = 4096;
class Reading {
 public:
  explicit Reading(const std::string& file) : file_(file) {}

  void take(std::string_view line) {
    ++number_;
    line = trimmed(line.substr(0, kMaxLine));
    if (line.empty()) {
      end_of_paragraph();
      return;
    }
    if (is_ruler(line)) {
      in_table_ = true;
      return;
    }
    if (const auto colon = separator(line); colon != std::string_view::npos) {
      take(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    } else if (in_table_) {
      take_row(words_of(line));
    }
  }

  Bindings finish() {
    flush();
    return {std::move(found_), left_out_};
  }

 private:
  // Two columns or more; netsh rules off its title with one.
  static bool is_ruler(std::string_view line) {
    const auto words = words_of(line);
    return words.size() >= 2 && std::ranges::all_of(words, [](std::string_view word) {
             return word.find_first_not_of('-') == std::string_view::npos;
           });
  }

  // The first colon between blanks, as labels have colons of their own ("IP:port  : 0.0.0.0:443"),
  // else the first before one.
  std::size_t separator(std::string_view line) const {
    auto before_blank = std::string_view::npos;
    for (auto at = line.find(':'); at != std::string_view::npos; at = line.find(':', at + 1)) {
      const bool ends = at + 1 == line.size() || kBlanks.find(line[at + 1]) != kBlanks.npos;
      if (at > 0 && ends && kBlanks.find(line[at - 1]) != kBlanks.npos) {
        return at;
      }
      if (at > 0 && ends && !in_table_) {
        before_blank = std::min(before_blank, at);
      }
    }
    return before_blank;
  }

  void take(std::string_view label, std::string_view value) {
    if (!take_property(config::lower(label), value)) {
      take_netsh(value);
    }
  }

  // A property of a PowerShell object: these names are the same in all languages.
  bool take_property(const std::string& name, std::string_view value) {
    constexpr std::array<std::string_view, 11> kNames{"protocol",
                                                      "bindinginformation",
                                                      "certificatehash",
                                                      "certificatestorename",
                                                      "ipaddress",
                                                      "port",
                                                      "host",
                                                      "store",
                                                      "thumbprint",
                                                      "sites",
                                                      "itemxpath"};
    const auto* const found = std::ranges::find(kNames, std::string_view(name));
    if (found == kNames.end()) {
      return false;
    }
    const auto bit = 1U << static_cast<unsigned>(found - kNames.begin());
    if (!is_powershell_ || (seen_ & bit) != 0) {
      begin();
      is_powershell_ = true;
    }
    seen_ |= bit;
    set_property(name, value);
    return true;
  }

  void set_property(const std::string& name, std::string_view value) {
    if (name == "protocol") {
      is_http_ = config::lower(value) != "https";
    } else if (name == "bindinginformation") {
      place_ = from_iis(value);
      now_.of_http_sys = false;
    } else if (name == "certificatehash" || name == "thumbprint") {
      set_thumbprint(value);
    } else if (name == "certificatestorename" || name == "store") {
      now_.store = value;
    } else if (name == "ipaddress") {
      address_ = address_of(value);
    } else if (name == "port") {
      port_ = port_of(value);
    } else if (name == "host") {
      host_ = value;
    } else if (name == "sites") {
      now_.site = value.starts_with('{') && value.ends_with('}') ? value.substr(1, value.size() - 2)
                                                                 : value;
    } else if (const auto quote = value.find("@name='"); quote != std::string_view::npos) {
      const std::string_view rest = value.substr(quote + 7);
      now_.site = rest.substr(0, rest.find('\''));
    }
  }

  void set_thumbprint(std::string_view value) {
    now_.shows_certificate = true;
    now_.is_cut = is_cut(value);
    if (is_thumbprint(value)) {
      now_.thumbprint = in_capitals(value);
    }
  }

  // Behind the GUID come, in this order in every language: store, revocation, cached revocation,
  // usage, two numbers, CTL identifier, CTL store, mapper, and whether clients are asked.
  void take_netsh(std::string_view value) {
    constexpr int kAskedBehindNumbers = 4;
    if (auto place = from_netsh(value)) {
      begin();
      place_ = std::move(place);
      return;
    }
    if (!place_ || is_powershell_) {
      return;
    }
    if (is_thumbprint(value)) {
      set_thumbprint(value);
      return;
    }
    if (is_guid(value)) {
      now_.application = value;
      now_.shows_certificate = true;
      behind_guid_ = 0;
      return;
    }
    if (behind_guid_ < 0) {
      return;
    }
    if (++behind_guid_ == 1 && !state_of(value)) {
      now_.store = value;
    }
    if (numbers_ < 2) {
      numbers_ += whole_number(value) ? 1 : 0;
    } else if (++behind_numbers_ == kAskedBehindNumbers) {
      now_.asks_for_certificate = state_of(value);
    }
  }

  // "https *:443: 0", "0.0.0.0 443 My Default Web Site"; a thumbprint where there is a column.
  void take_row(const std::vector<std::string_view>& words) {
    begin();
    for (std::size_t i = 0; i < words.size() && !place_; ++i) {
      place_ = from_iis(words[i]);
      now_.of_http_sys = !place_;
      is_http_ = place_ && i > 0 && config::lower(words[i - 1]) == "http";
      if (!place_ && i + 1 < words.size()) {
        const auto port = port_of(words[i + 1]);
        const std::string address = address_of(words[i]);
        if (port && !address.empty()) {
          const bool has_host = i + 2 < words.size() && is_host(words[i + 2]) &&
                                words[i + 2].find('.') != std::string_view::npos;
          place_ = endpoint_of(has_host ? words[i + 2] : "", address, *port);
        }
      }
    }
    for (const std::string_view word : words) {
      if (is_thumbprint(word)) {
        set_thumbprint(word);
      }
      now_.is_cut = now_.is_cut || is_cut(word);
    }
    flush();
  }

  void end_of_paragraph() {
    in_table_ = false;
    if (is_powershell_) {
      flush();
    }
  }

  void begin() {
    flush();
    now_.file = file_;
    now_.line = number_;
  }

  void flush() {
    if (!place_ && port_ && now_.shows_certificate) {
      place_ = endpoint_of(host_, address_, *port_);
    }
    const bool is_one = place_ && !is_http_ &&
                        (now_.shows_certificate || now_.is_cut || is_powershell_ || in_table_);
    if (is_one && found_.size() == kMaxBindings) {
      ++left_out_;
    } else if (is_one) {
      now_.host = place_->host;
      now_.address = place_->address;
      now_.port = place_->port;
      found_.push_back(std::move(now_));
    }
    now_ = {};
    place_.reset();
    address_.clear();
    host_.clear();
    port_.reset();
    is_powershell_ = false;
    is_http_ = false;
    seen_ = 0;
    behind_guid_ = -1;
    numbers_ = 0;
    behind_numbers_ = 0;
  }

  const std::string& file_;
  std::size_t number_ = 0;
  bool in_table_ = false;
  std::vector<Binding> found_;
  std::size_t left_out_ = 0;

  // Of the record that is read.
  Binding now_;
  std::optional<Endpoint> place_;
  std::string address_, host_;  // of IIS:\SslBindings, which has them apart
  std::optional<std::uint16_t> port_;
  bool is_powershell_ = false;
  bool is_http_ = false;
  unsigned seen_ = 0;     // properties, a bit for each
  int behind_guid_ = -1;  // lines; -1: there was none
  int numbers_ = 0;       // lines with a number behind the GUID
  int behind_numbers_ = 0;
};

}  // namespace

std::string Binding::endpoint() const {
  const bool v6 = host.empty() && address.find(':') != std::string::npos;
  return (host.empty() ? v6 ? "[" + address + "]" : address : host) + ":" + std::to_string(port);
}

bool Binding::is_for_all_addresses() const {
  return host.empty() && (address == "0.0.0.0" || address == "::");
}

Bindings read_bindings(certs::ByteView bytes, const std::string& file) {
  Decoder decoder;
  std::string_view text = decoder.decode(certs::as_text(bytes));
  if (text.find('\0') != std::string_view::npos) {
    return {};
  }
  Reading reading(file);
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    reading.take(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return reading.finish();
}

}  // namespace chainmend::diagnose

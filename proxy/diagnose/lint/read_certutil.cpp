#include "proxy/diagnose/lint/read_certutil.h"

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <span>
#include <utility>

#include "proxy/diagnose/lint/listed_store.h"
#include "proxy/diagnose/lint/listing_text.h"

namespace chainmend::diagnose {

namespace {

constexpr std::size_t kThumbprintDigits = 40;
constexpr std::string_view kSha1 = "(sha1)";  // behind the label of a hash
constexpr std::size_t kLinesToSubject = 4;    // from the second date
// Keys of names in the short form of Windows, which it does not translate either.
constexpr std::array kNameKeys = std::to_array<std::string_view>(
    {"CN",         "OU",           "O",        "C",         "DC",      "E",           "L",
     "S",          "ST",           "T",        "G",         "GN",      "I",           "SN",
     "STREET",     "SERIALNUMBER", "UID",      "TITLE",     "D",       "DESCRIPTION", "PHONE",
     "POSTALCODE", "POBOX",        "INITIALS", "GIVENNAME", "SURNAME", "DNQUALIFIER"});

bool is_ruler(std::string_view line) {
  line = without_blanks(line);
  return line.size() > 9 && line.starts_with("====") && line.ends_with("====") &&
         line.find_first_not_of('=') != std::string_view::npos;
}

// What is behind the label of a line; unset: there is no label.
std::optional<std::string_view> value_of(std::string_view line) {
  constexpr std::string_view kWide = "\xEF\xBC\x9A";  // the colon of Chinese and Japanese
  const auto narrow = line.find(':');
  const auto wide = line.find(kWide);
  if (narrow == wide) {  // neither
    return std::nullopt;
  }
  return without_blanks(narrow < wide ? line.substr(narrow + 1) : line.substr(wide + kWide.size()));
}

bool is_name(std::string_view text) {
  const auto equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return false;
  }
  std::string key(text.substr(0, equals));
  std::ranges::transform(key, key.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  if (key.starts_with("OID.")) {
    key.erase(0, 4);
  }
  const bool is_oid = key.find('.') != std::string::npos &&
                      key.find_first_not_of("0123456789.") == std::string::npos;
  return is_oid || std::ranges::find(kNameKeys, key) != kNameKeys.end();
}

struct Line {
  std::string text;
  std::size_t number = 0;
  std::size_t first_part = 0;  // bytes of it that stood in its first line
  bool may_go_on = false;      // it filled the console, and the next line may be the rest of it
};

// Whether next is the rest of the full line before it and no field of its own. With -v the parts of
// names stand in lines of their own, well behind the margin.
bool continues(std::string_view next) {
  const std::string_view text = without_blanks(next);
  return !text.empty() && !is_ruler(text) && !value_of(text) &&
         (!is_name(text) || indent_of(next) < 2);
}

// What is a field for certain, or none at all: blank, a ruler, or a label with a value of a form
// that no name has.
bool is_field(std::string_view line) {
  const auto value = value_of(line);
  return without_blanks(line).empty() || is_ruler(line) ||
         (value && (!hex_digits(*value).empty() || find_date(*value) || is_name(*value)));
}

// The last column of the console that the text was copied from; unset: of none. Many lines end
// there, and hardly any behind it: a character whose width is not known may push one out.
std::optional<std::size_t> console_width(const std::vector<std::string_view>& lines) {
  constexpr std::size_t kNarrowest = 60;
  constexpr std::size_t kManyFull = 3;
  std::map<std::size_t, std::size_t, std::greater<>> widths;
  for (const std::string_view line : lines) {
    ++widths[width_of(line)];
  }
  std::size_t beyond = 0;
  for (const auto& [width, count] : widths) {
    const bool is_usual = width == 79 || width == 80 || width == 119 || width == 120;
    if (width >= kNarrowest &&
        (count >= kManyFull + kManyFull * beyond || (is_usual && beyond == 0))) {
      return width;
    }
    beyond += count;
  }
  return std::nullopt;
}

// The lines as certutil wrote them: a console wraps at its last column.
std::vector<Line> unwrapped(std::string_view text) {
  const std::vector<std::string_view> raw = lines_of(text);
  const auto console = console_width(raw);
  const auto is_full = [&](std::string_view line) { return console && width_of(line) >= *console; };
  std::vector<Line> lines;
  lines.reserve(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    lines.push_back({std::string(raw[i].substr(0, kMaxListedText)), i + 1});
    lines.back().first_part = lines.back().text.size();
    while (is_full(raw[i]) && i + 1 < raw.size() && continues(raw[i + 1]) &&
           lines.back().text.size() < kMaxListedText) {
      lines.back().text += raw[++i];
    }
    lines.back().may_go_on = is_full(raw[i]) && i + 1 < raw.size() && !is_field(raw[i + 1]);
  }
  return lines;
}

// The lines between two rulers, as one certificate.
class Section {
 public:
  explicit Section(std::span<const Line> lines) : lines_(lines) {}

  Listed read() {
    for (at_ = 0; at_ < lines_.size(); ++at_) {
      read_line(lines_[at_].text);
    }
    if (listed_.thumbprint.empty()) {
      listed_.thumbprint = any_thumbprint_;
    }
    listed_.has_private_key = has_key_;  // certutil says where each key is that there is
    return std::move(listed_);
  }

 private:
  void read_line(std::string_view line) {
    const std::string_view whole = without_blanks(line);
    const auto value = value_of(line);
    if (is_name(whole)) {
      return read_name(whole);  // a part of one may have a colon, as that of a web address
    }
    if (value && is_name(*value)) {
      return read_name(*value);
    }
    read_key(whole);
    const std::string_view text = value.value_or(whole);
    read_signature(text);
    const std::string digits = hex_digits(text);
    if (digits.size() == kThumbprintDigits) {
      any_thumbprint_ = digits;
      if (line.find(kSha1) != std::string_view::npos) {
        listed_.thumbprint = digits;  // the last one: hashes of names and of the key come before
      }
    } else if (value && listed_.issuer.empty() && listed_.serial.empty() && digits.size() >= 2) {
      listed_.serial = digits;
    } else if (value && !listed_.issuer.empty() && !listed_.not_after) {
      read_date(*value);
    }
    // NTE_BAD_SIGNATURE: it names itself as its issuer, and its key did not verify it.
    listed_.signature_fails |= value && value->starts_with("80090006");
  }

  void read_date(std::string_view value) {
    if (auto date = find_date(value)) {
      (listed_.not_before ? listed_.not_after : listed_.not_before) = std::move(date);
      last_date_ = at_;
    }
  }

  // The first name is the issuer; the one right behind the dates the subject, names further down
  // are of extensions. With -v a name has a line for each part.
  void read_name(std::string_view text) {
    const bool is_near_dates = !listed_.not_after || at_ <= last_date_ + kLinesToSubject;
    std::string name(text);
    while (at_ + 1 < lines_.size() && is_name(without_blanks(lines_[at_ + 1].text)) &&
           name.size() < kMaxListedText) {
      name += ", ";
      name += without_blanks(lines_[++at_].text);
    }
    const bool is_issuer = listed_.issuer.empty();
    if (!is_issuer && (!listed_.subject.empty() || !is_near_dates)) {
      return;
    }
    // What filled its line by chance has got the next one as well.
    const Line& line = lines_[at_];
    const std::size_t added = line.text.size() - line.first_part;
    if (!is_issuer && added > 0 && added < name.size() &&
        comparable_name(name.substr(0, name.size() - added)) == comparable_name(listed_.issuer)) {
      name.resize(name.size() - added);
    }
    (is_issuer ? listed_.issuer : listed_.subject) = std::move(name);
    if (lines_[at_].may_go_on) {
      listed_.cut.push_back(is_issuer ? ListedField::issuer : ListedField::subject);
    }
  }

  // The object identifier of the signature's algorithm is the first one, with -v alone.
  void read_signature(std::string_view text) {
    const std::string_view word = text.substr(0, text.find(' '));
    if (listed_.signature.empty() && listed_.issuer.empty() && word.size() < kMaxOid &&
        word.starts_with("1.") && word.find_first_not_of("0123456789.") == std::string_view::npos) {
      listed_.signature = word;
    }
  }

  // Where the private key is stands behind the hash, "label = value"; with -v it is property 2.
  // With -verifystore there are also flags, whose names are of the programming interface.
  void read_key(std::string_view line) {
    has_properties_ |= line.find("_PROP_ID(") != std::string_view::npos;
    has_key_ |= line.find("_KEY_PROV_INFO_PROP_ID(2)") != std::string_view::npos;
    const auto equals = line.find("= ");
    if (has_properties_ || listed_.thumbprint.empty() || equals == std::string_view::npos ||
        equals == 0) {
      return;
    }
    const std::string_view label = without_blanks(line.substr(0, equals));
    const bool has_gap = label.size() < equals;
    has_key_ |= has_gap && label.find("dw") == std::string_view::npos &&
                label.find('.') == std::string_view::npos &&
                line.find("(0x") == std::string_view::npos;
  }

  static constexpr std::size_t kMaxOid = 60;

  std::span<const Line> lines_;
  std::size_t at_ = 0;
  std::size_t last_date_ = 0;
  bool has_properties_ = false;
  bool has_key_ = false;
  std::string any_thumbprint_;
  Listed listed_;
};

// Lists of revoked and of trusted certificates stand among them; these have no subject.
bool is_certificate(const Listed& one) {
  return !one.issuer.empty() && !one.subject.empty() &&
         (!one.thumbprint.empty() || !one.serial.empty());
}

// `Root "Trusted Root Certification Authorities"`, above the first ruler of a store.
std::string store_named(std::string_view line) {
  line = without_blanks(line);
  const auto end = std::min(line.find(" \""), line.size());
  const std::string_view word = line.substr(0, end);
  const bool is_word = !word.empty() && word.size() < 40 &&
                       std::ranges::all_of(
                           word,
                           [](char c) {
                             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                                    (c >= '0' && c <= '9') || c == '-' || c == '_';
                           });
  return is_word && (end == line.size() || line.ends_with('"')) ? std::string(word) : "";
}

}  // namespace

Listing read_certutil(std::string_view text) {
  if (text.find("====") == std::string_view::npos && text.find(kSha1) == std::string_view::npos) {
    return {};  // without a look at each line
  }
  const std::vector<Line> lines = unwrapped(text);
  const std::span<const Line> all = lines;
  std::vector<std::size_t> rulers;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (is_ruler(all[i].text)) {
      rulers.push_back(i);
    }
  }
  Listing found;
  if (rulers.empty()) {  // a file instead of a store
    Listed one = Section(all).read();
    const bool is_labelled = text.find(kSha1) != std::string_view::npos;
    if (is_labelled && is_certificate(one) && !one.thumbprint.empty() && !one.serial.empty()) {
      one.line = 1;
      found.listed.push_back(std::move(one));
    }
    return found;
  }
  std::string store;
  for (std::size_t i = 0; i < rulers.size() && found.listed.size() < kMaxListed; ++i) {
    const std::size_t from = rulers[i];
    const std::size_t end = i + 1 < rulers.size() ? rulers[i + 1] : all.size();
    if (from > 0) {
      std::string named = store_named(all[from - 1].text);
      store = named.empty() ? store : std::move(named);
    }
    Listed one = Section(all.subspan(from + 1, end - from - 1)).read();
    if (is_certificate(one)) {
      one.line = all[from].number;
      one.store = store;
      found.listed.push_back(std::move(one));
    }
  }
  return found;
}

}  // namespace chainmend::diagnose

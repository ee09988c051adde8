#include "proxy/diagnose/lint/read_registry.h"

#include <algorithm>
#include <utility>

#include "certs/sst.h"
#include "proxy/diagnose/lint/listing_text.h"
#include "proxy/diagnose/read/decoder.h"

namespace chainmend::diagnose {

namespace {

// Properties of wincrypt.h.
constexpr std::uint32_t kKeyProvider = 2;    // CERT_KEY_PROV_INFO_PROP_ID
constexpr std::uint32_t kFriendlyName = 11;  // CERT_FRIENDLY_NAME_PROP_ID
constexpr std::uint32_t kCertificate = 32;   // CERT_CERT_PROP_ID

constexpr std::string_view kBlob = "\"Blob\"=hex:";

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

// "Root" of "HKEY_LOCAL_MACHINE\...\Root\Certificates\THUMBPRINT"; empty: no such key.
std::string store_of(std::string_view key) {
  const std::string path = lower(key);
  const auto end = path.rfind("\\certificates\\");
  if (end == std::string::npos) {
    return {};
  }
  const auto begin = path.rfind('\\', end - (end > 0 ? 1 : 0));
  return begin == std::string::npos || begin >= end
             ? ""
             : std::string(key.substr(begin + 1, end - begin - 1));
}

std::string from_utf16(certs::ByteView bytes) {
  Decoder decoder;
  decoder.decode("\xFF\xFE");  // settles the encoding
  std::string text(
      decoder.decode(certs::as_text(bytes.first(std::min(bytes.size(), kMaxListedText)))));
  std::erase(text, '\0');
  return text;
}

class RegistryReading {
 public:
  explicit RegistryReading(std::string_view text) : lines_(lines_of(text)) {}

  Listing read() {
    for (at_ = 0; at_ < lines_.size() && found_.stored.size() < kMaxListed; ++at_) {
      const std::string_view line = without_blanks(lines_[at_]);
      if (line.starts_with('[')) {
        store_ = line.starts_with("[-") ? "" : store_of(line);
        key_line_ = at_ + 1;
      } else if (!store_.empty() && lower(line.substr(0, kBlob.size())) == lower(kBlob)) {
        read_blob(line.substr(kBlob.size()));
      }
    }
    return std::move(found_);
  }

 private:
  void complain(std::string text) {
    if (found_.problems.size() < kMaxTextProblems) {
      found_.problems.push_back({key_line_, std::move(text)});
    }
  }

  // From here over all lines that end with a backslash.
  void read_blob(std::string_view rest) {
    certs::Bytes bytes;
    for (;;) {
      const bool goes_on = rest.ends_with('\\');
      if (!take_bytes(goes_on ? rest.substr(0, rest.size() - 1) : rest, bytes)) {
        return complain("the bytes of this key cannot be read: they are no list of hex numbers");
      }
      if (!goes_on || at_ + 1 == lines_.size()) {
        break;
      }
      rest = without_blanks(lines_[++at_]);
    }
    read_properties(bytes);
  }

  static bool take_bytes(std::string_view text, certs::Bytes& bytes) {
    for (text = without_blanks(text); !text.empty();) {
      const auto comma = std::min(text.find(','), text.size());
      const std::string_view one = without_blanks(text.substr(0, comma));
      if (one.size() > 2 || !std::ranges::all_of(one, is_hex_digit)) {
        return false;
      }
      if (!one.empty()) {
        bytes.push_back(static_cast<std::uint8_t>(std::stoi(std::string(one), nullptr, 16)));
      }
      text.remove_prefix(std::min(comma + 1, text.size()));
    }
    return true;
  }

  void read_properties(certs::ByteView bytes) {
    const certs::SstProperties properties = certs::read_sst_properties(bytes);
    StoredCertificate one{.line = key_line_, .store = store_};
    for (const certs::SstProperty& property : properties.list) {
      if (property.id == kKeyProvider) {
        one.has_key = true;
      } else if (property.id == kFriendlyName) {
        one.friendly_name = from_utf16(property.value);
      } else if (property.id == kCertificate) {
        auto certificate = certs::Certificate::from_der(property.value);
        if (!certificate) {
          return complain(certificate.error().text);
        }
        one.certificate = std::move(*certificate);
      }
    }
    if (one.certificate == nullptr) {
      return complain(properties.is_cut ? "the value ends within a property: it was cut short"
                                        : "the value holds no certificate");
    }
    found_.stored.push_back(std::move(one));
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  std::string store_;
  std::size_t key_line_ = 0;
  Listing found_;
};

}  // namespace

bool looks_like_registry(std::string_view text) {
  constexpr std::size_t kLooked = 4096;
  text = text.substr(0, kLooked);
  return text.find("Windows Registry Editor Version") != std::string_view::npos ||
         text.find("REGEDIT4") != std::string_view::npos ||
         text.find("[HKEY_") != std::string_view::npos;
}

Listing read_registry(std::string_view text) { return RegistryReading(text).read(); }

}  // namespace chainmend::diagnose

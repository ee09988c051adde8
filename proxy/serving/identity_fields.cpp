#include "proxy/serving/identity_fields.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "certs/bytes.h"
#include "certs/file_text.h"
#include "proxy/enums/names.h"
#include "proxy/http/field_id.h"

namespace chainmend::serving {

namespace {

using certs::Certificate;
using certs::CertificatePtr;
using config::IdentityHeader;
using config::IdentityWord;

// RFC 3986 2.1: everything but unreserved characters.
std::string url_encoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool unreserved = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
                            (c >= 'a' && c <= 'z') ||
                            std::string_view("-._~").find(c) != std::string_view::npos;
    if (unreserved) {
      out += c;
    } else {
      out += {'%', kDigits[byte >> 4U], kDigits[byte & 15U]};
    }
  }
  return out;
}

// A byte sequence of RFC 8941.
std::string byte_sequence(const Certificate& certificate) {
  return ":" + certs::encode_base64(certificate.der()) + ":";
}

std::string chain_of(const std::vector<CertificatePtr>& path) {
  std::string text;
  for (std::size_t i = 1; i < path.size(); ++i) {
    text += (text.empty() ? "" : ", ") + byte_sequence(*path[i]);
  }
  return text;
}

// In quotes, where a quote and a backslash have a backslash before them.
std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out + "\"";
}

std::string xfcc_of(const Certificate& certificate) {
  return "Hash=" + certs::hex(certificate.fingerprint()) + ";Cert=\"" +
         url_encoded(certificate.pem()) + "\";Subject=" + in_quotes(certificate.subject());
}

std::string value_of(IdentityHeader header, const std::vector<CertificatePtr>& path) {
  const Certificate& leaf = *path.front();
  switch (header) {
    case IdentityHeader::arr:
      return certs::encode_base64(leaf.der());
    case IdentityHeader::client_cert:
      return byte_sequence(leaf);
    case IdentityHeader::client_cert_chain:
      return chain_of(path);
    case IdentityHeader::xfcc:
      return xfcc_of(leaf);
    case IdentityHeader::ssl_client_cert:
      return url_encoded(leaf.pem());
  }
  return {};
}

// Null: the client has shown none.
std::string value_of(IdentityWord word, const Certificate* leaf) {
  if (word == IdentityWord::verify) {
    return leaf != nullptr ? "SUCCESS" : "NONE";  // as nginx and Apache say it
  }
  if (leaf == nullptr) {
    return {};
  }
  switch (word) {
    case IdentityWord::subject:
      return leaf->subject();
    case IdentityWord::issuer:
      return leaf->issuer();
    case IdentityWord::cn:
      return leaf->common_name();
    case IdentityWord::serial:
      return certs::hex(leaf->serial());
    case IdentityWord::sha1:
      return certs::thumbprint(leaf->der());
    case IdentityWord::sha256:
      return certs::hex(leaf->fingerprint());
    case IdentityWord::not_after:
      return certs::format_time(leaf->not_after());
    case IdentityWord::verify:
      break;
  }
  return {};
}

std::string expanded(std::string_view text, const Certificate* leaf) {
  std::string out;
  for (config::TemplateParts parts = config::next_word(text);;
       parts = config::next_word(parts.rest)) {
    out += parts.before;
    const auto word = config::kIdentityWordNames.find(parts.word);
    if (!word) {
      return out;
    }
    out += value_of(*word, leaf);
  }
}

// What a certificate says is its maker's: no byte of it may end a field or begin another.
void put_field(std::string_view name, std::string value, std::vector<http::FieldChange>& out) {
  std::ranges::replace_if(
      value, [](char c) { return (static_cast<unsigned char>(c) < 0x20) || c == 0x7f; }, '?');
  const auto blank = [](char c) { return c == ' '; };
  value.erase(value.begin(), std::ranges::find_if_not(value, blank));
  while (!value.empty() && blank(value.back())) {
    value.pop_back();
  }
  if (!value.empty()) {
    out.push_back({std::string(name), std::move(value), false});
  }
}

}  // namespace

std::span<const http::FieldChange> IdentityFields::write(
    const std::vector<CertificatePtr>& path, std::vector<http::FieldChange>& out) const {
  out.clear();
  if (!path.empty()) {
    for (const IdentityHeader header : from_.headers) {
      put_field(config::kIdentityHeaderNames[header], value_of(header, path), out);
    }
  }
  for (const auto& [name, text] : from_.fields) {
    put_field(name.value, expanded(text, path.empty() ? nullptr : path.front().get()), out);
  }
  return out;
}

void check_identity(const config::IdentityHeaders& from, Findings& findings) {
  for (const auto& [name, text] : from.fields) {
    if (http::field_id(name.value) != http::FieldId::client_claim) {
      findings.errors.push_back(
          {name.at, "\"" + name.value +
                        "\" could come from a client as well; a name that begins with X-SSL-, "
                        "X-Client-Cert, Client-Cert or SSL-Client- is taken from nobody but "
                        "trusted_sources"});
    }
  }
}

}  // namespace chainmend::serving

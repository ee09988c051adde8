#include "certs/name.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "certs/bytes.h"
#include "certs/openssl.h"

namespace chainmend::certs {

namespace {

bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

std::string fold(std::string_view text) {
  std::string out;
  bool blank_pending = false;
  for (const char c : text) {
    if (is_blank(c)) {
      blank_pending = !out.empty();
      continue;
    }
    if (blank_pending) {
      out += ' ';
      blank_pending = false;
    }
    out += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

bool is_text(int type) {
  switch (type) {
    case V_ASN1_UTF8STRING:
    case V_ASN1_PRINTABLESTRING:
    case V_ASN1_IA5STRING:
    case V_ASN1_T61STRING:
    case V_ASN1_VISIBLESTRING:
    case V_ASN1_BMPSTRING:
    case V_ASN1_UNIVERSALSTRING:
      return true;
    default:
      return false;
  }
}

// Length-prefixed, so that no value can imitate the boundary between two.
void append(std::string& out, std::string_view part) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

std::string value_key(const ASN1_STRING* value) {
  const int type = ASN1_STRING_type(value);
  if (is_text(type)) {
    unsigned char* utf8 = nullptr;
    const int length = ASN1_STRING_to_UTF8(&utf8, value);
    if (length >= 0) {
      std::string folded =
          "t" + fold({reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length)});
      OPENSSL_free(utf8);
      return folded;
    }
    ERR_clear_error();
  }
  const ByteView raw(ASN1_STRING_get0_data(value),
                     static_cast<std::size_t>(ASN1_STRING_length(value)));
  return "b" + std::to_string(type) + "." + std::string(as_text(raw));
}

std::string attribute_key(const X509_NAME_ENTRY* entry) {
  const ASN1_OBJECT* type = X509_NAME_ENTRY_get_object(entry);
  const ByteView oid(OBJ_get0_data(type), OBJ_length(type));
  std::string key;
  append(key, as_text(oid));
  append(key, value_key(X509_NAME_ENTRY_get_data(entry)));
  return key;
}

}  // namespace

std::string name_key(const X509_NAME* name) {
  std::string key;
  std::vector<std::string> rdn;
  const auto close_rdn = [&] {
    std::sort(rdn.begin(), rdn.end());
    std::string joined;
    for (const std::string& attribute : rdn) {
      joined += attribute;
    }
    append(key, joined);
    rdn.clear();
  };
  int set = 0;
  for (int i = 0; i < X509_NAME_entry_count(name); ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    if (!rdn.empty() && X509_NAME_ENTRY_set(entry) != set) {
      close_rdn();
    }
    set = X509_NAME_ENTRY_set(entry);
    rdn.push_back(attribute_key(entry));
  }
  if (!rdn.empty()) {
    close_rdn();
  }
  return key;
}

std::string name_text(const X509_NAME* name) {
  if (X509_NAME_entry_count(name) == 0) {
    return "(empty)";
  }
  const BioPtr out(BIO_new(BIO_s_mem()));
  constexpr unsigned long kFlags =
      XN_FLAG_RFC2253 & ~static_cast<unsigned long>(ASN1_STRFLGS_ESC_MSB);
  ERR_clear_error();
  if (X509_NAME_print_ex(out.get(), name, 0, kFlags) < 0) {
    ERR_clear_error();
    return "(unreadable name)";
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string common_name(const X509_NAME* name) {
  int last = -1;
  for (int at = last; (at = X509_NAME_get_index_by_NID(name, NID_commonName, at)) >= 0;) {
    last = at;
  }
  if (last < 0) {
    return "";
  }
  unsigned char* utf8 = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last)));
  if (size < 0) {
    ERR_clear_error();
    return "";
  }
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(size));
  OPENSSL_free(utf8);
  const bool clean =
      std::ranges::none_of(text, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
  return clean ? text : "";
}

}  // namespace chainmend::certs

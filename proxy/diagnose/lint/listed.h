// Certificates as a listing names them: what certutil and PowerShell print of a store, in which the
// bytes of the certificates are missing. An empty or unset field is one that the listing leaves
// out.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "proxy/diagnose/lint/listed_date.h"
#include "proxy/enums/names.h"

namespace chainmend::diagnose {

// What a listing says of a certificate; the fields are those of Windows.
enum class ListedField : std::uint8_t {
  subject,
  issuer,
  serial_number,
  thumbprint,
  not_before,
  not_after,
  has_private_key,
};
inline constexpr enums::Names<ListedField> kListedFieldNames{
    "Subject", "Issuer", "SerialNumber", "Thumbprint", "NotBefore", "NotAfter", "HasPrivateKey"};

struct Listed {
  std::size_t line = 0;  // where the listing begins with it, from 1
  std::string store;     // "Root"
  std::string subject, issuer;
  std::string serial;      // hex digits, in capitals
  std::string thumbprint;  // SHA-1: 40 hex digits, in capitals
  std::string friendly_name;
  std::optional<DateText> not_before, not_after;
  std::optional<bool> has_private_key;
  std::string signature;  // object identifier of its algorithm
  // certutil tried the signature with the certificate's own key, and it did not fit.
  bool signature_fails = false;
  // Values that the listing cut off. Of these, subject and issuer have what is left.
  std::vector<ListedField> cut;

  bool is_cut(ListedField field) const;
};

// A certificate whose bytes stand in a text.
struct StoredCertificate {
  certs::CertificatePtr certificate;
  std::size_t line = 0;
  std::string store;  // "Root"; empty: not said
  std::string friendly_name;
  bool has_key = false;  // Windows has its private key, elsewhere
};

struct TextProblem {
  std::size_t line = 0;
  std::string text;  // a sentence without full stop
};

// What one reader found in one text. Each is pure: text as UTF-8 in, this out.
struct Listing {
  std::vector<Listed> listed;
  std::vector<StoredCertificate> stored;
  std::vector<TextProblem> problems;
  bool empty() const { return listed.empty() && stored.empty() && problems.empty(); }
};

// Whatever a file holds, no more is read of it.
inline constexpr std::size_t kMaxListed = 100'000;
inline constexpr std::size_t kMaxTextProblems = 100;

}  // namespace chainmend::diagnose

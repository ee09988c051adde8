#include "proxy/diagnose/lint/pfx.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "certs/bytes.h"
#include "proxy/diagnose/certificate_checks.h"

namespace chainmend::diagnose {

namespace {

// OpenSSL 3 writes AES-256 with SHA-256 when it is not told otherwise.
constexpr const char* kExportAgain =
    "export it again: openssl pkcs12 -legacy -in OLD.pfx -nodes -out ALL.pem, then openssl pkcs12 "
    "-export -in ALL.pem -out NEW.pfx, and delete ALL.pem, which has the key in the clear";
std::string export_on_windows(const std::string& thumbprint) {
  return "PowerShell: Export-PfxCertificate -Cert Cert:\\LocalMachine\\My\\" + thumbprint +
         " -FilePath NEW.pfx -Password (Read-Host -AsSecureString)";
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const std::string& word : words) {
    all += (all.empty() ? "" : ", ") + word;
  }
  return all.empty() ? "nothing" : all;
}

// What opens a file that is protected in this way, as far as it is known.
std::string readers_of(const certs::Pkcs12Shape& shape) {
  const bool is_new = shape.uses_pbes2 || !(shape.mac.empty() || shape.mac == "sha1");
  return fmt::format(
      "{}, and by {}", is_new ? "Windows since 10 version 1709 and Server 2019" : "every Windows",
      shape.needs_legacy ? "OpenSSL up to 1.1, and OpenSSL 3 with its legacy provider (-legacy)"
                         : "every OpenSSL");
}

class PfxLint {
 public:
  PfxLint(const PfxFile& file, std::span<const Entry> entries, certs::Time now)
      : file_(file), entries_(entries), now_(now) {}

  PfxVerdict judge() {
    judge_protection();
    if (file_.is_open) {
      judge_keys();
    }
    return std::move(verdict_);
  }

 private:
  void add(Rule rule, std::string text, std::string fix) {
    verdict_.findings.push_back(
        {{to_string(rule), info_on(rule).severity, {}, std::move(text), std::move(fix)},
         {file_.file, 0, 0},
         {},
         {}});
  }

  void judge_protection() {
    const certs::Pkcs12Shape& shape = file_.shape;
    verdict_.facts.push_back(fmt::format(
        "{}: encrypted are its parts with {}, its keys with {}; integrity check {}; read by {}",
        file_.file, joined(shape.contents), joined(shape.keys),
        shape.mac.empty() ? "none" : shape.mac, readers_of(shape)));
    if (shape.needs_legacy) {
      add(Rule::pfx_old_algorithms,
          "protected with RC2, RC4 or DES: OpenSSL 3 and what uses it open it with the legacy "
          "provider alone (\"unsupported\", error 0308010C), and the protection is weak",
          kExportAgain);
    }
    if (shape.uses_pbes2) {
      add(Rule::pfx_new_algorithms,
          "protected with PBES2 and AES: Windows Server 2016 and older do not read it, and call "
          "the "
          "password wrong",
          "for those: openssl pkcs12 -export -certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg "
          "sha1");
    }
    if (shape.mac.empty()) {
      add(Rule::pfx_no_mac, "has no integrity check: nobody notices when it was changed",
          kExportAgain);
    }
    if (file_.is_open && file_.opened_without_password) {
      add(Rule::pfx_no_password, "opens without a password: whoever can read the file has the key",
          "export it again with a password");
    }
  }

  // The certificate that key belongs to; null: none.
  const Entry* owner_of(EVP_PKEY* key) const {
    const auto found = std::ranges::find_if(entries_, [key](const Entry& entry) {
      const EVP_PKEY* const own = X509_get0_pubkey(entry.certificate->x509());
      return own != nullptr && EVP_PKEY_eq(own, key) == 1;
    });
    return found == entries_.end() ? nullptr : &*found;
  }

  void judge_keys() {
    if (file_.keys.empty()) {
      add(Rule::pfx_no_key, "has no private key: no server can use it",
          "export it where the key is; " +
              export_on_windows(entries_.empty()
                                    ? "THUMBPRINT"
                                    : certs::thumbprint(entries_.front().certificate->der())));
    }
    for (const certs::Pkcs12Key& key : file_.keys) {
      const Entry* const owner = owner_of(key.key.get());
      const std::string name = key.name.empty() ? "without a name" : "'" + key.name + "'";
      verdict_.facts.push_back(fmt::format(
          "Key {}: {}", name,
          owner == nullptr ? "belongs to no certificate of the file"
                           : fmt::format("{}, belongs to entry {}, {}, SHA-1 {}",
                                         owner->certificate->key_description(), owner->place.entry,
                                         owner->certificate->subject(),
                                         certs::thumbprint(owner->certificate->der()))));
      if (owner == nullptr) {
        add(Rule::pfx_key_mismatch, "the key " + name + " belongs to no certificate of the file",
            "put certificate and key of one request together");
        continue;
      }
      judge_leaf(*owner);
    }
    if (file_.keys.size() > 1) {
      add(Rule::pfx_several_keys,
          fmt::format("has {} keys: some programs take the first one, others refuse the file",
                      file_.keys.size()),
          "export each certificate to a file of its own");
    }
  }

  void judge_leaf(const Entry& leaf) {
    std::vector<Finding> said;
    check_certificate(*leaf.certificate, 0, now_, said);
    for (Finding& finding : said) {
      verdict_.findings.push_back({std::move(finding), leaf.place, leaf.certificate->subject(),
                                   certs::thumbprint(leaf.certificate->der())});
    }
    // Up from the leaf. Order is of no matter in PKCS#12: whoever reads it sorts.
    const certs::Certificate* at = leaf.certificate.get();
    for (std::size_t steps = 0; steps < entries_.size() && !at->self_signed(); ++steps) {
      const auto issuer = std::ranges::find_if(entries_, [at](const Entry& entry) {
        return entry.certificate->subject_key() == at->issuer_key() &&
               certs::verifies(*at, *entry.certificate);
      });
      if (issuer == entries_.end()) {
        break;
      }
      at = issuer->certificate.get();
    }
    if (at == leaf.certificate.get() && !at->self_signed()) {
      add(Rule::pfx_no_chain,
          "the issuer of its certificate, '" + at->issuer() +
              "', is not in it: a server that takes its chain from this file shows the leaf alone",
          "export it with its chain; " + export_on_windows(certs::thumbprint(at->der())) +
              " -ChainOption BuildChain");
    }
  }

  const PfxFile& file_;
  std::span<const Entry> entries_;
  certs::Time now_;
  PfxVerdict verdict_;
};

}  // namespace

PfxVerdict lint_pfx(const PfxFile& file, std::span<const Entry> entries, certs::Time now) {
  return PfxLint(file, entries, now).judge();
}

}  // namespace chainmend::diagnose

#include "certs/pkcs12.h"

#include <openssl/err.h>

#include <algorithm>

#include "certs/decryption.h"
#include "certs/pkcs12_stacks.h"

namespace chainmend::certs {

namespace {

Pkcs12Ptr parse(ByteView der, const DecryptionContext& context) {
  ERR_clear_error();
  const BioPtr in(BIO_new_mem_buf(der.data(), static_cast<int>(der.size())));
  PKCS12* shell = PKCS12_init_ex(NID_pkcs7_data, context.get(), nullptr);
  PKCS12* read = d2i_PKCS12_bio(in.get(), &shell);  // into the shell, which carries the context
  if (read == nullptr) {
    PKCS12_free(shell);
  }
  return Pkcs12Ptr(read);
}

// Reads the bags of one file; each step leaves the first error in its Result.
class Pkcs12Reading {
 public:
  Pkcs12Reading(const PKCS12* file, Password password, const DecryptionContext& context)
      : file_(file), password_(std::move(password)), context_(context) {}

  Result<Pkcs12Content> read() {
    const SafesPtr safes(PKCS12_unpack_authsafes(file_));
    if (safes == nullptr) {
      return fail(ErrorCode::malformed,
                  "no readable PKCS#12 file (" + drain_openssl_errors() + ")");
    }
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
      if (const auto done = read_safe(sk_PKCS7_value(safes.get(), i)); !done) {
        return tl::unexpected(done.error());
      }
    }
    return std::move(content_);
  }

 private:
  const char* secret() const { return password_ ? password_->data() : nullptr; }
  int secret_size() const { return password_ ? static_cast<int>(password_->size()) : 0; }

  Result<void> read_safe(PKCS7* safe) {
    const int kind = OBJ_obj2nid(safe->type);
    BagsPtr bags;
    ERR_clear_error();
    if (kind == NID_pkcs7_data) {
      bags.reset(PKCS12_unpack_p7data(safe));
      if (bags == nullptr) {
        return fail(ErrorCode::malformed,
                    "broken PKCS#12 content (" + drain_openssl_errors() + ")");
      }
    } else if (kind == NID_pkcs7_encrypted) {
      auto cheap = check_derivation_cost(*safe->d.encrypted->enc_data->algorithm);
      if (!cheap) {
        return cheap;
      }
      bags.reset(PKCS12_unpack_p7encdata(safe, secret(), secret_size()));
      if (bags == nullptr) {
        return tl::unexpected(decryption_error(password_));
      }
    } else {
      return {};  // enveloped for a recipient's key: nothing for us
    }
    return read_bags(bags.get());
  }

  // Bags may hold bags; a list of what is still to read stands in for recursion.
  Result<void> read_bags(const STACK_OF(PKCS12_SAFEBAG) * all) {
    std::vector<const STACK_OF(PKCS12_SAFEBAG)*> waiting{all};
    while (!waiting.empty()) {
      const STACK_OF(PKCS12_SAFEBAG)* bags = waiting.back();
      waiting.pop_back();
      for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i) {
        const PKCS12_SAFEBAG* bag = sk_PKCS12_SAFEBAG_value(bags, i);
        if (PKCS12_SAFEBAG_get_nid(bag) == NID_safeContentsBag) {
          waiting.push_back(PKCS12_SAFEBAG_get0_safes(bag));
        } else if (const auto done = read_bag(*bag); !done) {
          return done;
        }
      }
    }
    return {};
  }

  Result<void> read_bag(const PKCS12_SAFEBAG& bag) {
    switch (PKCS12_SAFEBAG_get_nid(&bag)) {
      case NID_certBag: {
        const X509Ptr x(PKCS12_SAFEBAG_get1_cert(&bag));
        auto certificate =
            x == nullptr ? fail(ErrorCode::malformed, "") : Certificate::from_x509(x.get());
        if (certificate) {
          content_.certificates.push_back(std::move(*certificate));
        }
        return {};
      }
      case NID_keyBag:
        return keep(key_from_pkcs8(*PKCS12_SAFEBAG_get0_p8inf(&bag)), bag);
      case NID_pkcs8ShroudedKeyBag:
        return keep(decrypt_pkcs8(*PKCS12_SAFEBAG_get0_pkcs8(&bag), password_, context_), bag);
      default:
        return {};
    }
  }

  Result<void> keep(Result<EvpPkeyPtr> key, const PKCS12_SAFEBAG& bag) {
    if (!key) {
      return tl::unexpected(key.error());
    }
    char* name = PKCS12_get_friendlyname(const_cast<PKCS12_SAFEBAG*>(&bag));
    content_.keys.push_back({std::move(*key), name == nullptr ? "" : name});
    OPENSSL_free(name);
    return {};
  }

  const PKCS12* file_;
  Password password_;
  const DecryptionContext& context_;
  Pkcs12Content content_;
};

bool mac_is_cheap(const PKCS12* file) {
  constexpr std::int64_t kMaxIterations = 5'000'000;
  const ASN1_INTEGER* iterations = nullptr;
  PKCS12_get0_mac(nullptr, nullptr, nullptr, &iterations, file);
  std::int64_t count = 1;
  return iterations == nullptr ||
         (ASN1_INTEGER_get_int64(&count, iterations) == 1 && count <= kMaxIterations);
}

// The password in the form that the file's integrity check accepts. "No password" is written in two
// ways: as an empty string and as nothing at all.
Result<Password> check_integrity(PKCS12* file, const Password& password) {
  if (PKCS12_mac_present(file) == 0) {
    return password;
  }
  if (!mac_is_cheap(file)) {
    return fail(ErrorCode::blocked, "the key derivation asks for too many iterations");
  }
  std::vector<Password> forms{password};
  if (!password || password->empty()) {
    forms = {Password(""), Password()};
  }
  Error error;
  for (const Password& form : forms) {
    ERR_clear_error();
    if (PKCS12_verify_mac(file, form ? form->data() : nullptr,
                          form ? static_cast<int>(form->size()) : 0) == 1) {
      return form;
    }
    error = decryption_error(password);
  }
  return tl::unexpected(error);
}

}  // namespace

bool looks_like_pkcs12(ByteView der) {
  // SEQUENCE { INTEGER 3, ... }, whatever the form of the outer length.
  constexpr std::uint8_t kVersion[] = {0x02, 0x01, 0x03};
  if (der.size() < 8 || der[0] != 0x30) {
    return false;
  }
  const std::size_t header = 2 + ((der[1] & 0x80) != 0 ? der[1] & 0x7FU : 0);
  return header + sizeof kVersion <= der.size() &&
         std::ranges::equal(der.subspan(header, sizeof kVersion), kVersion);
}

Result<Pkcs12Content> read_pkcs12(ByteView der, const Password& password) {
  const DecryptionContext context;
  const Pkcs12Ptr file = parse(der, context);
  if (file == nullptr) {
    return fail(ErrorCode::malformed, "no readable PKCS#12 file (" + drain_openssl_errors() + ")");
  }
  auto accepted = check_integrity(file.get(), password);
  if (!accepted) {
    return tl::unexpected(accepted.error());
  }
  auto content = Pkcs12Reading(file.get(), std::move(*accepted), context).read();
  ERR_clear_error();
  return content;
}

Result<EvpPkeyPtr> take_key(Pkcs12Content& content, const std::string& name) {
  std::string names;
  for (Pkcs12Key& one : content.keys) {
    if (content.keys.size() == 1 ? name.empty() || one.name == name
                                 : !name.empty() && one.name == name) {
      return std::move(one.key);
    }
    names += (names.empty() ? "" : ", ") +
             (one.name.empty() ? "one without a name" : "'" + one.name + "'");
  }
  if (content.keys.empty()) {
    return fail(ErrorCode::empty, "PKCS#12 file without a private key in it");
  }
  return fail(ErrorCode::ambiguous, name.empty() ? "PKCS#12 file with several keys: " + names
                                                 : "PKCS#12 file without a key of the name '" +
                                                       name + "'; it has " + names);
}

}  // namespace chainmend::certs

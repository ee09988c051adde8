#include "certs/pkcs12_shape.h"

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <memory>

#include "certs/openssl.h"
#include "certs/pkcs12_stacks.h"

namespace chainmend::certs {

namespace {

using Pbe2Ptr = std::unique_ptr<PBE2PARAM, OpensslDeleter<&PBE2PARAM_free>>;

std::string name_of(const ASN1_OBJECT* object) {
  const int nid = OBJ_obj2nid(object);
  if (nid != NID_undef) {
    return OBJ_nid2ln(nid);
  }
  char numbers[80] = {};
  OBJ_obj2txt(numbers, sizeof numbers, object, 1);
  return numbers;
}

class ShapeReading {
 public:
  Result<Pkcs12Shape> read(const PKCS12* file) {
    const X509_ALGOR* digest = nullptr;
    PKCS12_get0_mac(nullptr, &digest, nullptr, nullptr, file);
    if (digest != nullptr) {
      shape_.mac = name_of(digest->algorithm);
    }
    const SafesPtr safes(PKCS12_unpack_authsafes(file));
    if (safes == nullptr) {
      return fail(ErrorCode::malformed,
                  "no readable PKCS#12 file (" + drain_openssl_errors() + ")");
    }
    for (int i = 0; i < sk_PKCS7_num(safes.get()); ++i) {
      read_safe(sk_PKCS7_value(safes.get(), i));
    }
    return std::move(shape_);
  }

 private:
  void read_safe(PKCS7* safe) {
    switch (OBJ_obj2nid(safe->type)) {
      case NID_pkcs7_data:
        shape_.contents.emplace_back("none");
        if (const BagsPtr bags(PKCS12_unpack_p7data(safe)); bags != nullptr) {
          read_bags(bags.get());
        }
        break;
      case NID_pkcs7_encrypted:
        if (safe->d.encrypted != nullptr && safe->d.encrypted->enc_data != nullptr) {
          shape_.contents.push_back(describe(*safe->d.encrypted->enc_data->algorithm));
        }
        break;
      default:
        shape_.contents.push_back(name_of(safe->type));
    }
  }

  // Bags may hold bags; a list of what is still to read stands in for recursion.
  void read_bags(const STACK_OF(PKCS12_SAFEBAG) * all) {
    std::vector<const STACK_OF(PKCS12_SAFEBAG)*> waiting{all};
    while (!waiting.empty()) {
      const STACK_OF(PKCS12_SAFEBAG)* const bags = waiting.back();
      waiting.pop_back();
      for (int i = 0; i < sk_PKCS12_SAFEBAG_num(bags); ++i) {
        const PKCS12_SAFEBAG* const bag = sk_PKCS12_SAFEBAG_value(bags, i);
        const int kind = PKCS12_SAFEBAG_get_nid(bag);
        if (kind == NID_safeContentsBag) {
          waiting.push_back(PKCS12_SAFEBAG_get0_safes(bag));
        } else if (kind == NID_keyBag) {
          shape_.keys.emplace_back("none");
        } else if (kind == NID_pkcs8ShroudedKeyBag) {
          const X509_ALGOR* algorithm = nullptr;
          X509_SIG_get0(PKCS12_SAFEBAG_get0_pkcs8(bag), &algorithm, nullptr);
          shape_.keys.push_back(describe(*algorithm));
        }
      }
    }
  }

  std::string describe(const X509_ALGOR& algorithm) {
    const int nid = OBJ_obj2nid(algorithm.algorithm);
    if (nid == NID_pbes2) {
      shape_.uses_pbes2 = true;
      const Pbe2Ptr parameters(static_cast<PBE2PARAM*>(
          ASN1_TYPE_unpack_sequence(ASN1_ITEM_rptr(PBE2PARAM), algorithm.parameter)));
      return parameters == nullptr ? "PBES2" : name_of(parameters->encryption->algorithm);
    }
    // PKCS#12's own schemes with RC4 and RC2 (RFC 7292, appendix C), and those of PKCS#5 with DES
    // and RC2.
    shape_.needs_legacy |=
        nid == NID_pbe_WithSHA1And40BitRC2_CBC || nid == NID_pbe_WithSHA1And128BitRC2_CBC ||
        nid == NID_pbe_WithSHA1And40BitRC4 || nid == NID_pbe_WithSHA1And128BitRC4 ||
        nid == NID_pbeWithMD5AndDES_CBC || nid == NID_pbeWithSHA1AndDES_CBC ||
        nid == NID_pbeWithMD5AndRC2_CBC || nid == NID_pbeWithSHA1AndRC2_CBC;
    return name_of(algorithm.algorithm);
  }

  Pkcs12Shape shape_;
};

}  // namespace

Result<Pkcs12Shape> read_pkcs12_shape(ByteView der) {
  ERR_clear_error();
  const unsigned char* at = der.data();
  const Pkcs12Ptr file(d2i_PKCS12(nullptr, &at, static_cast<long>(der.size())));
  if (file == nullptr) {
    return fail(ErrorCode::malformed, "no readable PKCS#12 file (" + drain_openssl_errors() + ")");
  }
  auto shape = ShapeReading().read(file.get());
  ERR_clear_error();
  return shape;
}

}  // namespace chainmend::certs

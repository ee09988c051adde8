#include "certs/revocation.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>

#include "certs/bytes.h"
#include "certs/certificate_reader.h"
#include "certs/name.h"
#include "certs/pem.h"

namespace chainmend::certs {

namespace {

using IssuingPointPtr =
    std::unique_ptr<ISSUING_DIST_POINT, OpensslDeleter<&ISSUING_DIST_POINT_free>>;

Result<X509CrlPtr> parse(ByteView der) {
  const unsigned char* at = der.data();
  ERR_clear_error();
  X509CrlPtr crl(d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size())));
  if (crl == nullptr || at != der.data() + der.size()) {
    ERR_clear_error();
    return fail(ErrorCode::malformed, "this is no certificate revocation list");
  }
  return crl;
}

// Why a list does not speak of all certificates of its issuer; empty: it does.
std::string partial(const X509_CRL* crl) {
  if (X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1) >= 0) {
    return "it is a delta list, which only changes another; give the complete one";
  }
  int found = 0;
  const IssuingPointPtr point(static_cast<ISSUING_DIST_POINT*>(
      X509_CRL_get_ext_d2i(crl, NID_issuing_distribution_point, &found, nullptr)));
  if (point == nullptr && found != -1) {
    return "its issuingDistributionPoint cannot be read";
  }
  if (point != nullptr && (point->onlyuser > 0 || point->onlyCA > 0 || point->onlyattr > 0 ||
                           point->indirectCRL > 0 || point->onlysomereasons != nullptr)) {
    return "it is for a part of its issuer's certificates (issuingDistributionPoint); give the "
           "complete one";
  }
  constexpr std::array kKnown = {NID_issuing_distribution_point, NID_crl_number,
                                 NID_authority_key_identifier};
  for (int i = 0; i < X509_CRL_get_ext_count(crl); ++i) {
    X509_EXTENSION* const extension = X509_CRL_get_ext(crl, i);
    const int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
    if (X509_EXTENSION_get_critical(extension) != 0 &&
        std::ranges::find(kKnown, nid) == kKnown.end()) {
      return "it has a critical extension that is unknown here";
    }
  }
  return {};
}

Result<RevocationList> read_one(ByteView der, const std::string& path) {
  Result<X509CrlPtr> crl = parse(der);
  if (!crl) {
    return tl::unexpected(crl.error());
  }
  if (std::string why = partial(crl->get()); !why.empty()) {
    return fail(ErrorCode::unsupported_algorithm, std::move(why));
  }
  RevocationList list;
  const X509_NAME* const issuer = X509_CRL_get_issuer(crl->get());
  list.issuer = name_text(issuer);
  list.issuer_key = name_key(issuer);
  const Result<Time> from = to_time(X509_CRL_get0_lastUpdate(crl->get()));
  if (!from) {
    return tl::unexpected(from.error());
  }
  list.this_update = *from;
  if (const ASN1_TIME* const end = X509_CRL_get0_nextUpdate(crl->get())) {
    const Result<Time> until = to_time(end);
    if (!until) {
      return tl::unexpected(until.error());
    }
    list.next_update = *until;
  }
  list.file = path;
  list.crl = *std::move(crl);
  return list;
}

}  // namespace

Result<std::vector<RevocationList>> read_revocation_lists(const std::string& path) {
  const Result<Bytes> bytes = read_file(path);
  if (!bytes) {
    return tl::unexpected(bytes.error());
  }
  std::vector<std::pair<Bytes, std::size_t>> found;  // with the line
  if (looks_like_pem(*bytes)) {
    PemText text = read_pem(as_text(*bytes));
    if (!text.problems.empty()) {
      text.problems.front().where = path;
      return tl::unexpected(text.problems.front());
    }
    for (PemBlock& block : text.blocks) {
      if (block.label == "X509 CRL") {
        found.emplace_back(std::move(block.der), block.line);
      }
    }
  } else {
    found.emplace_back(*bytes, 0);
  }
  if (found.empty()) {
    return fail(ErrorCode::empty, "there is no X509 CRL in it", path);
  }
  std::vector<RevocationList> lists;
  for (const auto& [der, line] : found) {
    Result<RevocationList> list = read_one(der, path);
    if (!list) {
      return fail(list.error().code, list.error().text, path, line);
    }
    lists.push_back(*std::move(list));
  }
  return lists;
}

RevocationLists::Answer RevocationLists::ask(const Certificate& child, const Certificate& issuer,
                                             Time at) const {
  Answer answer = Answer::unknown;
  for (const RevocationList& list : lists_) {
    if (list.issuer_key != child.issuer_key() || !signed_by(list, issuer)) {
      continue;
    }
    X509_REVOKED* entry = nullptr;
    // 2 stands for removeFromCRL, which takes a certificate off the list again.
    if (X509_CRL_get0_by_serial(list.crl.get(), &entry, X509_get_serialNumber(child.x509())) == 1) {
      return Answer::revoked;
    }
    if (list.in_date(at)) {
      answer = Answer::good;
    } else if (answer == Answer::unknown) {
      answer = Answer::stale;
    }
  }
  return answer;
}

bool RevocationLists::signed_by(const RevocationList& list, const Certificate& issuer) const {
  const std::scoped_lock lock(mutex_);
  const auto [known, is_new] = signatures_.try_emplace({list.crl.get(), issuer.spki_hash()}, false);
  if (is_new) {
    EVP_PKEY* const key = X509_get0_pubkey(issuer.x509());
    const bool may_sign = (X509_get_key_usage(issuer.x509()) & KU_CRL_SIGN) != 0;
    known->second = key != nullptr && may_sign && X509_CRL_verify(list.crl.get(), key) == 1;
    ERR_clear_error();
  }
  return known->second;
}

Sha256 RevocationLists::hash() const {
  Bytes all;
  for (const RevocationList& list : lists_) {
    unsigned char* der = nullptr;
    const int size = i2d_X509_CRL(list.crl.get(), &der);
    if (size > 0) {
      const Sha256 one = sha256({der, static_cast<std::size_t>(size)});
      all.insert(all.end(), one.begin(), one.end());
    }
    OPENSSL_free(der);
  }
  return sha256(all);
}

}  // namespace chainmend::certs

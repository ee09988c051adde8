#include "proxy/diagnose/lint/issuer_list.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

namespace chainmend::diagnose {

namespace {

constexpr int kShortestRsa = 2048;

std::size_t name_bytes(const certs::Certificate& certificate) {
  const int size = i2d_X509_NAME(X509_get_subject_name(certificate.x509()), nullptr);
  return size > 0 ? static_cast<std::size_t>(size) + 2 : 0;  // RFC 5246 7.4.4: two for its length
}

}  // namespace

bool has_short_rsa(const certs::Certificate& certificate) {
  const EVP_PKEY* const key = X509_get0_pubkey(certificate.x509());
  return key != nullptr && EVP_PKEY_base_id(key) == EVP_PKEY_RSA &&
         EVP_PKEY_bits(key) < kShortestRsa;
}

IssuerList issuer_list(std::span<const Entry* const> roots, certs::Time now,
                       const std::function<bool(const Entry&)>& may_drop) {
  std::map<std::string, std::pair<const Entry*, std::size_t>> names;  // each is sent once
  for (const Entry* const entry : roots) {
    names.emplace(entry->certificate->subject_key(),
                  std::pair(entry, name_bytes(*entry->certificate)));
  }
  IssuerList list;
  std::vector<std::pair<const Entry*, std::size_t>> order;
  for (const auto& [name, entry] : names) {
    list.bytes += entry.second;
    order.push_back(entry);
  }
  if (list.bytes <= kMaxIssuerListBytes) {
    return list;
  }
  std::ranges::sort(order, std::less<>(), [now](const auto& one) {
    const certs::Certificate& certificate = *one.first->certificate;
    const int rank = !certificate.self_signed()      ? 0
                     : certificate.not_after() < now ? 1
                     : has_short_rsa(certificate)    ? 2
                                                     : 3;
    return std::tuple(rank, -static_cast<long>(one.second), certificate.fingerprint());
  });
  std::size_t left = list.bytes;
  for (const auto& [entry, size] : order) {
    if (left <= kMaxIssuerListBytes) {
      break;
    }
    if (may_drop(*entry)) {
      left -= size;
      list.drops.push_back(entry);
    }
  }
  list.is_enough = left <= kMaxIssuerListBytes;
  return list;
}

}  // namespace chainmend::diagnose

#include "certs/revocation.h"

#include <gtest/gtest.h>
#include <openssl/pem.h>

#include "tests/certs/temp_folder.h"
#include "tests/certs/test_pki.h"

namespace chainmend::certs {
namespace {

using testing::Identity;
using testing::issue;
using testing::make_leaf;
using testing::make_root;
using Answer = RevocationLists::Answer;
using IssuingPointPtr =
    std::unique_ptr<ISSUING_DIST_POINT, OpensslDeleter<&ISSUING_DIST_POINT_free>>;

const Time kNow = *parse_time("2026-01-01");
constexpr std::chrono::days kDay{1};

void set_time(Time t, X509_CRL* crl, int (*set)(X509_CRL*, const ASN1_TIME*)) {
  ASN1_TIME* const time = ASN1_TIME_set(nullptr, std::chrono::system_clock::to_time_t(t));
  set(crl, time);
  ASN1_STRING_free(time);
}

struct ListSpec {
  const Identity* signer;
  std::vector<const Identity*> revoked = {};
  Time from = kNow - kDay, until = kNow + kDay;
  bool for_users_only = false;
  bool removed_again = false;  // the reason of each entry
};

X509CrlPtr make_list(const ListSpec& spec) {
  X509CrlPtr crl(X509_CRL_new());
  X509_CRL_set_version(crl.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(spec.signer->certificate->x509()));
  set_time(spec.from, crl.get(), X509_CRL_set1_lastUpdate);
  set_time(spec.until, crl.get(), X509_CRL_set1_nextUpdate);
  for (const Identity* one : spec.revoked) {
    X509_REVOKED* const entry = X509_REVOKED_new();
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(one->certificate->x509()));
    ASN1_TIME* const at = ASN1_TIME_set(nullptr, 0);
    X509_REVOKED_set_revocationDate(entry, at);
    ASN1_STRING_free(at);
    if (spec.removed_again) {
      ASN1_ENUMERATED* const why = ASN1_ENUMERATED_new();
      ASN1_ENUMERATED_set(why, CRL_REASON_REMOVE_FROM_CRL);
      X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, why, 0, 0);
      ASN1_ENUMERATED_free(why);
    }
    X509_CRL_add0_revoked(crl.get(), entry);
  }
  if (spec.for_users_only) {
    const IssuingPointPtr point(ISSUING_DIST_POINT_new());
    point->onlyuser = 0xff;
    X509_CRL_add1_ext_i2d(crl.get(), NID_issuing_distribution_point, point.get(), 1, 0);
  }
  X509_CRL_sort(crl.get());
  X509_CRL_sign(crl.get(), spec.signer->key.get(), EVP_sha256());
  return crl;
}

std::string pem_of(const X509CrlPtr& crl) {
  const BioPtr out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509_CRL(out.get(), crl.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<std::size_t>(size)};
}

class Revocation : public ::testing::Test {
 protected:
  RevocationLists lists_of(const std::vector<ListSpec>& specs) {
    if (specs.empty()) {
      return RevocationLists({});
    }
    std::string text;
    for (const ListSpec& spec : specs) {
      text += pem_of(make_list(spec));
    }
    auto lists = read_revocation_lists(folder_.write("lists.pem", text));
    EXPECT_TRUE(lists) << lists.error().text;
    return RevocationLists(lists ? *std::move(lists) : std::vector<RevocationList>());
  }
  Answer ask(const RevocationLists& lists, const Identity& child) {
    return lists.ask(*child.certificate, *ca_.certificate, kNow);
  }

  testing::TempFolder folder_;
  Identity ca_ = make_root("CN=Phone CA");
  Identity good_ = make_leaf("good", ca_);
  Identity bad_ = make_leaf("bad", ca_);
};

TEST_F(Revocation, KnowsWhatIsOnTheListOfItsIssuer) {
  const RevocationLists lists = lists_of({{.signer = &ca_, .revoked = {&bad_}}});
  EXPECT_EQ(ask(lists, good_), Answer::good);
  EXPECT_EQ(ask(lists, bad_), Answer::revoked);
}

TEST_F(Revocation, BelievesAListOnlyWhoSignedTheCertificate) {
  Identity forger = issue({.subject = "CN=Phone CA"});  // the same name, another key
  const RevocationLists lists = lists_of({{.signer = &forger, .revoked = {&good_}}});
  EXPECT_EQ(ask(lists, good_), Answer::unknown);
  const Identity silent =
      issue({.subject = "CN=Phone CA", .key = ca_.key, .key_usage = "keyCertSign"});
  const RevocationLists own = lists_of({{.signer = &ca_, .revoked = {&bad_}}});
  EXPECT_EQ(own.ask(*bad_.certificate, *silent.certificate, kNow), Answer::unknown)
      << "a CA without cRLSign signs no list";
}

TEST_F(Revocation, TellsOldListsFromNone) {
  const ListSpec old{
      .signer = &ca_, .revoked = {&bad_}, .from = kNow - 3 * kDay, .until = kNow - kDay};
  EXPECT_EQ(ask(lists_of({}), good_), Answer::unknown);
  const RevocationLists stale = lists_of({old});
  EXPECT_EQ(ask(stale, good_), Answer::stale);
  EXPECT_EQ(ask(stale, bad_), Answer::revoked);
  EXPECT_EQ(ask(lists_of({old, {.signer = &ca_}}), good_), Answer::good);
  EXPECT_EQ(ask(lists_of({{.signer = &ca_}, old}), bad_), Answer::revoked);
  EXPECT_EQ(ask(lists_of({{.signer = &ca_, .from = kNow + kDay, .until = kNow + 2 * kDay}}), good_),
            Answer::stale);
}

TEST_F(Revocation, WhatWasTakenOffTheListIsGood) {
  EXPECT_EQ(ask(lists_of({{.signer = &ca_, .revoked = {&bad_}, .removed_again = true}}), bad_),
            Answer::good);
}

TEST_F(Revocation, ReadsDerAndSaysWhatItCannotRead) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_CRL(make_list({.signer = &ca_, .revoked = {&bad_}}).get(), &der);
  const ByteView bytes(der, static_cast<std::size_t>(size));
  const auto lists = read_revocation_lists(folder_.write("list.crl", bytes));
  ASSERT_TRUE(lists);
  EXPECT_EQ(lists->front().issuer, "CN=Phone CA");
  EXPECT_EQ(lists->front().next_update, kNow + kDay);
  const auto error_of = [&](const std::string& text) {
    const auto read = read_revocation_lists(folder_.write("broken", text));
    return read ? std::string() : read.error().text;
  };
  EXPECT_EQ(error_of("hello"), "this is no certificate revocation list");
  EXPECT_EQ(error_of(std::string(as_text(bytes)) + "x"), "this is no certificate revocation list");
  EXPECT_EQ(error_of(ca_.certificate->pem()), "there is no X509 CRL in it");
  EXPECT_NE(error_of(pem_of(make_list({.signer = &ca_, .for_users_only = true})))
                .find("a part of its issuer's certificates"),
            std::string::npos);
  EXPECT_FALSE(read_revocation_lists(folder_.path("gone")));
  OPENSSL_free(der);
}

TEST_F(Revocation, HashTellsListsApart) {
  const auto one = lists_of({{.signer = &ca_}});
  const auto other = lists_of({{.signer = &ca_, .revoked = {&bad_}}});
  EXPECT_NE(one.hash(), other.hash());
  EXPECT_NE(one.hash(), lists_of({}).hash());
}

}  // namespace
}  // namespace chainmend::certs

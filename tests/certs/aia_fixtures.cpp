#include "tests/certs/aia_fixtures.h"

#include <openssl/pkcs7.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>

namespace chainmend::certs {
namespace {

Bytes content_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, data + size};
}

}  // namespace

Made make(const Wish& wish) {
  return testing::issue(
      {.subject = "CN=" + wish.name,
       .issuer = wish.issuer,
       .key = wish.key,
       .alternative_names = wish.padding != 0 ? "DNS:" + std::string(wish.padding, 'x') : "",
       .aia_urls = wish.aia});
}

Bytes der_of(const Made& made) {
  const ByteView der = made.certificate->der();
  return {der.begin(), der.end()};
}

Bytes pem_of(const std::vector<const Made*>& all) {
  std::string text;
  for (const Made* made : all) {
    text += "some words before\n" + made->certificate->pem();
  }
  return {text.begin(), text.end()};
}

Bytes pkcs7_of(const std::vector<const Made*>& all) {
  const Pkcs7Ptr message(PKCS7_new());
  PKCS7_set_type(message.get(), NID_pkcs7_signed);
  PKCS7_content_new(message.get(), NID_pkcs7_data);
  for (const Made* made : all) {
    PKCS7_add_certificate(message.get(), made->certificate->x509());
  }
  const BioPtr out(BIO_new(BIO_s_mem()));
  i2d_PKCS7_bio(out.get(), message.get());
  return content_of(out.get());
}

Result<Bytes> TableFetcher::fetch(const std::string& url, const FetchLimits& /*limits*/) {
  {
    const std::lock_guard lock(mutex_);
    asked_.push_back(url);
  }
  before_answer();
  const auto known = answers.find(url);
  return known != answers.end() ? known->second
                                : fail(ErrorCode::network, "the server answered 404", url);
}

std::vector<std::string> TableFetcher::asked() const {
  const std::lock_guard lock(mutex_);
  return asked_;
}

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "chainmend-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary folder");
  }
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace chainmend::certs

// What tests of AIA need: certificates with AIA URLs, answers in every format, and a Fetcher that
// is a table.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/fetcher.h"
#include "certs/time.h"
#include "tests/certs/test_pki.h"

namespace chainmend::certs {

using Made = testing::Identity;

struct Wish {
  std::string name;                   // common name
  const Made* issuer = nullptr;       // null: self-signed
  std::vector<std::string> aia = {};  // caIssuers URLs
  testing::SharedKey key = {};        // null makes a new one
  std::size_t padding = 0;            // makes it this much larger
};
Made make(const Wish& wish);

// A moment at which all of them are valid.
inline Time valid_moment() { return *parse_time("2026-01-01"); }

Bytes der_of(const Made& made);
Bytes pem_of(const std::vector<const Made*>& all);
Bytes pkcs7_of(const std::vector<const Made*>& all);  // "certs-only", in that order

// Answers from a table, 404 for everything else, and remembers who was asked. Thread-safe.
class TableFetcher final : public Fetcher {
 public:
  std::map<std::string, Result<Bytes>> answers;
  std::function<void()> before_answer = [] {};

  Result<Bytes> fetch(const std::string& url, const FetchLimits& limits) override;
  std::vector<std::string> asked() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
};

// A folder that is gone with its content at the end of the test.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::string path(const std::string& name) const { return path_ + '/' + name; }

 private:
  std::string path_;
};

}  // namespace chainmend::certs

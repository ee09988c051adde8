// What the tests of serving share: a small PKI that outlives the tests, a folder with its files, a
// fetcher that is a table, and the rest that a build needs.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "certs/fetcher.h"
#include "proxy/serving/builder.h"
#include "tests/certs/test_pki.h"

namespace chainmend::serving::testing {

using certs::testing::Identity;
using certs::testing::issue;
using certs::testing::Spec;

// The clock is the real one here: these outlive it.
inline const certs::Time kFarAway = *certs::parse_time("2120-01-01");

inline Identity far_root(const std::string& name) {
  return issue({.subject = "CN=" + name, .not_after = kFarAway, .key_usage = "keyCertSign"});
}
inline Identity far_ca(const std::string& name, const Identity& issuer,
                       std::vector<std::string> aia = {}) {
  return issue({.subject = "CN=" + name,
                .issuer = &issuer,
                .not_after = kFarAway,
                .key_usage = "keyCertSign",
                .aia_urls = std::move(aia)});
}
inline Identity far_leaf(const std::string& host, const Identity& issuer,
                         std::vector<std::string> aia = {}) {
  return issue({.subject = "CN=" + host,
                .issuer = &issuer,
                .not_after = kFarAway,
                .basic_constraints = "",
                .alternative_names = "DNS:" + host,
                .aia_urls = std::move(aia)});
}

// Answers from a table, and remembers what it was asked.
class TableFetcher final : public certs::Fetcher {
 public:
  certs::Result<certs::Bytes> fetch(const std::string& url, const certs::FetchLimits&) override {
    asked.push_back(url);
    const auto found = answers.find(url);
    if (found == answers.end()) {
      return certs::fail(certs::ErrorCode::network, "no such host");
    }
    return found->second;
  }
  void offer(const std::string& url, const Identity& identity) {
    const auto der = identity.certificate->der();
    answers[url] = certs::Bytes(der.begin(), der.end());
  }
  std::map<std::string, certs::Bytes> answers;
  std::vector<std::string> asked;
};

class Lab {
 public:
  Lab() {
    ::umask(077);  // keys that everybody can read are warned of
    std::string name =
        (std::filesystem::temp_directory_path() / "chainmend-serving-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    write("root.pem", root.certificate->pem());
    write("ca.pem", ca.certificate->pem());
    write("leaf.pem", leaf.certificate->pem() + certs::testing::key_pem(leaf));
  }
  ~Lab() { std::filesystem::remove_all(folder_); }
  Lab(const Lab&) = delete;
  Lab& operator=(const Lab&) = delete;

  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  // The errors of reading fail the test.
  config::Config parse(const std::string& yaml) const {
    auto config = config::parse(yaml, folder_ / "c.yaml");
    if (!config) {
      for (const auto& error : config.error()) {
        ADD_FAILURE() << error.describe();
      }
      return {};
    }
    return std::move(*config);
  }
  config::Result<Build> build(const std::string& yaml,
                              std::shared_ptr<AiaService> previous = nullptr) {
    return serving::build(parse(yaml), {metrics, tickets, sessions, fetcher, {}, {}},
                          std::move(previous));
  }
  // What build() says, each as text without the folder; an empty list when it succeeds.
  std::vector<std::string> errors_of(const std::string& yaml) {
    const auto built = build(yaml);
    return built ? std::vector<std::string>{} : texts(built.error());
  }
  std::vector<std::string> texts(const config::Diagnostics& diagnostics) const {
    std::vector<std::string> out;
    for (const auto& one : diagnostics) {
      std::string text = one.describe();
      for (std::size_t at = 0; (at = text.find(folder_.string() + '/')) != std::string::npos;) {
        text.erase(at, folder_.string().size() + 1);
      }
      out.push_back(std::move(text));
    }
    return out;
  }

  Identity root = far_root("Lab Root");
  Identity ca = far_ca("Lab CA", root);
  Identity leaf = far_leaf("mail.test", ca);
  metrics::Metrics metrics{{"test", "test"}};
  tls::TicketKeys tickets;
  tls::SessionStore sessions;
  TableFetcher fetcher;

 private:
  std::filesystem::path folder_;
};

// The end of a configuration that only its certificates make interesting.
inline const std::string kRest = R"(
listeners:
  - { name: web, listen: 127.0.0.1:0, certificates: [mail], upstream: u }
upstreams:
  u: { servers: [http://127.0.0.1:1] }
)";
inline const std::string kAiaOff = "trust: root.pem, aia: { mode: off }";

}  // namespace chainmend::serving::testing

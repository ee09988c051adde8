// Scenarios: a folder each under tests/scenarios, with the certificates and cases in scenario.txt
// and what must come of them in expected.txt. The format is described in tests/scenarios/README.md.
#pragma once

#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "certs/served_chain.h"
#include "tests/certs/test_pki.h"

namespace chainmend::certs::testing {

// The words of one line: plain ones in order, and key=value pairs ("..." around values with
// blanks).
struct Line {
  std::size_t number = 0;
  std::vector<std::string> words;
  std::map<std::string, std::string> values;
  const std::string& value(const std::string& key, const std::string& otherwise) const;
};

std::vector<std::string> split(const std::string& text, char separator);  // empty ones left out

// Where and when a scenario plays.
struct Setting {
  std::string web = "ca.example";        // host and port of the web server that {web} stands for
  Time now = *parse_time("2026-01-01");  // what +30d and -1d count from
};

class Scenario {
 public:
  // Reads the text and makes its certificates; throws std::runtime_error with the line on a mistake
  // in it.
  explicit Scenario(std::string text, const Setting& setting = {});

  // The outcome of every case, as expected.txt holds it.
  std::string run() const;
  // Every certificate with its key, by name.
  const std::map<std::string, Identity>& certificates() const { return identities_; }

 private:
  Time time_of(const std::string& text) const;
  void read(const Line& line);
  void make_certificate(const Line& line);
  void make_decoys(const Line& line);
  void make_many(const Line& line, const std::string& kind);
  Identity& identity(const std::string& alias);
  std::vector<const Identity*> identities(const std::string& aliases) const;
  std::string run_case(const Line& line) const;
  std::string lint(const Line& line) const;
  std::string search(const Line& line, std::span<IssuerSource* const> sources) const;
  std::string profiles(const Line& line, std::span<IssuerSource* const> sources) const;
  LeafFile leaf_file(const Line& line) const;
  ServeOptions options(const Line& line) const;
  std::vector<CertificatePtr> roots(const std::string& aliases) const;
  std::string list_of(const ServedChain& chain) const;
  std::string outcome(const Line& line, const std::vector<const Identity*>& bundle) const;
  std::string rejections_of(const ServedChain& chain) const;
  std::string alias_of(const Certificate& certificate) const;
  std::string with_aliases(
      std::string text) const;  // key ids and fingerprints, which are new in every run

  Time now_;
  Time at_;
  bool over_the_wire_ = false;
  std::map<std::string, Identity> identities_;
  std::map<std::string, SharedKey> keys_;
  std::vector<Line> cases_;  // `case`, `profiles` and `lint`
};

}  // namespace chainmend::certs::testing

// How long the chain engine takes: one build among few and among many, a wicked pool, and loading a
// large bundle.
#include <benchmark/benchmark.h>

#include "certs/certificate_reader.h"
#include "certs/issuer_set.h"
#include "certs/served_chain.h"
#include "tests/certs/test_pki.h"

namespace chainmend::certs {
namespace {

using testing::Identity;
using testing::in_bundle;
using testing::issue;
using testing::make_root;

// Root, two intermediates and a leaf as phones meet them: RSA 2048 throughout.
struct Line {
  testing::SharedKey key = testing::make_rsa_key(2048);
  Identity root = issue({.subject = "CN=Root", .key = key});
  Identity upper =
      issue({.subject = "CN=Upper", .issuer = &root, .key = testing::make_rsa_key(2048)});
  Identity lower =
      issue({.subject = "CN=Lower", .issuer = &upper, .key = testing::make_rsa_key(2048)});
  Identity leaf = issue({.subject = "CN=mail.example", .issuer = &lower, .basic_constraints = ""});
  TrustProfile profile{"phones", {root.certificate}};
};

const Line& line() {
  static const Line kLine;
  return kLine;
}

// So many intermediates of other names, all of one key, since only their names matter here.
const std::vector<Identity>& strangers() {
  static const std::vector<Identity> kStrangers = [] {
    std::vector<Identity> all;
    for (int i = 0; i < 10'000; ++i) {
      all.push_back(issue({.subject = "CN=Stranger " + std::to_string(i) + ",O=Example",
                           .issuer = &line().root,
                           .key = line().key}));
    }
    return all;
  }();
  return kStrangers;
}

std::shared_ptr<const IssuerSet> set_of(const std::vector<Identity>& all) {
  std::vector<Candidate> candidates;
  for (const Identity& one : all) {
    candidates.push_back(in_bundle(one));
  }
  return std::make_shared<const IssuerSet>(std::move(candidates));
}

// With the two intermediates that it takes.
std::shared_ptr<const IssuerSet> pool_of(std::vector<Identity> more) {
  more.push_back(line().upper);
  more.push_back(line().lower);
  return set_of(more);
}

void build(benchmark::State& state, const std::shared_ptr<const IssuerSet>& pool,
           const Identity& leaf, bool complete = true) {
  for ([[maybe_unused]] auto iteration : state) {
    IssuerSetSource source(pool);
    std::vector<IssuerSource*> sources{&source};
    const SearchResult result =
        search_chain(leaf.certificate, sources, line().profile, {.at = *parse_time("2026-01-01")});
    if (result.complete != complete) {
      state.SkipWithError("another result than expected");
      return;
    }
  }
}

void build_among_three(benchmark::State& state) {
  build(state, pool_of({make_root("CN=Other")}), line().leaf);
}
BENCHMARK(build_among_three)->Unit(benchmark::kMicrosecond);

void build_among_ten_thousand(benchmark::State& state) {
  build(state, pool_of(strangers()), line().leaf);
}
BENCHMARK(build_among_ten_thousand)->Unit(benchmark::kMicrosecond);

// A hundred certificates of the issuer's name, newer than the good one and so tried before it, and
// a leaf that does not say which one it means.
Identity leaf_without_key_id() {
  return issue({.subject = "CN=mail.example",
                .issuer = &line().lower,
                .basic_constraints = "",
                .authority = {.key_id = false}});
}

// Each with a key of its own: the signature of the leaf tells that they are not it.
const std::vector<Identity>& strange_decoys() {
  static const std::vector<Identity> kDecoys = [] {
    std::vector<Identity> decoys;
    for (int i = 0; i < 100; ++i) {
      decoys.push_back(issue({.subject = "CN=Lower",
                              .issuer = &line().upper,
                              .key = testing::make_rsa_key(2048),
                              .not_before = *parse_time("2021-01-01")}));
    }
    return decoys;
  }();
  return kDecoys;
}

// All with the key that signed the leaf, each by an authority that nobody knows: only the search
// above them tells.
std::vector<Identity> dead_ends() {
  std::vector<Identity> decoys;
  for (int i = 0; i < 100; ++i) {
    const Identity nobody = issue({.subject = "CN=Nobody " + std::to_string(i)});
    decoys.push_back(issue({.subject = "CN=Lower",
                            .issuer = &nobody,
                            .key = line().lower.key,
                            .not_before = *parse_time("2021-01-01")}));
  }
  return decoys;
}

void build_among_decoys(benchmark::State& state) {
  build(state, pool_of(strange_decoys()), leaf_without_key_id());
}
BENCHMARK(build_among_decoys)->Unit(benchmark::kMicrosecond);

void build_among_dead_ends(benchmark::State& state) {
  build(state, pool_of(dead_ends()), leaf_without_key_id());
}
BENCHMARK(build_among_dead_ends)->Unit(benchmark::kMicrosecond);

// The same two without the good one: it takes the whole search to say so.
void fail_among_decoys(benchmark::State& state) {
  build(state, set_of(strange_decoys()), leaf_without_key_id(), false);
}
BENCHMARK(fail_among_decoys)->Unit(benchmark::kMicrosecond);

void fail_among_dead_ends(benchmark::State& state) {
  build(state, set_of(dead_ends()), leaf_without_key_id(), false);
}
BENCHMARK(fail_among_dead_ends)->Unit(benchmark::kMicrosecond);

// Ten authorities that have all certified each other, none of them by a root.
void fail_in_a_dense_graph(benchmark::State& state) {
  constexpr int kCorners = 10;
  std::vector<Identity> corners;
  for (int i = 0; i < kCorners; ++i) {
    corners.push_back(issue({.subject = "CN=Corner " + std::to_string(i)}));
  }
  std::vector<Identity> edges;
  for (const Identity& subject : corners) {
    for (const Identity& issuer : corners) {
      edges.push_back(issue(
          {.subject = subject.certificate->subject(), .issuer = &issuer, .key = subject.key}));
    }
  }
  const Identity leaf =
      issue({.subject = "CN=mail.example", .issuer = &corners[0], .basic_constraints = ""});
  build(state, set_of(edges), leaf, false);
}
BENCHMARK(fail_in_a_dense_graph)->Unit(benchmark::kMicrosecond);

void load_ten_thousand(benchmark::State& state) {
  std::string text;
  for (const Identity& one : strangers()) {
    text += one.certificate->pem();
  }
  for ([[maybe_unused]] auto iteration : state) {
    Reading reading = read_certificates(as_bytes(text), "bundle.pem");
    std::vector<Candidate> candidates;
    for (FoundCertificate& found : reading.certificates) {
      candidates.push_back({std::move(found.certificate), Origin::bundle, found.file});
    }
    const IssuerSet set(std::move(candidates));
    if (set.size() != strangers().size()) {
      state.SkipWithError("certificates lost");
      return;
    }
  }
}
BENCHMARK(load_ten_thousand)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace chainmend::certs

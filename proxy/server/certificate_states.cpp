#include "proxy/server/certificate_states.h"

#include <algorithm>
#include <ranges>

#include "certs/certificate.h"
#include "proxy/serving/build_chains.h"

namespace chainmend::server {
namespace {

using metrics::CertificateState;

// The one of that name; a new one when there is none yet.
template <typename Named>
Named& of_name(std::vector<Named>& all, Named otherwise) {
  const auto found = std::ranges::find(all, otherwise.name, &Named::name);
  return found != all.end() ? *found : all.emplace_back(std::move(otherwise));
}

// What lies in the cache came by AIA.
std::string source_of(const certs::Candidate& link) {
  return certs::to_string(link.origin == certs::Origin::cache ? certs::Origin::aia : link.origin);
}

void merge(const serving::CertificateReport& report, CertificateState::Chain& chain) {
  const auto& links = report.chain.certificates;
  chain.complete = chain.complete && report.chain.complete;
  chain.length = std::min(chain.length, links.size());
  for (const certs::Candidate& link : links | std::views::drop(1)) {
    chain.sources.insert(source_of(link));
  }
}

}  // namespace

std::vector<CertificateState> certificate_states(
    const std::vector<serving::CertificateReport>& reports) {
  std::vector<CertificateState> states;
  for (const serving::CertificateReport& report : reports) {
    CertificateState& state = of_name(states, {report.name, certs::Time::max(), {}, {}});
    merge(report, of_name(state.chains, {report.chain_name, true, SIZE_MAX, {}}));
    const certs::Certificate& leaf = *report.chain.certificates.front().certificate;
    state.leaves.insert({leaf.common_name(), leaf.issuer_common_name(), report.key});
    state.not_after = std::min(state.not_after, leaf.not_after());
    if (report.chain_name != serving::kAutomaticChain) {
      continue;  // another chain may hold what has expired, for clients that want just that
    }
    for (const certs::Candidate& link : report.chain.certificates) {
      state.not_after = std::min(state.not_after, link.certificate->not_after());
    }
  }
  return states;
}

}  // namespace chainmend::server

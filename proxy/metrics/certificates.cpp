#include "proxy/metrics/certificates.h"

#include "proxy/metrics/family.h"

namespace chainmend::metrics {

Families<CertificateState> CertificateState::families() {
  using State = CertificateState;
  static constexpr Family<State> kFamilies[] = {
      {"certificate_not_after_timestamp_seconds",
       "When the first of the certificates served by default expires.", Type::gauge,
       [](const State& cert, Samples& out) {
         out.add(static_cast<double>(cert.not_after.time_since_epoch().count()));
       }},
      {"certificate_info", "1; the labels say which leaf is served.", Type::gauge,
       [](const State& cert, Samples& out) {
         for (const Leaf& leaf : cert.leaves) {
           out.add({{"subject_cn", leaf.subject_cn},
                    {"issuer_cn", leaf.issuer_cn},
                    {"key_type", leaf.key_type}},
                   1);
         }
       }},
  };
  return kFamilies;
}

Families<CertificateState::Chain> CertificateState::Chain::families() {
  static constexpr Family<Chain> kFamilies[] = {
      {"certificate_chain_complete",
       "1 when the chain leads to a trusted root, 0 when something is missing.", Type::gauge,
       [](const Chain& chain, Samples& out) { out.add(chain.complete ? 1.0 : 0.0); }},
      {"certificate_chain_length", "Certificates sent, the leaf included.", Type::gauge,
       [](const Chain& chain, Samples& out) { out.add(static_cast<double>(chain.length)); }},
      {"certificate_chain_source",
       "1 for each place that certificates sent after the leaf were found in.", Type::gauge,
       [](const Chain& chain, Samples& out) {
         for (const std::string& place : chain.sources) {
           out.add({{"source", place}}, 1);
         }
       }},
  };
  return kFamilies;
}

}  // namespace chainmend::metrics

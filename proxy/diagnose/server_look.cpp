#include "proxy/diagnose/server_look.h"

#include <memory>
#include <utility>

#include "proxy/metrics/metrics.h"
#include "proxy/tls/client_context.h"
#include "proxy/tls/policy.h"
#include "proxy/upstream/trial.h"

namespace chainmend::diagnose {

namespace {

// Accepts every certificate and keeps it. Used on one thread.
class Collector final : public tls::PeerVerifier {
 public:
  explicit Collector(std::vector<certs::CertificatePtr>& list) : list_(list) {}
  tls::Result<void> verify(const std::vector<certs::CertificatePtr>& list,
                           const std::string& /*host*/) const override {
    list_ = list;
    return {};
  }

 private:
  std::vector<certs::CertificatePtr>& list_;
};

}  // namespace

ServerLook look_at(const config::Server& server, const std::string& server_name,
                   std::chrono::milliseconds patience) {
  ServerLook look;
  metrics::Metrics metrics({"", ""});  // counted, and shown to nobody
  upstream::Upstream upstream;
  upstream.connect_timeout = upstream.handshake_timeout = patience;
  upstream::Peer& peer = upstream.peers.emplace_back();
  peer.server_name = server_name.empty() ? server.host : server_name;
  peer.server =
      std::make_shared<upstream::Server>(upstream::Address{server.text(), server.host, server.port},
                                         metrics.upstream_server("", server.text()));
  if (server.tls) {
    auto context =
        tls::ClientContext::create({.policy = *tls::find_builtin_policy(tls::kPolicyForServers),
                                    .verifier = std::make_shared<Collector>(look.list)});
    if (!context) {
      look.trouble = context.error().text;
      return look;
    }
    peer.tls = std::move(*context);
  }
  look.trouble = upstream::Trial().run(upstream, false).front().text;
  return look;
}

}  // namespace chainmend::diagnose

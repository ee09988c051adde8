// Listener: where clients come in, what they may speak, and where their requests go. Plain data, as
// config.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/client_certificate.h"
#include "config/network.h"
#include "config/types.h"
#include "proxy/enums/names.h"

namespace chainmend::config {

enum class HelloFormat { tls, sslv2 };
inline constexpr enums::Names<HelloFormat> kHelloFormatNames{"tls", "sslv2"};

// In the lists sni and alpn: the client said nothing there.
inline constexpr std::string_view kNone = "none";

// What a ClientHello, and where it came from, must be like. All that is given must hold; of a list
// one item must. Empty or unset: anything will do.
struct ClientMatch {
  std::vector<Network> source;
  std::vector<std::string> listener;
  std::vector<std::string> sni;  // lower case; "*.contoso.com"; or kNone
  std::optional<TlsVersion> offers_at_most;
  std::vector<std::uint16_t> suites;                     // no suite beside these
  std::optional<std::vector<std::uint16_t>> extensions;  // no extension beside these
  std::vector<std::string> ja3;                          // 32 lower-case hex digits
  std::vector<std::string> ja4;                          // * stands for any characters, or none
  std::vector<std::string> alpn;                         // or kNone
  std::optional<HelloFormat> hello_format;
  bool operator==(const ClientMatch&) const = default;
};

// What is different for clients of one type; what is unset is as for everyone.
struct ForClients {
  Located<std::string> client_type;                      // built-in or configured
  std::optional<Located<std::string>> policy;            // built-in or configured
  std::vector<Located<std::string>> certificates;        // as of Listener; empty: the listener's
  std::optional<Located<std::string>> chain;             // a variant of the certificates' chains
  std::optional<ClientCertificates> client_certificate;  // complete: the listener's filled in
  Location at;
};

// Clients whose TLS goes on to a server as it is. All that is given must hold, of a list one item.
struct Passthrough {
  ClientMatch match;                               // source and sni alone
  std::vector<Located<std::string>> client_types;  // built-in or configured; empty: any
  std::string upstream;
  Location at;
};

enum class Mode {
  http,
  tcp,
  passthrough,  // TLS does not end here
};
inline constexpr enums::Names<Mode> kModeNames{"http", "tcp", "passthrough"};
constexpr const char* to_string(Mode mode) { return kModeNames[mode]; }

// Whether messages name this proxy in a Via field (RFC 9110 7.6.3).
enum class Via {
  automatic,  // not where IIS would ask for NTLM again because of it
  on,
  off,
};
inline constexpr enums::Names<Via> kViaNames{"auto", "on", "off"};

struct ListenerTimeouts {
  Milliseconds first_byte{10'000};
  Milliseconds handshake{20'000};     // whole handshake
  Milliseconds head{30'000};          // first byte to last byte of a request head
  Milliseconds keep_alive{600'000};   // between requests
  Milliseconds response{120'000};     // whole request to first byte of the answer
  Milliseconds client_idle{120'000};  // between bytes of a request's body
  Milliseconds server_idle{120'000};  // between bytes of an answer
  bool operator==(const ListenerTimeouts&) const = default;
};

// Of messages, in either direction.
struct MessageLimits {
  std::size_t head = 65'536;  // bytes
  std::size_t fields = 128;
  // Bytes per second: a body that comes, or an answer that is taken, more slowly than that is cut.
  // Only the time counts in which nothing but the client is waited for. Unset: as slow as idle
  // times allow.
  std::optional<std::size_t> request_rate;
  std::optional<std::size_t> answer_rate = 240;
  bool operator==(const MessageLimits&) const = default;
};

// What one route has otherwise. Those of the listener are filled in where they are left out; those
// of the upstream (connect, handshake) stay unset.
struct RouteTimeouts {
  std::optional<Milliseconds> connect, handshake, response, client_idle, server_idle;
};

// Fields of a head that are set, replacing what is there, and removed.
struct HeaderChanges {
  std::vector<std::pair<std::string, std::string>> set;
  std::vector<std::string> remove;
};

// Where a redirect leads; what is empty is as in the request.
struct Redirect {
  std::string scheme = "https";
  std::string host;  // with port, when it is not the usual one
  std::string path;  // with query
};

inline constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

struct Route {
  // Which requests it is for. In modes tcp and passthrough all of them.
  std::string path = "/";            // prefix, compared without regard to case
  std::vector<std::string> hosts;    // lower case, "*.contoso.com"; empty: any
  std::vector<std::string> methods;  // empty: any
  // What is done with them: one of the three.
  std::string upstream;
  std::optional<Redirect> redirect;
  unsigned status = 0;  // of the redirect or of an answer of our own

  HeaderChanges request_headers, response_headers;
  RouteTimeouts timeouts;
  std::uint64_t max_body = kNoLimit;           // bytes
  std::optional<Milliseconds> continue_after;  // unset: 100 Continue is the server's to say
  std::optional<Via> via;                      // always set once the listener is read
  bool requires_certificate = false;           // of the client; 403 without
  std::optional<IdentityHeaders> to_upstream;  // likewise always set
  bool of_exchange = false;                    // one that `preset: exchange` stands for
  Location at;

  // "/ews", "mail.contoso.com/ews", "GET /": its label in logs and metrics.
  std::string text() const;
};

struct Listener {
  std::string name;
  Location at;
  std::vector<Located<Endpoint>> listen;
  Mode mode = Mode::http;
  bool tls = true;  // it ends here; false: plain HTTP or TCP, or passed through
  std::vector<Located<std::string>>
      certificates;  // names; first serves clients without SNI; empty iff !tls
  Located<std::string> policy{"intermediate", {}};
  // Names of the profiles whose clients the chains must suit, beside chain.trust.
  std::vector<Located<std::string>> trust_profiles;
  std::vector<ForClients> for_clients;         // at most one per client type
  ClientCertificates client_certificate;       // that is asked for; `never` unless tls
  std::optional<IdentityHeaders> to_upstream;  // for routes that say nothing else
  std::vector<Passthrough> passthrough;        // the first that fits wins; empty unless tls
  ListenerTimeouts timeouts;
  MessageLimits limits;
  std::optional<std::size_t> max_connections;  // unset: those of the process
  std::vector<Network> trusted_sources;  // whose PROXY headers and claims about clients we believe
  bool proxy_protocol = false;           // expected from trusted sources
  bool forwarded = false;                // write Forwarded (RFC 7239) too
  Via via = Via::automatic;
  // Those of its own, or the listener's.
  const std::vector<Located<std::string>>& certificates_of(const ForClients& some) const {
    return some.certificates.empty() ? certificates : some.certificates;
  }

  // At least one, presets expanded. Of those that fit, the one that says most wins: host before
  // path before method. `upstream:` is the route for "/", and the only one in modes tcp and
  // passthrough.
  std::vector<Route> routes;
};

}  // namespace chainmend::config

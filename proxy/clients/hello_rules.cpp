// The built-in rules: who says hello like this.
#include "proxy/clients/classifier.h"

namespace chainmend::clients {
namespace {

Classification by_version(const ClientHello& hello) {
  // The names are built in, so none of these adds one.
  static const ClientType kTls10Type = ClientType::named("unknown_tls10");
  static const ClientType kTls11Type = ClientType::named("unknown_tls11");
  static const ClientType kTls12Type = ClientType::named("unknown_tls12");
  static const ClientType kTls13Type = ClientType::named("unknown_tls13");
  const std::uint16_t version = hello.max_version();
  const ClientType type = version <= kTls10   ? kTls10Type
                          : version == kTls11 ? kTls11Type
                          : version == kTls12 ? kTls12Type
                                              : kTls13Type;
  return {type, Confidence::none, "version"};
}

}  // namespace

Classification classify_hello(const ClientHello& hello, const Fingerprints& /*prints*/) {
  return by_version(hello);
}

}  // namespace chainmend::clients

// The readers of a server's messages, on what OpenSSL says and on what no honest server says.
#include "proxy/tls/server_flight.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <string>

#include "proxy/clients/client_hello.h"
#include "proxy/tls/probe.h"
#include "proxy/tls/record_reader.h"

namespace chainmend::tls {
namespace {

using certs::Bytes;
using certs::ByteView;

struct Flight {
  std::optional<ServerHello> hello;
  ServerList list;
  std::optional<KeyExchange> exchange;
  std::optional<CertificateRequest> request;
};

// What an OpenSSL server answers to an OpenSSL client that offers this version and these suites.
Flight openssl_says(std::uint16_t version, const char* suites, bool ask_for_certificate = false) {
  const SslCtxPtr server_context = make_probe_server();
  const SslCtxPtr client_context = make_probe_client();
  SSL_CTX_set_min_proto_version(client_context.get(), version);
  SSL_CTX_set_max_proto_version(client_context.get(), version);
  SSL_CTX_set_cipher_list(client_context.get(), suites);
  if (ask_for_certificate) {
    SSL_CTX_set_verify(server_context.get(), SSL_VERIFY_PEER, nullptr);
    auto* names = sk_X509_NAME_new_null();
    sk_X509_NAME_push(
        names,
        X509_NAME_dup(X509_get_subject_name(SSL_CTX_get0_certificate(server_context.get()))));
    SSL_CTX_set_client_CA_list(server_context.get(), names);
  }
  const SslPtr server(SSL_new(server_context.get()));
  const SslPtr client(SSL_new(client_context.get()));
  BIO* hello = BIO_new(BIO_s_mem());
  BIO* answer = BIO_new(BIO_s_mem());
  SSL_set_bio(client.get(), BIO_new(BIO_s_mem()), hello);
  BIO_up_ref(hello);
  SSL_set_bio(server.get(), hello, answer);
  SSL_set_connect_state(client.get());
  SSL_set_accept_state(server.get());
  SSL_do_handshake(client.get());
  SSL_do_handshake(server.get());

  char* data = nullptr;
  const long size = BIO_get_mem_data(answer, &data);
  ByteView bytes(reinterpret_cast<const std::uint8_t*>(data), static_cast<std::size_t>(size));
  Flight flight;
  RecordReader reader(RecordReader::Keep::flight);
  for (;;) {
    const RecordEvent event = reader.next(bytes);
    if (event.kind == RecordEvent::Kind::none) {
      return flight;
    }
    if (event.kind != RecordEvent::Kind::message) {
      continue;
    }
    switch (event.message) {
      case MessageType::server_hello:
        flight.hello = read_server_hello(reader.body());
        break;
      case MessageType::certificate:
        flight.list = read_certificate_list(reader.body());
        break;
      case MessageType::server_key_exchange:
        flight.exchange =
            read_server_key_exchange(reader.body(), std::string_view(suites).starts_with("ECDHE"));
        break;
      case MessageType::certificate_request:
        flight.request = read_certificate_request(reader.body(), version);
        break;
      default:
        break;
    }
  }
}

TEST(ServerFlight, OfTls10WithStaticRsa) {
  const Flight flight = openssl_says(clients::kTls10, "AES128-SHA");
  ASSERT_TRUE(flight.hello);
  EXPECT_EQ(flight.hello->version, clients::kTls10);
  EXPECT_EQ(flight.hello->suite, 0x002f);
  EXPECT_FALSE(flight.hello->retry);
  EXPECT_EQ(flight.list.state, ServerList::State::whole);
  EXPECT_EQ(flight.list.certificates.size(), 1);
  EXPECT_FALSE(flight.exchange);
  EXPECT_FALSE(flight.request);
}

TEST(ServerFlight, TellsTheCurve) {
  const Flight flight = openssl_says(clients::kTls12, "ECDHE-RSA-AES128-GCM-SHA256");
  ASSERT_TRUE(flight.exchange);
  EXPECT_EQ(flight.exchange->group, 29);  // x25519, the first of OpenSSL's
  EXPECT_EQ(flight.exchange->dh_bits, 0);
}

TEST(ServerFlight, TellsTheSizeOfTheDiffieHellmanGroup) {
  const Flight flight = openssl_says(clients::kTls12, "DHE-RSA-AES128-GCM-SHA256");
  ASSERT_TRUE(flight.exchange);
  EXPECT_EQ(flight.exchange->group, 0);
  EXPECT_GE(flight.exchange->dh_bits, 2048);
}

TEST(ServerFlight, OfTls13HasItsVersionAndGroupInExtensions) {
  const Flight flight = openssl_says(clients::kTls13, "ALL");
  ASSERT_TRUE(flight.hello);
  EXPECT_EQ(flight.hello->version, clients::kTls13);
  EXPECT_EQ(flight.hello->group, 29);
  EXPECT_TRUE(flight.hello->has_extension(43));
  EXPECT_EQ(flight.list.state, ServerList::State::unseen);
}

TEST(ServerFlight, TellsWhichClientCertificatesAreAskedFor) {
  for (const std::uint16_t version : {clients::kTls10, clients::kTls12}) {
    const Flight flight = openssl_says(version, "AES128-SHA", true);
    ASSERT_TRUE(flight.request) << version;
    EXPECT_FALSE(flight.request->types.empty());
    EXPECT_EQ(flight.request->signature_algorithms.empty(), version != clients::kTls12);
    ASSERT_EQ(flight.request->names.size(), 1);
    EXPECT_EQ(flight.request->name_count, 1);
    EXPECT_EQ(flight.request->names_size, flight.request->names.front().size() + 2);
  }
}

TEST(ServerFlight, CountsNamesThatItDoesNotKeep) {
  Bytes body = {1, 1};  // one certificate type
  constexpr std::size_t kCount = 1000;
  body.push_back(kCount * 3 >> 8);
  body.push_back(kCount * 3 & 0xff);
  for (std::size_t i = 0; i < kCount; ++i) {
    body.insert(body.end(), {0, 1, 0x30});
  }
  const auto request = read_certificate_request(body, clients::kTls10);
  ASSERT_TRUE(request);
  EXPECT_EQ(request->name_count, kCount);
  EXPECT_EQ(request->names.size(), CertificateRequest::kMaxNames);
  EXPECT_EQ(request->names_size, kCount * 3);
}

TEST(ServerFlight, ThatIsCutAnywhereIsMalformed) {
  Bytes hello = {3, 3};
  hello.resize(34, 7);  // random
  hello.insert(hello.end(), {0, 0, 0x2f, 0, 0, 5, 0xff, 1, 0, 1, 0});
  ASSERT_TRUE(read_server_hello(hello));
  for (std::size_t size = 0; size < hello.size(); ++size) {
    const bool before_extensions = size == 38;  // a hello may end there (RFC 5246 7.4.1.3)
    EXPECT_EQ(read_server_hello(ByteView(hello).first(size)).has_value(), before_extensions)
        << size;
  }
  hello.push_back(0);
  EXPECT_FALSE(read_server_hello(hello)) << "a byte too many";

  const Bytes request = {1, 1, 0, 2, 4, 1, 0, 4, 0, 2, 0x30, 0};
  ASSERT_TRUE(read_certificate_request(request, clients::kTls12));
  for (std::size_t size = 0; size < request.size(); ++size) {
    EXPECT_FALSE(read_certificate_request(ByteView(request).first(size), clients::kTls12)) << size;
  }
}

}  // namespace
}  // namespace chainmend::tls

// ClientStack: what the TLS library of a built-in client type speaks, as plain data. From a row a
// hello like the client's own is made (make_hello.h), and by such a hello tls::connects() tells
// whether a policy and a certificate serve the client.
//
// Every hello here was published, or the row says what of it is assumed. JA3 and JA4 of the hellos
// equal the published ones (tests/proxy/clients/stacks_test.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "proxy/clients/client_hello.h"

namespace chainmend::clients {

struct ClientStack {
  std::string_view name;      // of the row: "windows_10_schannel"
  std::string_view type;      // the built-in client type that says hello like this
  std::string_view software;  // for people: "Java 7"
  // What classify_hello calls it. The type, except where only use tells the type (KnownBy::use).
  std::string_view hello_type;
  std::string_view source;   // where the hello was published
  std::string_view assumed;  // what of the row nobody published; empty: nothing

  HelloFormat format = HelloFormat::tls;
  std::uint16_t record_version = kTls10;
  std::uint16_t version = kTls10;           // client_version: the best one up to TLS 1.2
  std::vector<std::uint16_t> versions;      // extension 43, as sent; empty: not sent
  std::vector<std::uint16_t> suites;        // as sent: in order, with GREASE and signals
  std::vector<std::uint16_t> extensions;    // likewise; without 0 it names no server
  std::vector<std::uint16_t> groups;        // extension 10, as sent
  std::vector<std::uint8_t> point_formats;  // extension 11
  std::vector<std::uint16_t> signatures;    // extension 13, as sent
  std::vector<std::string_view> alpn;       // extension 16

  // What it does with certificates, which no hello tells.
  bool fetches_aia = false;   // gets a missing intermediate by itself
  bool needs_order = false;   // takes only a list in which each certificate signs the one before
  unsigned max_rsa_bits = 0;  // of keys it can verify; 0: no limit is known
  unsigned max_dh_bits = 0;   // of groups for DHE suites; likewise
  unsigned max_digest_bits = 512;  // of the hash in a certificate's signature: 256 is SHA-256
  // What it refuses by a rule of its own, although it could verify it.
  unsigned min_rsa_bits = 0;             // of any key in the list
  unsigned min_digest_bits = 0;          // of the hash in any signature of the list
  std::size_t max_certificates = 0;      // in the list; 0: no limit is known
  bool needs_alternative_names = false;  // looks for names in subjectAltName alone

  bool names_server() const;
};

// Several rows may have one type: its versions differ in what they speak. Oldest first.
const std::vector<ClientStack>& client_stacks();

// By the name of the row. Null: there is none.
const ClientStack* find_client_stack(std::string_view name);
// The rows of a client type; empty: its TLS library is not known.
std::vector<const ClientStack*> stacks_of(std::string_view type);

}  // namespace chainmend::clients

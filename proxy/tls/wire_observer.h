// WireObserver: what can be seen of a TLS handshake between others from the bytes that pass, as a
// HandshakeTrace that explain() judges like one of our own; "sent" is what the server sent. Pure
// and passive: bytes of each direction in, in pieces of any size, each piece before it is passed on
// (so that nothing answers what was not seen yet). Lives on its connection's thread. The sources
// are RFC 5246 7, RFC 8446 4 to 6 and appendix D.4, and RFC 5246 appendix E.2 for hellos in SSLv2
// format.
//
// Up to TLS 1.2 everything is in the clear until the two ChangeCipherSpecs: hello, certificate
// list, key exchange, alerts. Completed: both sides sent ChangeCipherSpec and an encrypted
// handshake record. Not known: the code of an alert behind ChangeCipherSpec. Before completion it
// is kSealedAlert; after it, it could be a mere close_notify and is taken for one: such a handshake
// stays completed_unused, never alert_after_finished.
//
// In TLS 1.3 everything behind ServerHello is encrypted and looks like application data. What is
// what is told by sizes: an alert takes 3 bytes and the tag of the suite, Finished a hash more
// than 5. A client without a certificate answers with Finished alone: completed. One that sends
// more than that has a certificate, which the server may refuse: completed when the server's next
// record is no alert, or when it leaves after its Finished. Alerts are kSealedAlert, but for those
// of clients that encrypt nothing before they have checked the certificate, as OpenSSL's do. A
// client that pads its records and then leaves before the server said anything looks like one that
// gave up. Early data (RFC 8446 4.2.10) is passed over: there only Finished by itself completes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "certs/bytes.h"
#include "proxy/tls/explain.h"
#include "proxy/tls/record_reader.h"
#include "proxy/tls/server_flight.h"

namespace chainmend::tls {

class WireObserver {
 public:
  explicit WireObserver(const clients::Address& peer);
  WireObserver(const WireObserver&) = delete;
  WireObserver& operator=(const WireObserver&) = delete;

  void from_client(certs::ByteView bytes);
  void from_server(certs::ByteView bytes);
  // Nothing more comes from there. The first that is told counts, and only while it matters.
  void client_ended(bool reset);
  void server_ended();
  void timed_out();

  const HandshakeTrace& trace() const { return trace_; }
  // Everything that came until it was known whether it is a hello (trace().flight); that is less
  // than clients::kMaxFirstFlight and the last piece.
  certs::ByteView first_flight() const { return first_flight_; }
  void forget_first_flight() { first_flight_ = {}; }

  // Nothing that may still come can change what explain() says.
  bool settled() const { return failed_ || (trace_.completed && trace_.application_bytes > 0); }
  // The client has answered what the server said: both do speak TLS with each other.
  bool answered() const { return trace_.completed || trace_.stage > Stage::server_flight; }
  // What the server sends may still matter.
  bool wants_server() const { return !failed_ && !trace_.completed; }
  const ServerList& server_list() const { return server_list_; }
  ServerList take_server_list() {
    return {server_list_.state, std::move(server_list_.certificates)};
  }

 private:
  // What there is in a record of TLS 1.3, by its size.
  struct Sizes {
    std::size_t alert = 0;
    std::size_t finished = 0;
  };

  void read_hello();
  void read_client(certs::ByteView bytes);
  void read_server(certs::ByteView bytes);
  void note_client_message(const RecordEvent& event);
  void note_server_message(const RecordEvent& event);
  void note_server_hello(certs::ByteView body);
  void note_server_list(const RecordEvent& event);
  void note_client_alert(std::uint8_t level, std::uint8_t code);
  void note_server_alert(std::uint8_t level, std::uint8_t code);
  void note_client_record(RecordType type, std::size_t size);
  void note_server_record(RecordType type, std::size_t size);
  void note_sealed_client_record(std::size_t size);  // TLS 1.3
  void note_sealed_server_record(std::size_t size);
  void complete_when_both_finished();
  bool is_tls13() const { return trace_.version >= clients::kTls13; }

  HandshakeTrace trace_;
  std::vector<std::uint8_t> first_flight_;
  RecordReader client_{RecordReader::Keep::nothing};
  RecordReader server_{RecordReader::Keep::certificates};
  ServerList server_list_;
  Sizes sizes_;
  bool failed_ = false;
  bool early_data_ = false;
  bool full_flight_ =
      false;  // the server showed certificates, or the end of a flight that has them
  bool client_finished_ = false;
  bool server_finished_ = false;
  std::size_t client_records_ = 0;  // of TLS 1.3, encrypted
  std::size_t finished_at_ = 0;     // which of them was a Finished by itself; 0: none
};

}  // namespace chainmend::tls

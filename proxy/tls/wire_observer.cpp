#include "proxy/tls/wire_observer.h"

#include <algorithm>
#include <utility>

#include "proxy/clients/fingerprint.h"

namespace chainmend::tls {
namespace {

using certs::ByteView;
using Kind = RecordEvent::Kind;

constexpr std::uint8_t kFatal = 2;
constexpr std::uint8_t kCloseNotify = 0;
constexpr std::size_t kEmptyList = 3;  // bytes: its length alone
constexpr std::uint16_t kEarlyData = 42;

std::size_t sslv2_hello_size(ByteView bytes) {
  return 2 + (static_cast<std::size_t>(bytes[0] & 0x7f) << 8 | bytes[1]);
}

}  // namespace

WireObserver::WireObserver(const clients::Address& peer) {
  trace_.peer = peer;
  trace_.passed_through = true;
}

void WireObserver::from_client(ByteView bytes) {
  if (settled()) {
    return;
  }
  if (!trace_.completed) {
    trace_.bytes_received += bytes.size();
  }
  if (trace_.flight == clients::FlightKind::hello) {
    read_client(bytes);
  } else if (trace_.flight == clients::FlightKind::need_more) {
    first_flight_.insert(first_flight_.end(), bytes.begin(), bytes.end());
    read_hello();
  }
}

void WireObserver::from_server(ByteView bytes) {
  if (wants_server()) {
    read_server(bytes);
  }
}

void WireObserver::client_ended(bool reset) {
  if (!settled()) {
    trace_.completed = trace_.completed || finished_at_ > 0;
    trace_.eof = !reset;
    trace_.reset = reset;
    failed_ = true;
  }
}

void WireObserver::server_ended() {
  if (!settled()) {
    trace_.server_failed = !trace_.completed;
    failed_ = true;
  }
}

void WireObserver::timed_out() {
  if (!settled()) {
    trace_.timed_out = true;
    // Whoever's turn it was.
    trace_.server_failed =
        trace_.flight == clients::FlightKind::hello && trace_.stage == Stage::hello;
    failed_ = true;
  }
}

void WireObserver::read_hello() {
  clients::FirstFlight flight = clients::parse_client_hello(first_flight_);
  trace_.flight = flight.kind;
  if (flight.kind != clients::FlightKind::hello) {
    return;
  }
  trace_.offered_max_version = flight.hello.max_version();
  trace_.ja4 = clients::ja4(flight.hello);
  early_data_ = flight.hello.has_extension(kEarlyData);
  const bool sslv2 = flight.hello.format == clients::HelloFormat::sslv2;
  trace_.hello = std::make_shared<const clients::ClientHello>(std::move(flight.hello));
  read_client(ByteView(first_flight_).subspan(sslv2 ? sslv2_hello_size(first_flight_) : 0));
}

void WireObserver::read_client(ByteView bytes) {
  while (!settled()) {
    const RecordEvent event = client_.next(bytes);
    switch (event.kind) {
      case Kind::none:
        return;
      case Kind::message:
        note_client_message(event);
        break;
      case Kind::alert:
        note_client_alert(event.level, event.code);
        break;
      case Kind::record:
        note_client_record(event.record, event.size);
        break;
      case Kind::broken:
        return;  // the server will say so
    }
  }
}

void WireObserver::read_server(ByteView bytes) {
  while (wants_server()) {
    const RecordEvent event = server_.next(bytes);
    switch (event.kind) {
      case Kind::none:
        return;
      case Kind::message:
        note_server_message(event);
        break;
      case Kind::alert:
        note_server_alert(event.level, event.code);
        break;
      case Kind::record:
        note_server_record(event.record, event.size);
        break;
      case Kind::broken:
        server_ended();  // it speaks no TLS
        return;
    }
  }
}

void WireObserver::note_client_message(const RecordEvent& event) {
  if (event.message == MessageType::client_key_exchange ||
      event.message == MessageType::certificate) {
    trace_.stage = std::max(trace_.stage, Stage::client_key);
  }
  if (event.message == MessageType::certificate) {
    trace_.client_certificate_shown = event.size > kEmptyList;
  }
}

void WireObserver::note_server_message(const RecordEvent& event) {
  switch (event.message) {
    case MessageType::server_hello:
      trace_.stage = std::max(trace_.stage, Stage::server_flight);
      note_server_hello(event.kept ? ByteView(server_.body()) : ByteView());
      break;
    case MessageType::certificate:
      full_flight_ = true;
      note_server_list(event);
      break;
    case MessageType::certificate_request:
      trace_.client_certificate_asked = true;
      break;
    case MessageType::server_hello_done:
      full_flight_ = true;
      break;
    default:
      break;
  }
}

void WireObserver::note_server_hello(ByteView body) {
  const std::optional<ServerHello> hello = read_server_hello(body);
  if (!hello) {
    return;  // the client will say so
  }
  trace_.version = hello->version;
  if (is_tls13() && !hello->retry) {
    trace_.resumed = hello->resumed;
    const std::size_t tag = hello->suite == 0x1305 ? 8 : 16;    // TLS_AES_128_CCM_8_SHA256
    const std::size_t hash = hello->suite == 0x1302 ? 48 : 32;  // TLS_AES_256_GCM_SHA384
    sizes_ = {2 + 1 + tag, 4 + hash + 1 + tag};
  }
}

void WireObserver::note_server_list(const RecordEvent& event) {
  if (server_list_.state == ServerList::State::unseen) {
    server_list_ = event.kept ? read_certificate_list(server_.body())
                              : ServerList{ServerList::State::too_long, {}};
  }
}

void WireObserver::note_client_alert(std::uint8_t level, std::uint8_t code) {
  if (level == kFatal || code == kCloseNotify || code == kUserCanceled) {
    trace_.alert_received = Alert{AlertDirection::received, code};
    failed_ = true;
  }
}

void WireObserver::note_server_alert(std::uint8_t level, std::uint8_t code) {
  if (level == kFatal) {
    trace_.alert_sent = Alert{AlertDirection::sent, code};
    failed_ = true;
  }
}

void WireObserver::note_client_record(RecordType type, std::size_t size) {
  if (trace_.version == 0) {
    return;  // nothing was answered yet: what is encrypted is early data
  }
  if (is_tls13()) {
    if (type == RecordType::application_data) {
      note_sealed_client_record(size);
    }
  } else if (type == RecordType::change_cipher_spec) {
    client_.seal();
  } else if (client_.sealed() && type == RecordType::handshake) {
    client_finished_ = true;
    trace_.stage = Stage::finished;
    complete_when_both_finished();
  } else if (client_.sealed() && type == RecordType::alert && !trace_.completed) {
    note_client_alert(kFatal, kSealedAlert);
  } else if (type == RecordType::application_data) {
    trace_.application_bytes += size;  // before the end, when the client starts falsely (RFC 7918)
  }
}

void WireObserver::note_server_record(RecordType type, std::size_t size) {
  if (is_tls13()) {
    if (type == RecordType::application_data) {
      note_sealed_server_record(size);
    }
  } else if (type == RecordType::change_cipher_spec) {
    server_.seal();
    trace_.resumed = !full_flight_;
  } else if (server_.sealed() && type == RecordType::handshake) {
    server_finished_ = true;
    complete_when_both_finished();
  } else if (server_.sealed() && type == RecordType::alert) {
    note_server_alert(kFatal, kSealedAlert);
  }
}

void WireObserver::complete_when_both_finished() {
  trace_.completed = trace_.completed || (client_finished_ && server_finished_);
}

void WireObserver::note_sealed_client_record(std::size_t size) {
  if (size == sizes_.alert && (trace_.completed || finished_at_ > 0)) {
    return;  // most likely the close_notify of a client that had nothing to say
  }
  if (trace_.completed) {
    trace_.application_bytes += size;
    return;
  }
  if (size == sizes_.alert && !early_data_) {
    note_client_alert(kFatal, kSealedAlert);
    return;
  }
  ++client_records_;
  if (size == sizes_.finished && finished_at_ == 0) {
    finished_at_ = client_records_;
    trace_.stage = Stage::finished;
    trace_.completed = client_records_ == 1 || early_data_;
  } else if (!early_data_) {
    trace_.stage = std::max(trace_.stage, Stage::client_key);
  }
}

// Behind its own flight the server speaks only when it has that of the client.
void WireObserver::note_sealed_server_record(std::size_t size) {
  if (size == sizes_.alert) {
    note_server_alert(kFatal, kSealedAlert);
  } else if (client_records_ > 0 && !early_data_) {
    trace_.completed = true;
    // Without a Finished by itself all of the client's flight was one record.
    trace_.application_bytes += client_records_ > std::max<std::size_t>(finished_at_, 1) ? 1 : 0;
  }
}

}  // namespace chainmend::tls

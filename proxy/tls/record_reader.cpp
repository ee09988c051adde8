#include "proxy/tls/record_reader.h"

#include <algorithm>

#include "proxy/clients/byte_reader.h"

namespace chainmend::tls {
namespace {

using certs::ByteView;
using Kind = RecordEvent::Kind;

constexpr std::size_t kMaxContent = 16384 + 2048;  // RFC 5246 6.2.3; the longest of all versions

}  // namespace

RecordEvent RecordReader::next(ByteView& bytes) {
  while (!broken_ && (!bytes.empty() || (header_size_ == kRecordHeader && left_ == 0))) {
    if (!read_record_header(bytes)) {
      break;
    }
    if (!header_is_sane()) {
      broken_ = true;
      return {.kind = Kind::broken};
    }
    const auto type = static_cast<RecordType>(header_[0]);
    if (!opaque_ && (type == RecordType::handshake || type == RecordType::alert)) {
      const RecordEvent event =
          type == RecordType::handshake ? read_handshake(bytes) : read_alert(bytes);
      if (event.kind != Kind::none) {
        return event;
      }
    } else {
      const std::size_t skipped = std::min(left_, bytes.size());
      bytes = bytes.subspan(skipped);
      left_ -= skipped;
    }
    if (left_ == 0) {
      header_size_ = 0;
      const auto size = static_cast<std::size_t>(header_[3] << 8 | header_[4]);
      return {.kind = Kind::record, .record = type, .size = size};
    }
  }
  bytes = {};
  return {};
}

bool RecordReader::read_record_header(ByteView& bytes) {
  if (header_size_ == kRecordHeader) {
    return true;
  }
  while (header_size_ < kRecordHeader && !bytes.empty()) {
    header_[header_size_++] = bytes.front();
    bytes = bytes.subspan(1);
  }
  if (header_size_ < kRecordHeader) {
    return false;
  }
  left_ = static_cast<std::size_t>(header_[3] << 8 | header_[4]);
  opaque_ = sealed_;
  return true;
}

bool RecordReader::header_is_sane() const {
  return header_[0] >= static_cast<std::uint8_t>(RecordType::change_cipher_spec) &&
         header_[0] <= static_cast<std::uint8_t>(RecordType::heartbeat) && header_[1] == 3 &&
         (header_[3] << 8 | header_[4]) <= static_cast<int>(kMaxContent);
}

std::uint8_t RecordReader::take_byte(ByteView& bytes) {
  const std::uint8_t byte = bytes.front();
  bytes = bytes.subspan(1);
  --left_;
  return byte;
}

RecordEvent RecordReader::read_handshake(ByteView& bytes) {
  while (left_ > 0 && !bytes.empty()) {
    if (start_size_ < kMessageHeader) {
      start_[start_size_++] = take_byte(bytes);
      if (start_size_ == kMessageHeader) {
        begin_message();
      }
    } else {
      const ByteView part = bytes.first(std::min({left_, message_left_, bytes.size()}));
      if (keeping_) {
        body_.insert(body_.end(), part.begin(), part.end());
      }
      bytes = bytes.subspan(part.size());
      left_ -= part.size();
      message_left_ -= part.size();
    }
    if (start_size_ == kMessageHeader && message_left_ == 0) {
      start_size_ = 0;
      return {.kind = Kind::message,
              .size = clients::ByteReader(ByteView(start_).subspan(1)).u24(),
              .message = static_cast<MessageType>(start_[0]),
              .kept = keeping_};
    }
  }
  return {};
}

void RecordReader::begin_message() {
  message_left_ = clients::ByteReader(ByteView(start_).subspan(1)).u24();
  keeping_ = message_left_ <= kMaxBody && keeps(static_cast<MessageType>(start_[0]));
  body_ = {};  // with its memory: there are two or three in a handshake
}

bool RecordReader::keeps(MessageType type) const {
  switch (type) {
    case MessageType::server_hello:
    case MessageType::certificate:
      return keep_ != Keep::nothing;
    case MessageType::server_key_exchange:
    case MessageType::certificate_request:
      return keep_ == Keep::flight;
    default:
      return false;
  }
}

RecordEvent RecordReader::read_alert(ByteView& bytes) {
  while (left_ > 0 && !bytes.empty()) {
    alert_[alert_size_++] = take_byte(bytes);
    if (alert_size_ == alert_.size()) {
      alert_size_ = 0;
      return {.kind = Kind::alert, .level = alert_[0], .code = alert_[1]};
    }
  }
  return {};
}

}  // namespace chainmend::tls

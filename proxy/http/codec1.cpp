#include "proxy/http/codec1.h"

#include <algorithm>

#include "proxy/http/characters.h"
#include "proxy/http/field_line.h"
#include "proxy/http/target.h"

namespace chainmend::http {
namespace {

// Lines of a head whose line ends HeadScanner has checked.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  std::string_view next() noexcept {
    const std::size_t end = rest_.find('\r');
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(rest_.size(), line.size() + 2));
    return line;
  }

 private:
  std::string_view rest_;
};

// Copies the bytes into the head's own memory and returns them there.
std::string_view keep(std::string_view bytes, MessageHead& head) {
  head.storage.assign(bytes.begin(), bytes.end());
  return {head.storage.data(), head.storage.size()};
}

// HTTP-version = "HTTP" "/" DIGIT "." DIGIT, capitals required (RFC 9112 2.3).
Parsed parse_version(std::string_view text, Version& version) noexcept {
  if (text.size() != 8 || !text.starts_with("HTTP/") || !is(text[5], kDigit) || text[6] != '.' ||
      !is(text[7], kDigit)) {
    return tl::unexpected(HeadFault::bad_version);
  }
  if (text[5] != '1') {
    return tl::unexpected(HeadFault::unsupported_version);
  }
  version = text[7] == '0' ? Version::http10 : Version::http11;
  return {};
}

// method SP request-target SP HTTP-version (RFC 9112 3). The version comes first: the rest of an
// HTTP/2 preface or of an HTTP/3 client's line is not for us to judge.
Parsed parse_request_line(std::string_view line, RequestHead& head) noexcept {
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || last <= first + 1) {
    return tl::unexpected(HeadFault::bad_start_line);
  }
  head.method = line.substr(0, first);
  head.target = line.substr(first + 1, last - first - 1);
  if (head.method.empty() || !all_of(head.method, kToken)) {
    return tl::unexpected(HeadFault::bad_method);
  }
  if (auto parsed = parse_version(line.substr(last + 1), head.version); !parsed) {
    return parsed;
  }
  if (head.method == "CONNECT") {
    const auto authority = parse_authority(head.target);
    const bool well_formed = authority && authority->port;
    return tl::unexpected(well_formed ? HeadFault::connect_refused : HeadFault::bad_target);
  }
  return parse_target(head);
}

// HTTP-version SP status-code SP [reason-phrase] (RFC 9112 4). Without a reason the second SP may
// be missing too.
Parsed parse_status_line(std::string_view line, ResponseHead& head) noexcept {
  if (line.size() < 9 || line[8] != ' ') {
    return tl::unexpected(HeadFault::bad_start_line);
  }
  if (auto parsed = parse_version(line.substr(0, 8), head.version); !parsed) {
    return parsed;
  }
  const std::string_view rest = line.substr(9);
  const std::string_view digits = rest.substr(0, rest.find(' '));
  if (digits.size() != 3 || !all_of(digits, kDigit) || digits[0] < '1' || digits[0] > '5') {
    return tl::unexpected(HeadFault::bad_status);
  }
  head.status =
      static_cast<unsigned>((digits[0] - '0') * 100 + (digits[1] - '0') * 10 + (digits[2] - '0'));
  head.reason = rest.substr(std::min<std::size_t>(4, rest.size()));
  return {};
}

// Coding lists of all Transfer-Encoding lines, joined (RFC 9112 6.1).
struct TransferCodings {
  bool present = false;
  bool chunked = false;  // seen
  bool chunked_last = false;
  bool others = false;
  bool malformed = false;  // chunked twice, or an empty element

  void add(std::string_view value) noexcept {
    present = true;
    ListReader list(value);
    for (std::string_view coding; list.next(coding);) {
      chunked_last = same_name(coding, "chunked");
      malformed |= coding.empty() || (chunked_last && chunked);
      chunked |= chunked_last;
      others |= !chunked_last;
    }
  }
};

// What the framing and connection fields said, gathered from the field lines.
struct Gathered {
  unsigned content_lengths = 0;
  unsigned hosts = 0;
  unsigned upgrades = 0;
  unsigned max_forwards = 0;
  std::string_view content_length, host, upgrade, max_forwards_value;
  bool expects_continue = false;
  bool close = false;
  bool keep_alive = false;
  TransferCodings codings;
};

// False when Connection lists more than a head may have fields.
bool add_connection_options(std::string_view value, std::size_t limit, MessageHead& head,
                            Gathered& gathered) {
  ListReader list(value);
  for (std::string_view option; list.next(option);) {
    if (option.empty()) {
      continue;
    }
    if (head.connection_options.size() == limit) {
      return false;
    }
    head.connection_options.push_back(option);
    gathered.close |= same_name(option, "close");
    gathered.keep_alive |= same_name(option, "keep-alive");
  }
  return true;
}

Parsed parse_fields(Lines& lines, const HeadLimits& limits, MessageHead& head, Gathered& gathered) {
  for (std::string_view line = lines.next(); !line.empty(); line = lines.next()) {
    if (head.fields.size() == limits.fields) {
      return tl::unexpected(HeadFault::too_many_fields);
    }
    const auto field = parse_field_line(line);
    if (!field) {
      return tl::unexpected(field.error());
    }
    head.fields.push_back(*field);
    switch (field->id) {
      case FieldId::content_length:
        ++gathered.content_lengths;
        gathered.content_length = field->value;
        break;
      case FieldId::transfer_encoding:
        gathered.codings.add(field->value);
        break;
      case FieldId::host:
        ++gathered.hosts;
        gathered.host = field->value;
        break;
      case FieldId::connection:
        if (!add_connection_options(field->value, limits.fields, head, gathered)) {
          return tl::unexpected(HeadFault::too_many_fields);
        }
        break;
      case FieldId::upgrade:
        ++gathered.upgrades;
        gathered.upgrade = field->value;
        break;
      case FieldId::expect:
        gathered.expects_continue |= list_has(field->value, "100-continue");
        break;
      case FieldId::max_forwards:
        ++gathered.max_forwards;
        gathered.max_forwards_value = field->value;
        break;
      default:
        break;
    }
  }
  return {};
}

// RFC 9112 6: Content-Length, Transfer-Encoding, and never both. What the body is follows in the
// callers.
Parsed check_framing(const Gathered& gathered, MessageHead& head) noexcept {
  const TransferCodings& codings = gathered.codings;
  if (gathered.content_lengths > 0) {
    if (codings.present) {
      return tl::unexpected(HeadFault::length_and_chunked);
    }
    if (gathered.content_lengths > 1) {
      return tl::unexpected(HeadFault::repeated_content_length);
    }
    head.content_length = parse_number(gathered.content_length);
    if (!head.content_length) {
      return tl::unexpected(HeadFault::bad_content_length);
    }
    head.framing = Framing::of_length(*head.content_length);
    return {};
  }
  if (!codings.present) {
    return {};
  }
  if (head.version == Version::http10) {
    return tl::unexpected(HeadFault::transfer_encoding_in_http10);
  }
  if (codings.malformed || !codings.chunked_last) {
    return tl::unexpected(HeadFault::bad_transfer_encoding);
  }
  if (codings.others) {
    return tl::unexpected(HeadFault::unknown_transfer_coding);
  }
  head.framing = Framing::chunked();
  return {};
}

// RFC 9112 9.3, and RFC 9110 7.8 for Upgrade.
void set_connection_facts(const Gathered& gathered, MessageHead& head) noexcept {
  head.keep_alive = !gathered.close && (head.version == Version::http11 || gathered.keep_alive);
  if (gathered.upgrades == 1 && head.version == Version::http11 &&
      head.connection_lists("upgrade")) {
    head.upgrade = gathered.upgrade;
  }
}

// RFC 9112 3.2. With an absolute-form, Host must name the same server.
Parsed check_host(const Gathered& gathered, RequestHead& head) noexcept {
  if (gathered.hosts > 1) {
    return tl::unexpected(HeadFault::repeated_host);
  }
  if (gathered.hosts == 0) {
    return head.version == Version::http10 ? Parsed{} : tl::unexpected(HeadFault::missing_host);
  }
  const auto authority = parse_authority(gathered.host);
  if (!authority) {
    return tl::unexpected(HeadFault::bad_host);
  }
  if (head.form == TargetForm::absolute) {
    const std::uint16_t usual = head.https_target ? 443 : 80;
    const bool same = same_name(authority->host, head.host) &&
                      authority->port.value_or(usual) == head.port.value_or(usual);
    return same ? Parsed{} : tl::unexpected(HeadFault::host_mismatch);
  }
  head.authority = gathered.host;
  head.host = authority->host;
  head.port = authority->port;
  return {};
}

// Max-Forwards counts for these two methods only (RFC 9110 7.6.2).
Parsed check_max_forwards(const Gathered& gathered, RequestHead& head) noexcept {
  if (gathered.max_forwards == 0 || (head.method != "OPTIONS" && head.method != "TRACE")) {
    return {};
  }
  head.max_forwards = parse_number(gathered.max_forwards_value);
  const bool valid = gathered.max_forwards == 1 && head.max_forwards;
  return valid ? Parsed{} : tl::unexpected(HeadFault::bad_max_forwards);
}

// HTTP or TLS inside an upgraded connection: h2, h2c, HTTP/2.0, TLS/1.0.
bool offers_hidden_http(std::string_view upgrade) noexcept {
  ListReader list(upgrade);
  for (std::string_view protocol; list.next(protocol);) {
    const std::string_view name = protocol.substr(0, protocol.find('/'));
    if (same_name(name, "h2c") || same_name(name, "h2") || same_name(name, "http") ||
        same_name(name, "tls")) {
      return true;
    }
  }
  return false;
}

// Every protocol chosen was offered, and there is one.
bool upgrade_was_asked(std::string_view chosen, std::string_view offered) noexcept {
  ListReader list(chosen);
  for (std::string_view protocol; list.next(protocol);) {
    if (protocol.empty() || !list_has(offered, protocol)) {
      return false;
    }
  }
  return true;
}

// RFC 9112 6.3, the parts where status and method decide.
void set_response_framing(const RequestHead& request, ResponseHead& head) noexcept {
  const bool never_a_body = head.status < 200 || head.status == 204 || head.status == 304;
  if (never_a_body || request.is_head()) {
    // Bytes behind a 204 or 1xx that announced some would pass for the next answer: no reuse.
    const bool announced = head.framing.kind == Framing::Kind::chunked || head.framing.length > 0;
    if (announced && !request.is_head() && head.status != 304) {
      head.keep_alive = false;
    }
    head.framing = Framing::none();
  } else if (head.framing.kind == Framing::Kind::none) {
    head.framing = Framing::until_close();
    head.keep_alive = false;
  }
}

}  // namespace

Parsed parse_request(std::string_view bytes, const HeadLimits& limits, RequestHead& head) {
  head.clear();
  while (bytes.starts_with("\r\n")) {
    bytes.remove_prefix(2);
  }
  Lines lines(keep(bytes, head));
  Gathered gathered;
  auto parsed = parse_request_line(lines.next(), head);
  if (parsed) {
    parsed = parse_fields(lines, limits, head, gathered);
  }
  if (parsed) {
    parsed = check_framing(gathered, head);
  }
  if (parsed) {
    parsed = check_host(gathered, head);
  }
  if (parsed) {
    parsed = check_max_forwards(gathered, head);
  }
  set_connection_facts(gathered, head);
  if (offers_hidden_http(head.upgrade)) {
    head.upgrade = {};
  }
  head.expects_continue = gathered.expects_continue && head.version == Version::http11;
  return parsed;
}

Parsed parse_response(std::string_view bytes, const HeadLimits& limits, const RequestHead& request,
                      ResponseHead& head) {
  head.clear();
  Lines lines(keep(bytes, head));
  Gathered gathered;
  auto parsed = parse_status_line(lines.next(), head);
  if (parsed) {
    parsed = parse_fields(lines, limits, head, gathered);
  }
  if (parsed) {
    parsed = check_framing(gathered, head);
  }
  if (!parsed) {
    return parsed;
  }
  set_connection_facts(gathered, head);
  set_response_framing(request, head);
  if (head.status == 101 && !upgrade_was_asked(head.upgrade, request.upgrade)) {
    return tl::unexpected(HeadFault::unasked_upgrade);
  }
  return {};
}

}  // namespace chainmend::http

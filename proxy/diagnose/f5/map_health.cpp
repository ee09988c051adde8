// Of a pool: its monitors.
#include <algorithm>

#include "config/values.h"
#include "config/yaml_text.h"
#include "proxy/diagnose/f5/mapping.h"

namespace chainmend::diagnose::f5 {

namespace {

struct Request {
  std::string method, path, host;
};

// "GET /owa/healthcheck.htm HTTP/1.1\r\nHost: mail\r\n...". Unset: nothing of that form.
std::optional<Request> read_request(std::string_view send) {
  Request out;
  const std::string_view line = send.substr(0, send.find_first_of("\r\n"));
  const auto blank = line.find(' ');
  if (blank == std::string_view::npos) {
    return std::nullopt;
  }
  out.method = line.substr(0, blank);
  const std::string_view rest = line.substr(blank + 1);
  out.path = rest.substr(0, std::min(rest.find(' '), rest.find('\\')));
  const auto at = config::lower(send).find("host:");
  if (at != std::string::npos) {
    std::string_view host = send.substr(at + 5);
    host.remove_prefix(std::min(host.find_first_not_of(' '), host.size()));
    out.host = host.substr(0, host.find_first_of("\r\n\\ "));
  }
  const bool is_fine =
      out.path.starts_with('/') && !out.method.empty() &&
      out.method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
  return is_fine ? std::optional(out) : std::nullopt;
}

// The status that recv asks for: "200 OK", "HTTP/1.1 200", "HTTP/1\.(0|1) 200". Empty: none.
std::string status_in(std::string_view recv) {
  for (std::size_t i = 0; i + 3 <= recv.size(); ++i) {
    const std::string_view three = recv.substr(i, 3);
    const bool is_number = three[0] >= '1' && three[0] <= '5' &&
                           three.find_first_not_of("0123456789") == std::string_view::npos;
    const bool alone =
        (i == 0 || recv[i - 1] == ' ') && (i + 3 == recv.size() || recv[i + 3] == ' ');
    if (is_number && alone) {
      return std::string(three);
    }
  }
  return {};
}

void map_recv(Mapping& in, const Property& recv, Yaml& out) {
  const bool is_set = !recv.value.empty() && recv.value != "none";
  if (!is_set) {
    return;
  }
  if (const std::string status = status_in(recv.value); !status.empty()) {
    out.line(3, "expect: { status: " + status + " }", origin(recv, "recv"));
    in.ledger.say(recv, Outcome::mapped, "health.expect.status");
  } else if (recv.value.starts_with("HTTP/1")) {
    out.line(3, "expect: { status: [1xx, 2xx, 3xx, 4xx, 5xx] }", origin(recv, "recv"));
    in.ledger.say(recv, Outcome::mapped, "any status will do");
  } else if (recv.value.find_first_of("[]()*+?|^$\\\r\n") == std::string::npos) {
    out.line(3, "expect: { body: " + config::scalar(recv.value) + " }", origin(recv, "recv"));
    in.ledger.say(recv, Outcome::approximated,
                  "is looked for in the body alone, and not in the head");
  } else {
    in.ledger.say(recv, Outcome::approximated,
                  "is a pattern: any answer from 200 to 399 counts as a good one");
  }
}

void map_times(Mapping& in, const Object& monitor, Yaml& out) {
  const Property interval = in.config.property(monitor, "interval");
  const Property timeout = in.config.property(monitor, "timeout");
  const std::uint64_t every =
      std::clamp<std::uint64_t>(config::parse_number(interval.value).value_or(5), 1, 86'400);
  const std::uint64_t down =
      std::clamp<std::uint64_t>(config::parse_number(timeout.value).value_or(16), 1, 86'400);
  const std::uint64_t fall = std::clamp<std::uint64_t>(down / every, 1, 100);
  out.line(3, "interval: " + std::to_string(every) + "s", origin(interval, "interval"));
  out.line(3, "timeout: " + std::to_string(std::min(every, down)) + "s");
  out.line(3, "rise: 1", "a BIG-IP takes a server back at the first good answer");
  out.line(3, "fall: " + std::to_string(fall), origin(timeout, "timeout " + std::to_string(down)));
  in.ledger.say(interval, Outcome::mapped, "health.interval");
  in.ledger.say(timeout, Outcome::approximated,
                "after " + std::to_string(fall) + " bad checks a server is down");
}

void map_monitor(Mapping& in, const Object& monitor, bool with_tls, Yaml& out) {
  in.ledger.reach(monitor);
  const std::string kind = monitor.kind.substr(monitor.kind.rfind(' ') + 1);
  const bool is_http = kind == "http" || kind == "https";
  const Property send = in.config.property(monitor, "send");
  const Property recv = in.config.property(monitor, "recv");
  const auto request = read_request(send.value);
  const bool speaks = is_http && (with_tls || kind == "http");
  out.line(2, "health:", origin(monitor));
  if (speaks) {
    out.line(3, std::string("type: ") + (kind == "https" ? "https" : "http"));
    if (kind == "http" && with_tls) {
      in.ledger.say(monitor, Outcome::approximated, "the check speaks TLS, as the servers do");
    }
    out.line(3, "path: " + config::scalar(request ? request->path : "/"), origin(send, "send"));
    if (request && !request->host.empty()) {
      out.line(3, "host: " + config::scalar(request->host), origin(send, "send"));
    }
    if (request && request->method != "GET") {
      out.line(3, "method: " + request->method, origin(send, "send"));
    }
    in.ledger.say(send, request ? Outcome::approximated : Outcome::not_mapped,
                  request ? "method, path and Host; other fields are not sent"
                          : "is no request line: GET / is sent");
    map_recv(in, recv, out);
  } else {
    out.line(3, "type: tcp");
    const bool is_plain = kind == "tcp" || kind == "tcp-half-open";
    in.ledger.say(
        monitor, is_plain ? Outcome::mapped : Outcome::approximated,
        is_plain ? "health.type" : "no " + kind + " here: a connection is made, and closed again");
    for (const Property* one : {&send, &recv}) {
      in.ledger.say(*one, one->value == "none" ? Outcome::not_needed : Outcome::not_mapped,
                    one->value == "none" ? "is off" : "nothing is said on the connection");
    }
  }
  map_times(in, monitor, out);
  const Property destination = in.config.property(monitor, "destination");
  const bool is_any = destination.value.starts_with('*') || destination.value.empty();
  in.ledger.say(destination, is_any ? Outcome::not_needed : Outcome::not_mapped,
                is_any ? "the servers themselves are asked"
                       : "the servers themselves are asked, at their own port");
}

}  // namespace

void map_health(Mapping& in, const Object& pool, bool with_tls, Yaml& out) {
  const Property monitor = in.config.property(pool, "monitor");
  std::vector<std::string> names;
  for (const std::string& word : monitor.list) {
    if (word != "and" && word != "min" && word != "of" && word != "none" && word != "default" &&
        word.find_first_not_of("0123456789") != std::string::npos) {
      names.push_back(word);
    }
  }
  std::vector<const Object*> known;
  for (const std::string& name : names) {
    if (const Object* const found = in.config.find("ltm monitor", name, &pool)) {
      known.push_back(found);
    } else {
      in.ledger.say(monitor, Outcome::not_mapped, "no file has " + name + ": it judges nobody");
    }
  }
  // The one that asks for most says most.
  const auto best = std::ranges::find_if(known, [](const Object* one) {
    return one->kind == "ltm monitor http" || one->kind == "ltm monitor https";
  });
  if (known.empty()) {
    if (names.empty()) {
      in.ledger.say(monitor, Outcome::mapped, "servers are not asked");
    }
    return;
  }
  const Object& chosen = best == known.end() ? *known.front() : **best;
  in.ledger.say(monitor, known.size() == 1 ? Outcome::mapped : Outcome::approximated,
                known.size() == 1 ? "health" : "one check alone: that of " + chosen.name);
  map_monitor(in, chosen, with_tls, out);
  for (const Object* other : known) {
    if (other != &chosen) {
      in.ledger.say(*other, Outcome::not_mapped, "only " + chosen.name + " judges the servers");
    }
  }
}

}  // namespace chainmend::diagnose::f5

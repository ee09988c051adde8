// Of server-ssl profiles, pools and monitors: what stands between a BIG-IP and its servers.
#include "config/values.h"
#include "proxy/diagnose/lint/f5_findings.h"

namespace chainmend::diagnose {

namespace {

using f5::Object;
using f5::Property;

void lint_server_ssl(F5Findings& in) {
  for (const Object* profile : in.question.config.all("ltm profile server-ssl")) {
    const std::string users = users_of(in, *profile);
    const Property mode = in.question.config.property(*profile, "peer-cert-mode");
    if (!users.empty() && mode.value != "require") {
      in.say(Rule::f5_servers_unverified, *profile, mode,
             profile->name + " (" + users + ") takes any certificate of a server (peer-cert-mode " +
                 mode.value + "): whoever stands between can read passwords",
             "tmsh modify ltm profile server-ssl " + profile->name +
                 " peer-cert-mode require ca-file /Common/CA.crt authenticate-name NAME");
    }
  }
}

void lint_request(F5Findings& in, const Object& monitor, const Property& send) {
  const std::string modify = "tmsh modify " + monitor.kind + " " + monitor.name;
  if (send.value.find("\\r") != std::string::npos || send.value.find("\\n") != std::string::npos) {
    in.say(
        Rule::f5_monitor_escapes, monitor, send,
        monitor.name +
            " sends \\r\\n as four characters, because the backslashes were doubled: servers see "
            "no end of the head, "
            "and are down",
        modify + " send \"GET /PATH HTTP/1.1\\r\\nHost: NAME\\r\\nConnection: Close\\r\\n\\r\\n\"");
  } else if (send.value.find("HTTP/1.1") != std::string::npos &&
             config::lower(send.value).find("host:") == std::string::npos) {
    in.say(
        Rule::f5_monitor_without_host, monitor, send,
        monitor.name + " asks by HTTP/1.1 without Host: servers answer 400 (RFC 9112 3.2)",
        modify + " send \"GET /PATH HTTP/1.1\\r\\nHost: NAME\\r\\nConnection: Close\\r\\n\\r\\n\"");
  }
}

void lint_monitors(F5Findings& in) {
  for (const Object* monitor : in.question.config.all("ltm monitor")) {
    if (monitor->is_default ||
        (monitor->kind != "ltm monitor http" && monitor->kind != "ltm monitor https")) {
      continue;
    }
    const Property send = in.question.config.property(*monitor, "send");
    const Property recv = in.question.config.property(*monitor, "recv");
    lint_request(in, *monitor, send);
    if (recv.value.empty() || recv.value == "none") {
      in.say(Rule::f5_monitor_takes_all, *monitor, recv,
             monitor->name + " takes any answer for a good one: a server that answers 500 is up",
             "tmsh modify " + monitor->kind + " " + monitor->name + " recv \"200 OK\"");
    }
    const auto interval =
        config::parse_number(in.question.config.property(*monitor, "interval").value);
    const Property timeout = in.question.config.property(*monitor, "timeout");
    const auto seconds = config::parse_number(timeout.value);
    if (interval && seconds && *seconds > 0 && *seconds <= *interval) {
      in.say(Rule::f5_monitor_impatient, *monitor, timeout,
             monitor->name + " gives up after " + std::to_string(*seconds) + " s and asks every " +
                 std::to_string(*interval) + " s: one late answer, and a server is down",
             "tmsh modify " + monitor->kind + " " + monitor->name + " timeout " +
                 std::to_string(*interval * 3 + 1));
    }
  }
}

void lint_pools(F5Findings& in) {
  for (const Object* pool : in.question.config.all("ltm pool")) {
    const f5::Statement* const members = pool->statement.find("members");
    if (members == nullptr || members->body.empty()) {
      in.say(Rule::f5_pool_empty, *pool, nullptr,
             pool->name + " has no members: handshakes complete, and requests are reset",
             "tmsh modify ltm pool " + pool->name + " members add { ADDRESS:PORT }");
      continue;
    }
    for (const f5::Statement& member : members->body) {
      const f5::Statement* const session = member.find("session");
      const f5::Statement* const state = member.find("state");
      const bool is_off = (session != nullptr && session->value() == "user-disabled") ||
                          (state != nullptr && state->value() == "user-down");
      if (is_off) {
        const std::string name(member.key());
        in.say(Rule::f5_member_off, *pool, &member,
               pool->name + " has " + name + ", which somebody switched off",
               "tmsh modify ltm pool " + pool->name + " members modify { " + name +
                   " { session user-enabled state user-up } }");
      }
    }
  }
}

}  // namespace

void lint_f5_servers(F5Findings& in) {
  lint_server_ssl(in);
  lint_monitors(in);
  lint_pools(in);
}

}  // namespace chainmend::diagnose

#include "proxy/cli/probe_report.h"

#include <fmt/format.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "certs/certificate.h"
#include "certs/time.h"
#include "proxy/clients/client_hello.h"
#include "proxy/clients/suites.h"
#include "proxy/logs/escape.h"

namespace chainmend::cli {

namespace {

using diagnose::AddressReport;
using diagnose::Answer;
using diagnose::Asked;
using diagnose::ClientOutcome;
using diagnose::ClientVerdict;
using diagnose::ProbeReport;
using diagnose::Served;
using diagnose::Severity;
using logs::visible;

void heading(const Terminal& out, const std::string& text) {
  out.line();
  out.line(out.styled(Style::bold, text));
}

std::string ms(std::chrono::microseconds time) {
  return fmt::format("{} ms", std::chrono::floor<std::chrono::milliseconds>(time).count());
}

std::string version_text(std::uint16_t version) {
  return "TLS 1." + std::to_string((version & 0xff) - 1);
}

void print_reach(const Terminal& out, const ProbeReport& report) {
  heading(out, "Reach");
  if (!report.resolved) {
    out.wrapped("  " + out.styled(Style::bad, "name") + "  ", 8,
                report.resolved.error().text +
                    ": phones must be able to resolve this name. Check its spelling and the DNS "
                    "that this machine asks" +
                    (report.connections.empty() ? "; --connect ADDRESS probes without DNS" : ""));
  } else if (!report.target.is_address) {
    const diagnose::Resolved& found = *report.resolved;
    std::string addresses;
    for (const auto& address : found.addresses) {
      addresses += (addresses.empty() ? "" : ", ") + address.to_string();
    }
    const bool alias = found.canonical_name != report.target.host;
    out.wrapped("  name  ", 8,
                report.target.host +
                    (alias ? " is an alias of " + visible(found.canonical_name) : "") + ": " +
                    addresses + " (" + ms(found.took) + ")");
  }
  for (const diagnose::Connection& one : report.connections) {
    const std::string where = "  " + one.address.to_string() + "  ";
    out.wrapped(where, where.size(),
                one.failure.empty() ? "connected after " + ms(one.took) : one.failure);
  }
  if (!report.connections.empty() &&
      std::ranges::all_of(report.connections,
                          [](const diagnose::Connection& one) { return !one.failure.empty(); })) {
    out.wrapped("  ", 2,
                "No address can be reached: check the port, and what filters between here and "
                "there; --connect ADDRESS tries another one");
  }
}

std::string answer_text(const certs::Result<Answer>& answer) {
  if (!answer) {
    return answer.error().text;
  }
  switch (answer->kind) {
    case Answer::Kind::hello:
      return clients::suite_name(answer->hello->suite);
    case Answer::Kind::alert:
      return fmt::format("no: alert {} ({})", answer->alert->code,
                         tls::alert_name(answer->alert->code));
    case Answer::Kind::closed:
      return "no: closed without a word";
    case Answer::Kind::reset:
      return "no: reset";
    case Answer::Kind::silent:
      return "no answer in time";
    case Answer::Kind::not_tls:
      return "the answer is no TLS";
  }
  return "?";
}

bool same_answer(const Asked& a, const Asked& b) {
  return answer_text(a.answer) == answer_text(b.answer);
}

// A line for each version and key; what is answered without a name only where it differs.
void print_versions(const Terminal& out, const AddressReport& address) {
  for (const Asked& one : address.asked) {
    const auto other = std::ranges::find_if(address.asked, [&](const Asked& a) {
      return a.version == one.version && a.key == one.key && a.with_name != one.with_name;
    });
    const bool differs = other != address.asked.end() && !same_answer(one, *other);
    if (one.with_name || other == address.asked.end() || differs) {
      out.wrapped(fmt::format("  {}  {:5}  ", version_text(one.version), to_string(one.key)), 18,
                  answer_text(one.answer) + (differs && !one.with_name ? ", without a name" : ""));
    }
  }
}

Style style_of(Severity severity) {
  return severity == Severity::error     ? Style::bad
         : severity == Severity::warning ? Style::warning
                                         : Style::dim;
}

void print_finding(const Terminal& out, const diagnose::Finding& finding) {
  const std::string label = to_string(finding.severity);
  const std::string about =
      finding.certificate ? fmt::format("{}: ", *finding.certificate + 1) : "";
  out.wrapped(
      "  " + out.styled(style_of(finding.severity), label) + ": ", label.size() + 4,
      about + visible(finding.text) + (finding.fix.empty() ? "" : "; " + visible(finding.fix)));
}

void print_client_certificate(const Terminal& out,
                              const diagnose::ClientCertificateRequest& request) {
  constexpr std::size_t kMostNames = 5;  // of hundreds; JSON has them all
  constexpr std::size_t kLongestName = 70;
  const std::size_t count = request.authorities.size();
  out.line(std::string("  client certificate: ") + (request.required ? "required" : "asked for") +
           (count == 0 ? ", of any authority"
                       : fmt::format(", of {} {} ({} bytes)", count,
                                     count == 1 ? "authority" : "authorities", request.bytes)));
  for (std::size_t i = 0; i < std::min(kMostNames, count); ++i) {
    const std::string& name = request.authorities[i];
    out.line("    " + visible(name.substr(0, kLongestName)) +
             (name.size() > kLongestName ? "..." : ""));
  }
  if (count > kMostNames) {
    out.line(fmt::format("    and {} more", count - kMostNames));
  }
  for (const diagnose::Finding& finding : diagnose::judge_request(request)) {
    print_finding(out, finding);
  }
}

void print_speech(const Terminal& out, const AddressReport& address) {
  if (!address.failure.empty()) {
    return;
  }
  heading(out, "Speaks, at " + address.address.to_string());
  if (!address.not_tls.empty()) {
    out.wrapped("  " + out.styled(Style::bad, "no TLS") + ": ", 10, visible(address.not_tls));
    return;
  }
  print_versions(out, address);
  std::string old;
  for (const auto& [name, accepted] : address.old_features) {
    old += (old.empty() ? "" : ", ") + name + (accepted ? " accepted" : " refused");
  }
  out.line("  for the oldest clients: " + old);
  for (const diagnose::Finding& finding : address.findings) {
    print_finding(out, finding);
  }
  if (!address.handshake) {
    return;
  }
  const diagnose::Handshake& done = *address.handshake;
  if (done.client_certificate) {
    print_client_certificate(out, *done.client_certificate);
  }
  if (!done.completed) {
    out.wrapped("  handshake: ", 13, visible(done.failure));
    return;
  }
  out.line(fmt::format("  handshake: {}, {}{}, {}", version_text(done.version), done.suite,
                       done.group.empty() ? "" : ", " + done.group, ms(done.took)));
  out.line(fmt::format("  resumption: {}{}", address.resumes ? "works" : "does not work",
                       done.has_ticket       ? ", by ticket"
                       : done.has_session_id ? ", by session id"
                                             : ""));
}

void print_certificate(const Terminal& out, std::size_t number,
                       const certs::Certificate& certificate) {
  const std::string name = certificate.common_name();
  out.line(
      fmt::format("  {} {}", number,
                  out.styled(Style::bold, visible(name.empty() ? certificate.subject() : name))));
  out.wrapped("    subject  ", 13, visible(certificate.subject()));
  out.wrapped("    issuer   ", 13, visible(certificate.issuer()));
  if (number == 1) {
    std::string names;
    for (const std::string& one : certificate.names()) {
      names += (names.empty() ? "" : ", ") + one;
    }
    out.wrapped("    names    ", 13, visible(names.empty() ? "none" : names));
  }
  out.line(fmt::format("    valid    {} to {}", certs::format_time(certificate.not_before()),
                       certs::format_time(certificate.not_after())));
  out.line("    key      " + certificate.key_description());
  if (certificate.subject_key_id()) {
    out.line("    key id   " + certs::hex(*certificate.subject_key_id()));
  }
  out.line("    signed   " + signature_of(certificate));
  out.line("    SHA-1    " + certs::thumbprint(certificate.der()));
  out.line("    SHA-256  " + certs::hex(certificate.fingerprint()));
}

void print_served(const Terminal& out, const AddressReport& address, const Served& served) {
  std::string to;
  for (const std::string& one : served.to) {
    to += (to.empty() ? "" : ", ") + one;
  }
  heading(out, "Certificates, at " + address.address.to_string());
  out.wrapped("  shown to ", 11, to);
  for (std::size_t i = 0; i < served.list.size(); ++i) {
    print_certificate(out, i + 1, *served.list[i]);
  }
  for (const diagnose::Finding& finding : served.verdict.findings) {
    print_finding(out, finding);
  }
  if (served.verdict.complete) {
    out.wrapped("  " + out.styled(Style::good, "complete") + ": ", 12,
                "ends at the root '" + visible(served.verdict.root->subject()) + "'");
    return;
  }
  if (served.verdict.missing.empty()) {
    return;
  }
  std::string list;
  for (const certs::CertificatePtr& one : served.verdict.repaired) {
    list += (list.empty() ? "'" : " -> '") + visible(one->common_name()) + "'";
  }
  out.wrapped("  should be: ", 13,
              list + "; its root is '" + visible(served.verdict.root->subject()) + "'");
}

std::string result_text(const Terminal& out, const ClientVerdict& client) {
  switch (client.outcome) {
    case ClientOutcome::connects:
      return out.styled(Style::good, "OK");
    case ClientOutcome::depends:
      return out.styled(Style::warning, "MAYBE");
    case ClientOutcome::fails:
      return out.styled(Style::bad, "FAILS");
    case ClientOutcome::unknown:
      return "unknown";
  }
  return "?";
}

void print_clients(const Terminal& out, const AddressReport& address) {
  if (address.clients.empty()) {
    return;
  }
  heading(out, "Clients, at " + address.address.to_string());
  for (const ClientVerdict& client : address.clients) {
    std::string text;
    if (!client.shows.empty()) {
      text += "would show " + client.shows + ": ";
    }
    text += visible(client.why);
    if (client.version != 0 && client.outcome != ClientOutcome::fails) {
      text += (text.empty() ? "" : "; ") + version_text(client.version) + ", " +
              clients::suite_name(client.suite);
    }
    const std::string name(client.stack->name);
    out.wrapped("  " + name + std::string(name.size() < 24 ? 24 - name.size() : 1, ' ') +
                    result_text(out, client) +
                    (client.outcome == ClientOutcome::connects ? "     " : "  "),
                33, text);
  }
}

void print_comparison(const Terminal& out, const diagnose::Comparison& one) {
  heading(out, one.here + ", compared with " + one.there);
  for (const diagnose::Finding& finding : one.findings) {
    print_finding(out, finding);
  }
}

// The first list that can be mended, and the address that serves it; null: there is none.
std::pair<const AddressReport*, const Served*> mendable(const ProbeReport& report) {
  for (const AddressReport& address : report.addresses) {
    for (const Served& served : address.served) {
      if (!served.verdict.repaired.empty() &&
          (!served.verdict.missing.empty() || !served.verdict.strict_order)) {
        return {&address, &served};
      }
    }
  }
  return {nullptr, nullptr};
}

void print_recipes(const Terminal& out, const ProbeReport& report,
                   const diagnose::FixFiles& files) {
  const auto [address, served] = mendable(report);
  if (address == nullptr) {
    return;
  }
  heading(out, "Fix");
  out.wrapped("  ", 2,
              "--pem-out FILE writes the list as it should be: " + files.list + ", and " +
                  files.chain + " without the leaf. Then one of these:");
  // By its address: the name may soon lead to chainmend itself.
  const diagnose::Target server{address->address.to_string(), report.target.port, true};
  const diagnose::Front front{server.text(), report.server_name,
                              diagnose::policies_for(address->clients, *served->list.front())};
  for (const diagnose::Recipe& recipe : diagnose::recipes(front, files)) {
    out.line();
    out.line("  " + recipe.product + ":");
    for (const std::string& note : recipe.notes) {
      out.wrapped("  (", 3, note + ")");
    }
    std::string_view text = recipe.text;
    while (!text.empty()) {
      const auto end = text.find('\n');
      out.line("  " + std::string(text.substr(0, end)));
      text = text.substr(end + 1);
    }
  }
}

}  // namespace

std::string signature_of(const certs::Certificate& certificate) {
  return OBJ_nid2sn(X509_get_signature_nid(certificate.x509()));
}

void print_probe(const Terminal& out, const ProbeReport& report, const diagnose::FixFiles& files) {
  out.line(
      out.styled(Style::bold, report.target.text()) +
      (report.server_name.empty() ? ", asked for no name" : ", asked for " + report.server_name));
  print_reach(out, report);
  for (const AddressReport& address : report.addresses) {
    print_speech(out, address);
    for (const Served& served : address.served) {
      print_served(out, address, served);
    }
    print_clients(out, address);
  }
  for (const diagnose::Comparison& one : report.differences) {
    print_comparison(out, one);
  }
  if (report.against) {
    print_comparison(out, *report.against);
  }
  print_recipes(out, report, files);
}

}  // namespace chainmend::cli

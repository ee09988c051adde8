#include "proxy/cli/check_report.h"

#include <algorithm>

#include "config/quote.h"
#include "proxy/cli/chain_table.h"
#include "proxy/serving/build_chains.h"

namespace chainmend::cli {

namespace {

using config::join;

// "who calls certauth.contoso.com and comes from 10.30.0.0/16 and is mitel_ip400"
std::string conditions(const serving::PassthroughReport& some) {
  std::string text;
  const auto add = [&](const char* verb, const std::vector<std::string>& what) {
    if (!what.empty()) {
      text += (text.empty() ? "who " : " and ") + std::string(verb) + ' ' + join(what);
    }
  };
  add("calls", some.server_names);
  add("comes from", some.sources);
  add("is", some.client_types);
  return text;
}

// Which clients may shake hands how, and from where: one row for each way to be of a type.
void print_terms(const Terminal& out, const serving::ListenerReport& listener) {
  const bool certificates_differ =
      std::ranges::any_of(listener.terms, [&](const serving::TermsReport& row) {
        return row.certificates != listener.terms.back().certificates ||
               row.chain != serving::kAutomaticChain;
      });
  std::vector<std::string> header{"CLIENTS", "FROM", "KNOWN BY", "LOWEST", "POLICY"};
  if (certificates_differ) {
    header.insert(header.end(), {"CERTIFICATES", "CHAIN"});
  }
  std::vector<std::vector<std::string>> rows;
  for (const serving::TermsReport& row : listener.terms) {
    const bool rest = row.client_type.empty();
    rows.push_back({!rest                        ? row.client_type
                    : listener.terms.size() == 1 ? "everybody"
                                                 : "everybody else",
                    row.from.empty() ? "anywhere" : join(row.from), rest ? "-" : row.known_by,
                    tls::version_name(row.min_version), row.policy});
    if (certificates_differ) {
      rows.back().insert(rows.back().end(), {join(row.certificates), row.chain});
    }
  }
  out.table(header, rows);
}

void print_certificate(const Terminal& out, const serving::CertificateReport& report) {
  const certs::ServedChain& chain = report.chain;
  const bool automatic = report.chain_name == serving::kAutomaticChain;
  out.line("  certificate " + out.styled(Style::bold, report.name) + " (" + report.key + ") for " +
           join(chain.certificates.front().certificate->names()) +
           (automatic ? "" : ", chain " + out.styled(Style::bold, report.chain_name)));
  print_links(out, chain);
  if (!report.accepted_by.empty()) {
    out.line("  accepted with the roots of " + join(report.accepted_by));
  }
  out.line(chain.complete ? "  chain " + out.styled(Style::good, "complete") +
                                ", ends at the root " + chain.anchor->subject()
           : serving::lacks_issuer(chain)
               ? "  chain " + out.styled(Style::bad, "incomplete") + ": " +
                     chain.failure->describe()
               : "  self-signed: clients have to trust the certificate itself");
}

// Those that were refused are warnings.
void print_answers(const Terminal& out, const serving::UpstreamReport& upstream) {
  for (const upstream::TrialResult& answer : upstream.answers) {
    if (answer.accepted) {
      out.line("upstream " + out.styled(Style::bold, upstream.name) + ": " + answer.server + " " +
               out.styled(Style::good, "answers") +
               (answer.version == 0
                    ? ""
                    : ", " + tls::version_name(answer.version) + ", " + answer.cipher));
    }
  }
}

void print_listener(const Terminal& out, const serving::ListenerReport& listener,
                    const std::vector<serving::CertificateReport>& certificates) {
  const bool passed_on = listener.mode == config::Mode::passthrough;
  out.line("listener " + out.styled(Style::bold, listener.name) + " on " +
           join(listener.addresses) + ", " + config::to_string(listener.mode) +
           (passed_on ? " to " + listener.passthrough.front().upstream
                      : ", TLS policy " +
                            (listener.terms.empty() ? "off" : listener.terms.back().policy)));
  for (const serving::PassthroughReport& some : listener.passthrough) {
    if (!passed_on) {
      out.line("  passes on to " + out.styled(Style::bold, some.upstream) + " " + conditions(some));
    }
  }
  if (!listener.terms.empty()) {
    print_terms(out, listener);
  }
  for (const std::string& name : listener.certificates) {
    for (const serving::CertificateReport& report : certificates) {
      if (report.name == name &&
          std::ranges::find(report.listeners, listener.name) != report.listeners.end()) {
        print_certificate(out, report);
      }
    }
  }
}

}  // namespace

void print_report(const Terminal& out, const serving::Report& report) {
  for (const serving::ListenerReport& listener : report.listeners) {
    print_listener(out, listener, report.certificates);
  }
  for (const serving::UpstreamReport& upstream : report.upstreams) {
    print_answers(out, upstream);
  }
  for (const serving::PolicyReport& policy : report.policies) {
    if (policy.notes.empty()) {
      continue;
    }
    out.line("TLS policy " + out.styled(Style::bold, policy.name));
    for (const std::string& note : policy.notes) {
      out.wrapped("  note: ", 8, note);
    }
  }
}

}  // namespace chainmend::cli

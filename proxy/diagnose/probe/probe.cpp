#include "proxy/diagnose/probe/probe.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <utility>

#include "proxy/clients/client_hello.h"
#include "proxy/clients/make_hello.h"

namespace chainmend::diagnose {
namespace {

using boost::asio::ip::tcp;
using certs::CertificatePtr;
using certs::Result;
using Clock = std::chrono::steady_clock;

// Connections at a time: quick enough, and no server takes them for an attack.
constexpr std::size_t kAtOnce = 4;
constexpr std::size_t kMaxAddresses = 64;
// Each to another address, and nothing is said there.
constexpr std::size_t kConnectAtOnce = 16;

// Runs job(0) ... job(count - 1), a few at a time.
template <typename Job>
void run_some_at_once(std::size_t count, const Job& job, std::size_t most = kAtOnce) {
  std::atomic<std::size_t> next{0};
  const std::size_t at_once = std::min(count, most);
  std::vector<std::jthread> threads;
  threads.reserve(at_once);
  for (std::size_t i = 0; i < at_once; ++i) {
    threads.emplace_back([&next, &job, count] {
      for (std::size_t n = next++; n < count; n = next++) {
        job(n);
      }
    });
  }
}

bool same_list(const std::vector<CertificatePtr>& a, const std::vector<CertificatePtr>& b) {
  return std::ranges::equal(a, b, [](const CertificatePtr& x, const CertificatePtr& y) {
    return x->fingerprint() == y->fingerprint();
  });
}

// A list that was sent and not looked at.
void note_unread(const tls::ServerList& list, std::vector<Finding>& findings) {
  if (!findings.empty()) {
    return;  // said already, of another version
  }
  if (list.state == tls::ServerList::State::too_long) {
    findings.push_back({"list-not-read", Severity::error, std::nullopt,
                        "the list has more than " +
                            std::to_string(tls::ServerList::kMaxCertificates) +
                            " certificates or 64 KiB, and was not looked at: clients give up on "
                            "far less",
                        "send the leaf and its intermediates alone"});
  } else if (list.state == tls::ServerList::State::malformed) {
    findings.push_back({"list-not-read", Severity::error, std::nullopt,
                        "the list of certificates is malformed: no client can read it", ""});
  }
}

// The questions to one address.
class Survey {
 public:
  Survey(const ProbeOptions& options, const boost::asio::ip::address& address)
      : options_(options),
        server_(address, options.target.port),
        now_(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())) {
    report_.address = address;
  }

  AddressReport run() {
    if (say_first_hello()) {
      ask_for_versions();
      ask_for_old_features();
      look_at_tls13();
      finish_one();
      judge_served();
      ask_as_clients();
    }
    return std::move(report_);
  }

 private:
  Patience patience() const { return {Clock::now() + options_.timeout, options_.stop}; }
  void say(const std::string& what) const {
    if (options_.progress) {
      options_.progress(what);
    }
  }
  Result<Answer> ask_with(const clients::ClientStack& hello, bool with_name) const {
    return ask(server_, clients::make_hello(hello, with_name ? options_.server_name : ""),
               patience());
  }
  // With a name and without, where there is one.
  std::vector<bool> namings() const {
    return options_.server_name.empty() ? std::vector{false} : std::vector{true, false};
  }

  // True when something there speaks TLS: a hello of TLS 1.2, 1.0 or 1.3 is answered by one or by
  // an alert. Else there is no use in asking more.
  bool say_first_hello() {
    say("connecting to " + server_.address().to_string());
    const std::vector<Question> all = questions();
    const std::array first = {all.at(4).hello, all.at(0).hello, all.at(6).hello};
    std::vector<Result<Answer>> answers(first.size(), certs::fail(certs::ErrorCode::network, ""));
    run_some_at_once(first.size(), [&](std::size_t i) {
      answers[i] = ask_with(first.at(i), !options_.server_name.empty());
    });
    const auto speaks_tls = [](const Result<Answer>& answer) {
      return answer && (answer->accepted() || answer->kind == Answer::Kind::alert);
    };
    if (std::ranges::any_of(answers, speaks_tls)) {
      return true;
    }
    if (!answers.front()) {
      report_.failure = answers.front().error().text;
    } else {
      report_.not_tls = told_instead_of_tls(*answers.front());
    }
    return false;
  }

  void ask_for_versions() {
    say("asking for each TLS version");
    struct Planned {
      Question question;
      bool with_name;
    };
    std::vector<Planned> plan;
    for (const Question& question : questions()) {
      for (const bool with_name : namings()) {
        plan.push_back({question, with_name});
      }
    }
    std::vector<Result<Answer>> answers(plan.size(), certs::fail(certs::ErrorCode::network, ""));
    run_some_at_once(plan.size(), [&](std::size_t i) {
      answers[i] = ask_with(plan[i].question.hello, plan[i].with_name);
    });
    for (std::size_t i = 0; i < plan.size(); ++i) {
      const Question& question = plan[i].question;
      if (answers[i] && answers[i]->certificates.state == tls::ServerList::State::whole) {
        note_list(parse_list(answers[i]->certificates.certificates), question.version, question.key,
                  plan[i].with_name);
      }
      if (answers[i]) {
        note_unread(answers[i]->certificates, report_.findings);
      }
      report_.asked.push_back(
          {question.version, question.key, plan[i].with_name, std::move(answers[i])});
    }
  }

  void ask_for_old_features() {
    const std::vector<OldFeature> features = old_features();
    std::vector<char> accepted(features.size(), 0);
    run_some_at_once(features.size(), [&](std::size_t i) {
      const Result<Answer> answer = ask_with(features[i].hello, false);
      accepted[i] = answer && answer->accepted() ? 1 : 0;
    });
    for (std::size_t i = 0; i < features.size(); ++i) {
      report_.old_features.emplace_back(features[i].name, accepted[i] != 0);
    }
  }

  // In TLS 1.3 the list is encrypted: whole handshakes show it.
  void look_at_tls13() {
    for (const Asked& one : report_.asked) {
      const bool spoken =
          one.answer && one.answer->accepted() && one.answer->hello->version == clients::kTls13;
      if (!spoken) {
        continue;
      }
      const Offer offer{
          .server_name = one.with_name ? options_.server_name : "",
          .version = clients::kTls13,
          .signatures = one.key == KeyType::rsa
                            ? "rsa_pss_rsae_sha256:rsa_pss_rsae_sha384:rsa_pss_rsae_sha512:"
                              "RSA+SHA256:RSA+SHA384:RSA+SHA512"
                            : "ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:ed25519"};
      if (const Result<Handshake> done = finish(server_, offer, patience())) {
        note_list(parse_list(done->certificates), clients::kTls13, one.key, one.with_name);
      }
    }
  }

  void finish_one() {
    say("completing a handshake");
    Offer offer{.server_name = options_.server_name};
    Result<Handshake> best = finish(server_, offer, patience());
    if (!best) {
      return;
    }
    if (best->completed && best->session != nullptr) {
      offer.resume = best->session.get();
      const Result<Handshake> again = finish(server_, offer, patience());
      report_.resumes = again && again->resumed;
    }
    report_.handshake = std::move(*best);
  }

  void note_list(std::vector<CertificatePtr> list, std::uint16_t version, KeyType key,
                 bool with_name) {
    if (list.empty()) {
      return;
    }
    const std::string to = "TLS 1." + std::to_string((version & 0xff) - 1) + " " + to_string(key) +
                           (with_name || options_.server_name.empty() ? "" : " without a name");
    auto known = std::ranges::find_if(report_.served,
                                      [&](const Served& one) { return same_list(one.list, list); });
    if (known == report_.served.end()) {
      known = report_.served.insert(known, Served{.list = std::move(list)});
    }
    known->to.push_back(to);
    known->to_named += with_name || options_.server_name.empty() ? 1 : 0;
  }

  ListQuestion question_about(const std::vector<CertificatePtr>& list,
                              const certs::TrustProfilePtr& trust) const {
    return {list, options_.server_name, trust, options_.sources, now_};
  }

  void judge_served() {
    say("judging the certificates");
    for (Served& one : report_.served) {
      one.verdict = judge_list(question_about(one.list, options_.trust));
    }
    std::ranges::sort(report_.served, std::ranges::greater(),
                      [](const Served& one) { return one.to.size(); });
  }

  void ask_as_clients() {
    say("saying hello as " + std::to_string(options_.stacks.size()) + " kinds of client");
    const auto& stacks = options_.stacks;
    std::vector<Result<Answer>> answers(stacks.size(), certs::fail(certs::ErrorCode::network, ""));
    run_some_at_once(stacks.size(), [&](std::size_t i) {
      answers[i] = ask_with(*stacks[i], stacks[i]->names_server());
    });
    for (std::size_t i = 0; i < stacks.size(); ++i) {
      report_.clients.push_back(verdict_on(*stacks[i], answers[i]));
    }
  }

  ClientVerdict verdict_on(const clients::ClientStack& stack, const Result<Answer>& answer) {
    if (!answer) {
      ClientVerdict unknown;
      unknown.stack = &stack;
      unknown.why = answer.error().text;
      return unknown;
    }
    const std::vector<CertificatePtr> list = list_for(stack, *answer);
    const auto own = options_.trust_of.find(std::string(stack.type));
    const bool has_own = own != options_.trust_of.end();
    Shown shown{.trust_is_its_own = has_own || options_.trust_is_given,
                .needs_certificate = report_.handshake && report_.handshake->client_certificate &&
                                     report_.handshake->client_certificate->required,
                .host = options_.server_name,
                .now = now_};
    ListVerdict verdict;
    if (!list.empty()) {
      verdict = judge_list(question_about(list, has_own ? own->second : options_.trust));
      shown.list = &list;
      shown.verdict = &verdict;
    }
    return judge_client(stack, *answer, shown);
  }

  std::vector<CertificatePtr> list_for(const clients::ClientStack& stack,
                                       const Answer& answer) const {
    if (answer.certificates.state == tls::ServerList::State::whole) {
      return parse_list(answer.certificates.certificates);
    }
    if (!answer.accepted() || answer.hello->version != clients::kTls13) {
      return {};
    }
    const std::string name = stack.names_server() || options_.server_name.empty()
                                 ? "TLS 1.3 RSA"
                                 : "TLS 1.3 RSA without a name";
    for (const Served& one : report_.served) {
      if (std::ranges::find(one.to, name) != one.to.end()) {
        return one.list;
      }
    }
    for (const Served& one : report_.served) {
      if (std::ranges::any_of(one.to,
                              [](const std::string& to) { return to.starts_with("TLS 1.3"); })) {
        return one.list;
      }
    }
    return {};
  }

  const ProbeOptions& options_;
  tcp::endpoint server_;
  certs::Time now_;
  AddressReport report_;
};

void note_difference(const Side& here, const Side& there, std::vector<Comparison>& out) {
  if (!same_list(here.list, there.list)) {
    out.push_back(compare(here, there));
  }
}

std::vector<Comparison> differences_in(const std::vector<AddressReport>& addresses) {
  std::vector<Comparison> out;
  const Served* first = nullptr;
  std::string first_name;
  for (const AddressReport& address : addresses) {
    const std::string name = address.address.to_string();
    const Served* const named = address.served_to(true);
    const Served* const unnamed = address.served_to(false);
    if (named != nullptr && unnamed != nullptr) {
      note_difference({name + " without a name", unnamed->list}, {name + " with it", named->list},
                      out);
    }
    if (named != nullptr && first != nullptr) {
      note_difference({name, named->list}, {first_name, first->list}, out);
    } else if (named != nullptr) {
      first = named;
      first_name = name;
    }
  }
  return out;
}

std::vector<boost::asio::ip::address> addresses_to_ask(const ProbeOptions& options,
                                                       const Result<Resolved>& resolved) {
  if (options.connect) {
    return {*options.connect};
  }
  auto addresses = resolved ? resolved->addresses : std::vector<boost::asio::ip::address>();
  addresses.resize(std::min(addresses.size(), kMaxAddresses));
  return addresses;
}

}  // namespace

bool AddressReport::speaks_tls() const { return failure.empty() && not_tls.empty(); }

const Served* AddressReport::served_to(bool with_name) const {
  const auto found = std::ranges::find_if(served, [with_name](const Served& one) {
    return with_name ? one.to_named > 0 : one.to.size() > one.to_named;
  });
  return found == served.end() ? nullptr : &*found;
}

ProbeReport probe(const ProbeOptions& options) {
  ProbeReport report;
  report.target = options.target;
  report.server_name = options.server_name;
  if (options.progress) {
    options.progress("resolving " + options.target.host);
  }
  report.resolved = resolve(options.target, {Clock::now() + options.timeout, options.stop});
  const auto addresses = addresses_to_ask(options, report.resolved);
  report.connections.resize(addresses.size());
  run_some_at_once(
      addresses.size(),
      [&](std::size_t i) {
        report.connections[i] = connect(addresses[i], options.target.port,
                                        {Clock::now() + options.timeout, options.stop});
      },
      kConnectAtOnce);
  for (const Connection& connection : report.connections) {
    const bool enough = !options.all_addresses && !report.addresses.empty();
    if (connection.failure.empty() && !enough && !options.stop.stop_requested()) {
      report.addresses.push_back(Survey(options, connection.address).run());
    }
  }
  report.differences = differences_in(report.addresses);
  return report;
}

}  // namespace chainmend::diagnose

#include "proxy/diagnose/lint/keystore.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "certs/bytes.h"
#include "certs/private_key.h"
#include "config/values.h"
#include "proxy/clients/client_hello.h"
#include "proxy/diagnose/certificate_checks.h"
#include "proxy/diagnose/lint/live_server.h"
#include "proxy/diagnose/lint/rebind.h"

namespace chainmend::diagnose {

namespace {

using certs::Certificate;

constexpr std::uint16_t kHttps = 443;
constexpr const char* kSite = "Default Web Site";  // of the headquarters server

// What phones log when IIS shows another certificate than the keystore has, in Mitel's words.
constexpr const char* kSecondReason =
    "This is the second reason of Mitel's article on IP400 phones that fail to connect to CAS: "
    "phones log \"SSL handshake error\" or \"Certificate Authority Invalid\"";

std::string name_of(const std::string& path) {
  const auto slash = path.find_last_of("/\\");
  return config::lower(slash == std::string::npos ? path : path.substr(slash + 1));
}

bool same(const Certificate& a, const Certificate& b) { return a.fingerprint() == b.fingerprint(); }

std::string short_text(const Certificate& certificate) {
  return fmt::format("{}, SHA-1 {}, valid until {}", certificate.subject(),
                     certs::thumbprint(certificate.der()),
                     certs::format_time(certificate.not_after()));
}

// The certificate of a server in the file of this name; null: no such file.
const Entry* entry_in(const std::vector<Entry>& entries, const std::string& name) {
  const Entry* first = nullptr;
  for (const Entry& entry : entries) {
    if (name_of(entry.place.file) == name) {
      first = first == nullptr ? &entry : first;
      if (entry.certificate->ca_flag() != certs::CaFlag::yes) {
        return &entry;
      }
    }
  }
  return first;
}

class KeystoreLint {
 public:
  explicit KeystoreLint(const KeystoreQuestion& question)
      : question_(question),
        entries_(question.input.entries),
        server_(entry_in(entries_, "server.crt")) {
    if (server_ == nullptr) {
      server_ = only_leaf();
    }
  }

  KeystoreVerdict judge() {
    out_.findings = question_.input.unreadable;
    if (server_ == nullptr) {
      add(Rule::no_server_certificate, Place{},
          "there is no server.crt, and no other certificate is the only one of a server",
          "give the folder keystore\\certs of the Shoreline Data directory");
    } else {
      judge_server_certificate();
      judge_issuers();
      judge_nginx();
      judge_bindings();
    }
    judge_keys();
    if (question_.server != nullptr) {
      judge_live(*question_.server);
    }
    return std::move(out_);
  }

 private:
  void add(Rule rule, const Place& place, std::string text, std::string fix) {
    out_.findings.push_back(
        {{to_string(rule), info_on(rule).severity, {}, std::move(text), std::move(fix)},
         place,
         {},
         {}});
  }
  void add(Rule rule, const Entry& entry, std::string text, std::string fix) {
    add(rule, entry.place, std::move(text), std::move(fix));
    out_.findings.back().subject = entry.certificate->subject();
    out_.findings.back().thumbprint = certs::thumbprint(entry.certificate->der());
  }

  // The only certificate of a server, wherever it is; null: none, or several.
  const Entry* only_leaf() const {
    const Entry* leaf = nullptr;
    for (const Entry& entry : entries_) {
      if (entry.certificate->ca_flag() != certs::CaFlag::yes &&
          name_of(entry.place.file) != "nginx.crt") {
        if (leaf != nullptr && !same(*leaf->certificate, *entry.certificate)) {
          return nullptr;
        }
        leaf = &entry;
      }
    }
    return leaf;
  }

  std::string thumbprint() const { return certs::thumbprint(server_->certificate->der()); }

  void judge_server_certificate() {
    const Certificate& leaf = *server_->certificate;
    out_.facts.push_back(server_->place.file + ": " + short_text(leaf));
    out_.facts.push_back("In the IIS binding choose the thumbprint " + thumbprint());
    std::vector<Finding> said;
    check_certificate(leaf, 0, question_.now, said);
    check_leaf(leaf, question_.server != nullptr ? question_.server->target.host : "", said);
    for (Finding& one : said) {
      if (one.id == "name-mismatch") {
        one.fix = "have it issued with this name, or give the phones one of its names";
      }
      out_.findings.push_back({std::move(one), server_->place, leaf.subject(), thumbprint()});
    }
  }

  // Up from server.crt among all that is in the keystore.
  void judge_issuers() {
    const Certificate* at = server_->certificate.get();
    std::size_t steps = 0;
    for (; steps < entries_.size() && !at->self_signed(); ++steps) {
      const auto issuer = std::ranges::find_if(entries_, [at](const Entry& entry) {
        return entry.certificate->subject_key() == at->issuer_key() &&
               certs::verifies(*at, *entry.certificate);
      });
      if (issuer == entries_.end()) {
        add(Rule::issuer_missing, *server_,
            "the keystore does not have '" + at->issuer() + "', which signed " +
                (steps == 0 ? "it" : "'" + at->subject() + "'") +
                ": nothing here leads from it to a root",
            "put the certificate of that authority beside it");
        return;
      }
      at = issuer->certificate.get();
    }
    out_.facts.push_back(steps == 0 ? "It signed itself: phones have to have it as root"
                                    : "It leads to the root '" + at->subject() +
                                          "', which phones have to have");
  }

  void judge_nginx() {
    const Entry* const nginx = entry_in(entries_, "nginx.crt");
    if (nginx == nullptr) {
      return;
    }
    if (same(*nginx->certificate, *server_->certificate)) {
      out_.facts.emplace_back("nginx.crt is the same certificate");
      return;
    }
    add(Rule::nginx_mismatch, *nginx,
        "another certificate than " + short_text(*server_->certificate) +
            ", which is the one of the keystore",
        "copy server.crt of the keystore over nginx\\conf\\nginx.crt, and its key beside it");
  }

  void judge_bindings() {
    const std::uint16_t port = question_.server != nullptr ? question_.server->target.port : kHttps;
    for (const Binding& binding : question_.input.bindings) {
      const bool differs = !binding.thumbprint.empty() && binding.thumbprint != thumbprint();
      if (binding.port == port && differs) {
        add(Rule::binding_mismatch, {binding.file, 0, binding.line},
            fmt::format("{} is bound to {}, and server.crt is {}. {}", binding.endpoint(),
                        binding.thumbprint, thumbprint(), kSecondReason),
            rebind(binding, thumbprint()));
      }
    }
  }

  void judge_keys() {
    std::set<std::string> files;
    for (const Place& place : question_.input.keys) {
      const bool is_pfx = std::ranges::any_of(
          question_.input.pfx, [&](const PfxFile& pfx) { return pfx.file == place.file; });
      if (!is_pfx && files.insert(place.file).second) {
        const auto key = certs::read_private_key_file(place.file, question_.password);
        if (key) {
          judge_key(certs::spki_hash(**key), place);
        } else {
          add(Rule::unreadable, place, key.error().text,
              "name the file that holds its password by --password-file");
        }
      }
    }
    for (const PfxFile& pfx : question_.input.pfx) {
      for (const certs::Pkcs12Key& key : pfx.keys) {
        files.insert(pfx.file);
        judge_key(certs::spki_hash(*key.key), {pfx.file, 0, 0});
      }
    }
    if (files.empty() && server_ != nullptr) {
      out_.facts.emplace_back("No private key was given, so none was compared with it");
    }
  }

  void judge_key(const certs::Sha256& key, const Place& place) {
    if (server_ != nullptr && server_->certificate->spki_hash() == key) {
      out_.facts.push_back(place.file + ": the key of server.crt");
      return;
    }
    const auto owner = std::ranges::find_if(
        entries_, [&key](const Entry& entry) { return entry.certificate->spki_hash() == key; });
    const bool is_of_server = name_of(place.file).starts_with("server.");
    if (owner == entries_.end() || is_of_server) {
      add(Rule::key_mismatch, place,
          owner == entries_.end()
              ? "this key belongs to no certificate here"
              : "this is not the key of server.crt, but of " + owner->certificate->subject(),
          "put certificate and key of one request together");
      return;
    }
    out_.facts.push_back(place.file + ": the key of " + owner->certificate->subject());
  }

  void judge_live(const ProbeReport& report) {
    if (auto problem = not_reached(report)) {
      if (!report.resolved) {
        problem->finding.text +=
            ". This is the third reason of Mitel's article on IP400 phones that fail to connect";
      }
      out_.findings.push_back(*std::move(problem));
      return;
    }
    LiveVerdict live = lint_live_server(report);
    std::ranges::move(live.facts, std::back_inserter(out_.facts));
    if (server_ != nullptr) {
      compare(report);
    }
    judge_tls10(report);
    // The same is said of server.crt itself, when that is what is shown.
    std::ranges::copy_if(
        live.findings, std::back_inserter(out_.findings), [this](const LintFinding& one) {
          return std::ranges::none_of(out_.findings, [&](const LintFinding& said) {
            return said.finding.id == one.finding.id && said.thumbprint == one.thumbprint;
          });
        });
  }

  void compare(const ProbeReport& report) {
    const Certificate& live = *shown_list(report)->list.front();
    const Certificate& own = *server_->certificate;
    if (same(live, own)) {
      out_.facts.push_back(report.target.text() + " shows server.crt");
      return;
    }
    const bool lasts_longer = own.not_after() < live.not_after();
    add(Rule::binding_mismatch, place_of(report),
        fmt::format("shows {}{}, and the keystore has {}. {}", short_text(live),
                    live.spki_hash() == own.spki_hash() ? " with the same key" : "",
                    short_text(own), kSecondReason),
        std::string(lasts_longer ? "what is shown lasts longer, so make sure that the keystore is "
                                   "not what was forgotten; to bind the one of the keystore: "
                                 : "") +
            rebind_site(kSite, report.target.port, thumbprint()));
    out_.findings.back().subject = live.subject();
    out_.findings.back().thumbprint = certs::thumbprint(live.der());
  }

  void judge_tls10(const ProbeReport& report) {
    const auto& asked = report.addresses.front().asked;
    const bool speaks = std::ranges::any_of(asked, [](const Asked& one) {
      return one.version == clients::kTls10 && one.answer && one.answer->accepted();
    });
    if (!speaks) {
      add(Rule::tls10_refused, place_of(report),
          "does not speak TLS 1.0, which Mitel's article on IP400 phones asks for (its fourth "
          "reason)",
          "turn TLS 1.0 on for servers in Schannel and restart Windows, or put chainmend in front, "
          "which speaks it to phones alone: chainmend config --explain tls");
    }
  }

  const KeystoreQuestion& question_;
  const std::vector<Entry>& entries_;
  const Entry* server_;  // null: not known
  KeystoreVerdict out_;
};

}  // namespace

KeystoreVerdict lint_keystore(const KeystoreQuestion& question) {
  return KeystoreLint(question).judge();
}

bool looks_like_keystore(const LintInput& input) {
  bool has_server = false;
  bool has_other = !input.keys.empty();  // of a root store nobody has the key beside it
  for (const Entry& entry : input.entries) {
    const std::string path = config::lower(entry.place.file);
    const std::string name = name_of(path);
    has_server = has_server || name == "server.crt";
    has_other = has_other || name == "nginx.crt" || name.ends_with("_mfg_ca.crt") ||
                (name != "server.crt" && path.find("keystore/certs/") != std::string::npos);
  }
  return has_server && has_other;
}

}  // namespace chainmend::diagnose

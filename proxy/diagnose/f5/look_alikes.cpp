#include "proxy/diagnose/f5/look_alikes.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <utility>

#include "certs/certificate_reader.h"
#include "certs/issue.h"
#include "config/values.h"
#include "proxy/diagnose/f5/certificate_list.h"

namespace chainmend::diagnose::f5 {

namespace {

constexpr int kRsaBits = 2048;  // what clients of 2012 verify
constexpr const char* kNoName = "lab.invalid";

certs::Bytes as_pem(const std::string& text) { return {text.begin(), text.end()}; }

// What may stand in a subject without an escape.
std::string plain(const std::string& name) {
  std::string out;
  for (const char c : name.substr(0, 60)) {
    const bool is_fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == ' ' || c == '.' || c == '-' || c == '*';
    out += is_fine ? c : '-';
  }
  return out.empty() ? kNoName : out;
}

std::string subject(const std::string& name) { return "CN=" + plain(name) + ",O=" + kLookAlike; }

std::vector<certs::CertificatePtr> read(const CertificateStore& store, const std::string& name) {
  std::vector<certs::CertificatePtr> out;
  if (const certs::Bytes* const bytes = name.empty() ? nullptr : store.certificate(name)) {
    for (certs::FoundCertificate& one : certs::read_certificates(*bytes, name).certificates) {
      out.push_back(std::move(one.certificate));
    }
  }
  return out;
}

// What is known of a leaf.
struct Known {
  std::vector<std::string> names;  // of hosts; not empty
  certs::Time from, to;
  std::string issuer;  // its common name
};

// "DNS:a, DNS:b", as `tmsh list sys file ssl-cert` has it.
std::vector<std::string> names_in(const std::string& text) {
  std::vector<std::string> out;
  for (auto at = text.find("DNS:"); at != std::string::npos; at = text.find("DNS:", at + 1)) {
    const std::string name = text.substr(at + 4, text.find_first_of(", ", at + 4) - at - 4);
    out.push_back(name);
  }
  return out;
}

Known known_of(const Configuration& config, const CertificateStore& store, const Object& profile,
               const CertificateEntry& entry, certs::Time now) {
  Known out{{}, now - std::chrono::hours(24), now + std::chrono::hours(24 * 365), "Lab Issuing CA"};
  if (const auto real = read(store, entry.cert); !real.empty()) {
    out = {real.front()->names(), real.front()->not_before(), real.front()->not_after(),
           real.front()->issuer_common_name()};
  } else if (const Object* const file = config.find("sys file ssl-cert", entry.cert, entry.from)) {
    out.names = names_in(file->value("subject-alternative-name"));
    if (const auto ends = config::parse_number(file->value("expiration-date")); ends && *ends > 0) {
      out.to = certs::Time(std::chrono::seconds(std::min<std::uint64_t>(*ends, 4'102'444'800)));
    }
  }
  out.names.push_back(config.property(profile, "server-name").value);
  std::string base = entry.cert.substr(entry.cert.rfind('/') + 1);
  out.names.push_back(base.substr(0, base.rfind('.')));
  std::erase_if(out.names, [](const std::string& name) {
    return name.find('.') == std::string::npos || name != plain(name);
  });
  if (out.names.empty()) {
    out.names.emplace_back(kNoName);
  }
  return out;
}

class Maker {
 public:
  Maker(const Configuration& config, CertificateStore& store, certs::Time now)
      : config_(config), store_(store), now_(now) {}

  certs::Result<LookAlikes> make() {
    for (const Object* profile : config_.all("ltm profile client-ssl")) {
      for (const CertificateEntry& entry : certificates_of(config_, *profile)) {
        const bool is_at_hand =
            store_.certificate(entry.cert) != nullptr && store_.key(entry.key) != nullptr;
        if (is_at_hand || profile->is_default || !done_.insert(full_name(entry.cert)).second) {
          continue;
        }
        if (const auto made = make(*profile, entry); !made) {
          return tl::unexpected(made.error());
        }
      }
    }
    return std::move(out_);
  }

 private:
  certs::Result<certs::Issued> issue(const std::string& name, const certs::Issued* issuer,
                                     certs::Time from, certs::Time to) const {
    certs::IssueSpec spec;
    spec.subject = subject(name);
    spec.issuer = issuer;
    spec.key = certs::make_rsa_key(kRsaBits);
    spec.not_before = from;
    spec.not_after = to;
    spec.key_usage = "critical,keyCertSign,cRLSign";
    return certs::issue_certificate(spec);
  }

  certs::Result<void> make_root() {
    if (root_) {
      return {};
    }
    auto made = issue("Lab Root", nullptr, now_ - kLife, now_ + kLife);
    if (!made) {
      return tl::unexpected(made.error());
    }
    root_ = *std::move(made);
    out_.root = as_pem(root_->certificate->pem());
    return {};
  }

  // The names of the intermediates, from the root on.
  std::vector<std::string> issuers_of(const CertificateEntry& entry, const Known& known) const {
    std::vector<std::string> names;
    for (const certs::CertificatePtr& one : read(store_, entry.chain)) {
      if (!one->self_signed()) {
        names.insert(names.begin(), one->common_name());
      }
    }
    return names.empty() ? std::vector<std::string>{known.issuer} : names;
  }

  certs::Result<void> make(const Object& profile, const CertificateEntry& entry) {
    if (const auto made = make_root(); !made) {
      return made;
    }
    const Known known = known_of(config_, store_, profile, entry, now_);
    certs::Issued issuer = *root_;
    std::string chain;
    for (const std::string& name : issuers_of(entry, known)) {
      auto made = issue(name, &issuer, now_ - kLife, now_ + kLife);
      if (!made) {
        return tl::unexpected(made.error());
      }
      issuer = *std::move(made);
      chain.insert(0, issuer.certificate->pem());
    }
    return make_leaf(entry, known, issuer, chain);
  }

  certs::Result<void> make_leaf(const CertificateEntry& entry, const Known& known,
                                const certs::Issued& issuer, const std::string& chain) {
    certs::IssueSpec spec;
    spec.subject = subject(known.names.front());
    spec.issuer = &issuer;
    spec.key = certs::make_rsa_key(kRsaBits);
    spec.not_before = known.from;
    spec.not_after = known.to;
    spec.basic_constraints = "critical,CA:FALSE";
    spec.key_usage = "critical,digitalSignature,keyEncipherment";
    spec.extended_key_usage = "serverAuth";
    for (const std::string& name : known.names) {
      spec.alternative_names += (spec.alternative_names.empty() ? "DNS:" : ",DNS:") + name;
    }
    const auto leaf = certs::issue_certificate(spec);
    if (!leaf) {
      return tl::unexpected(leaf.error());
    }
    store_.put(entry.cert, as_pem(leaf->certificate->pem()));
    store_.put(entry.key, as_pem(certs::key_pem(*leaf)));
    if (!entry.chain.empty()) {
      store_.put(entry.chain, as_pem(chain));
    }
    const certs::Bytes pem = as_pem(chain);
    out_.issuers.insert(out_.issuers.end(), pem.begin(), pem.end());
    out_.made.push_back(full_name(entry.cert));
    return {};
  }

  static constexpr std::chrono::hours kLife{24 * 365 * 5};

  const Configuration& config_;
  CertificateStore& store_;
  certs::Time now_;
  std::optional<certs::Issued> root_;
  std::set<std::string> done_;
  LookAlikes out_;
};

}  // namespace

certs::Result<LookAlikes> make_look_alikes(const Configuration& config, CertificateStore& store,
                                           certs::Time now) {
  return Maker(config, store, now).make();
}

}  // namespace chainmend::diagnose::f5

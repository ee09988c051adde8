#include "proxy/serving/lint_certificates.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "proxy/serving/upstream_certificate.h"

namespace chainmend::serving {

namespace {

using certs::Certificate;

bool has_alternative_names(const Certificate& leaf) {
  return X509_get_ext_by_NID(leaf.x509(), NID_subject_alt_name, -1) >= 0;
}

std::string who(const LoadedCertificate& certificate) {
  return "certificate " + certificate.configured->name + ": ";
}

void lint_leaf(const LoadedCertificate& certificate, Findings& findings) {
  const Certificate& leaf = *certificate.file.leaf;
  const config::Location& place = certificate.configured->at;
  if (leaf.ca_flag() == certs::CaFlag::yes) {
    auto& list = leaf.self_signed() ? findings.notes : findings.warnings;
    list.push_back({place, who(certificate) + "'" + leaf.subject() +
                               "' is the certificate of an authority (CA), and many clients refuse "
                               "such a one as a server's; serve one that it has issued"});
  }
  if (!has_alternative_names(leaf)) {
    findings.warnings.push_back(
        {place, who(certificate) + "'" + leaf.subject() +
                    "' has no subjectAltName: browsers, Java and Apple's clients of today look for "
                    "its names nowhere else; have it issued with its names there"});
  }
}

// Several certificates may share a file.
void lint_mode(const config::Located<config::Path>& file, const char* what,
               std::set<config::Path>& seen, Findings& findings) {
  if (seen.insert(file.value).second) {
    serving::lint_mode(file, what, findings);
  }
}

void lint_modes(const config::Certificate& certificate, std::set<config::Path>& seen,
                Findings& findings) {
  if (certificate.pfx) {
    lint_mode(*certificate.pfx, "a private key", seen, findings);
  } else {
    // Without `key` the certificate's file holds it.
    lint_mode(certificate.key ? *certificate.key : *certificate.cert, "a private key", seen,
              findings);
  }
  if (certificate.password_file) {
    lint_mode(*certificate.password_file, "a password", seen, findings);
  }
}

bool covers(const Certificate& one, const Certificate& other) {
  return std::ranges::all_of(other.names(), [&](const std::string& name) {
    return std::ranges::find(one.names(), name) != one.names().end();
  });
}

// Those of a listener, in the order in which they are chosen.
std::vector<const LoadedCertificate*> served_by(const config::Listener& listener,
                                                const std::vector<LoadedCertificate>& loaded) {
  std::vector<const LoadedCertificate*> out;
  for (const auto& name : listener.certificates) {
    for (const LoadedCertificate& one : loaded) {
      if (one.configured->name == name.value) {
        out.push_back(&one);
      }
    }
  }
  return out;
}

void lint_twins(const config::Listener& listener, const std::vector<LoadedCertificate>& loaded,
                Findings& findings) {
  const auto served = served_by(listener, loaded);
  for (std::size_t i = 1; i < served.size(); ++i) {
    const int type = EVP_PKEY_get_base_id(served[i]->key.get());
    const auto twin = std::find_if(served.begin(), served.begin() + static_cast<std::ptrdiff_t>(i),
                                   [&](const LoadedCertificate* earlier) {
                                     return EVP_PKEY_get_base_id(earlier->key.get()) == type &&
                                            covers(*earlier->file.leaf, *served[i]->file.leaf);
                                   });
    if (twin != served.begin() + static_cast<std::ptrdiff_t>(i)) {
      findings.warnings.push_back(
          {served[i]->configured->at,
           who(*served[i]) + "it is never served on listener " + listener.name + ": " +
               (*twin)->configured->name + " (line " +
               std::to_string((*twin)->configured->at.line) +
               ") has the same type of key and all of its names; leave one of them out"});
    }
  }
}

}  // namespace

void lint_mode(const config::Located<config::Path>& file, const char* what, Findings& findings) {
  struct stat info{};
  if (::stat(file.value.c_str(), &info) != 0 || (info.st_mode & S_IROTH) == 0) {
    return;
  }
  findings.warnings.push_back({file.at, file.value.string() + " holds " + what +
                                            " and can be read by everybody on this machine: chmod "
                                            "o-rwx " +
                                            file.value.string()});
}

void lint_certificates(const config::Config& config, const std::vector<LoadedCertificate>& loaded,
                       Findings& findings) {
  std::set<config::Path> seen;
  for (const LoadedCertificate& certificate : loaded) {
    if (!is_for_upstreams_alone(config, certificate)) {
      lint_leaf(certificate, findings);
    }
    lint_modes(*certificate.configured, seen, findings);
  }
  for (const config::Listener& listener : config.listeners) {
    lint_twins(listener, loaded, findings);
  }
}

}  // namespace chainmend::serving

// LeafFile: what lay in the files of one leaf certificate, sorted out. Such files come in every
// disorder: leaf last, root inside, a certificate twice, one of another site.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "certs/certificate.h"
#include "certs/certificate_reader.h"
#include "certs/issuer_source.h"

namespace chainmend::certs {

struct LeafFile {
  CertificatePtr leaf;
  std::vector<Candidate> extras;      // the other certificates: candidates, no more
  std::vector<CertificatePtr> given;  // all of them as they came, for `serve: as-given`
};

// Sorts out what was found; `leaf` is an index into it.
LeafFile make_leaf_file(const std::vector<FoundCertificate>& found, std::size_t leaf);

// The leaf among certificates without a key to tell: the first that is no CA, else the first that
// issued none of the others, else the first. found must not be empty.
std::size_t pick_leaf(const std::vector<FoundCertificate>& found);

// How what is served differs from what was given, in words: leaf moved to the front, order put
// right, duplicates, roots and strangers left off. Nothing when the file was in order, however
// incomplete.
std::vector<std::string> describe_repairs(std::span<const CertificatePtr> given,
                                          std::span<const Candidate> served);

}  // namespace chainmend::certs

// AiaCache: verified intermediates that AIA brought, kept in memory and in a folder, so that a
// restart asks nobody and a dead AIA host breaks nothing as long as the certificate itself is
// valid. It is asked before AIA is.
//
// A file per certificate, named by the SHA-256 of its DER. Files are written whole or not at all,
// several processes may share the folder, and whatever else lies in it is reported and never used.
// A folder that cannot be written leaves a memory-only cache and one problem. Thread-safe.
#pragma once

#include <sys/types.h>

#include <list>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "certs/certificate.h"
#include "certs/issuer_source.h"

namespace chainmend::certs {

class AiaCache final : public IssuerSource {
 public:
  static constexpr std::size_t kMaxEntries = 256;  // the oldest goes first
  static constexpr std::size_t kMaxFileBytes = std::size_t{64} * 1024;
  static constexpr std::size_t kMaxProblems = 32;

  // What becomes of the folder: a command that only looks changes nothing on disk.
  enum class Access { read_write, read_only };

  // Loads the folder, creating it (0700) when missing and we may. An empty path keeps everything in
  // memory only. read_only: a folder that a read_write cache could not use is a problem, too.
  explicit AiaCache(std::string folder = {}, Access access = Access::read_write);

  // Loads what other processes have stored since.
  void reload();

  // Keeps a certificate whose key was seen to verify another's signature. Byte-identical ones are
  // kept once.
  void store(const CertificatePtr& certificate);

  std::vector<Candidate> issuers_of(const Certificate& child) override;
  bool may_wait() const override { return false; }
  // Of the last load and of every store since; at most kMaxProblems.
  std::vector<Error> problems() const override;
  std::size_t size() const;

 private:
  using Entries = std::list<Candidate>;  // oldest first

  void load_file(const std::string& name);
  void add(const CertificatePtr& certificate);
  void drop_oldest();
  void report(Error problem);
  std::string path_of(const Certificate& certificate) const;

  const std::string folder_;
  const Access access_;
  mutable std::mutex mutex_;
  Entries entries_;
  std::unordered_map<Sha256, Entries::iterator, Sha256Hash> by_fingerprint_;
  std::unordered_multimap<std::string, Entries::iterator> by_subject_;
  std::vector<Error> problems_;
  bool writable_ = true;  // as far as we know; said once when it is not
};

}  // namespace chainmend::certs

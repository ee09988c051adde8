// CertificateStore: the certificates and keys that a configuration names, from an archive's file
// store or from a folder.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "certs/bytes.h"
#include "proxy/diagnose/f5/sources.h"

namespace chainmend::diagnose::f5 {

class CertificateStore {
 public:
  CertificateStore() = default;
  // Those of the file store: ":Common:ews.crt_60123_1" is /Common/ews.crt.
  explicit CertificateStore(const Sources& sources);

  // A file of a folder: "ews.crt", or called as in the file store.
  void add_file(const std::string& path, certs::Bytes bytes);

  void put(std::string_view object, certs::Bytes bytes);

  // name: "/Common/ews.crt". Null: it is not at hand.
  const certs::Bytes* certificate(std::string_view name) const { return find(certificates_, name); }
  const certs::Bytes* key(std::string_view name) const { return find(keys_, name); }
  bool empty() const { return certificates_.empty() && keys_.empty(); }

 private:
  using Named = std::map<std::string, certs::Bytes, std::less<>>;
  static const certs::Bytes* find(const Named& in, std::string_view name);

  Named certificates_, keys_;
};

}  // namespace chainmend::diagnose::f5

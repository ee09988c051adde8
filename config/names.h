// Names: what the file defines by name and where it refers to it, checked once all of it is read.
#pragma once

#include <string>
#include <vector>

#include "config/result.h"
#include "proxy/enums/names.h"

namespace chainmend::config {

class Names {
 public:
  enum class Kind {
    listener,
    certificate,
    chain,  // several certificates may have one of the same name
    policy,
    client_type,  // several rules may lead to one
    trust_profile,
    upstream
  };

  void define(Kind kind, std::string name, Location at);
  void refer(Kind kind, std::string name, Location at);

  // Errors: a name defined twice (a client type may have several rules), a reference to nothing.
  // Warnings, when the file has no error: what is defined and never used (but a listener or a
  // client type is of use by itself).
  void check(Diagnostics& errors, Diagnostics& warnings) const;

 private:
  struct Mention {
    Kind kind;
    std::string name;
    Location at;
  };
  std::vector<Mention> definitions_;
  std::vector<Mention> references_;
};

// As messages call them.
inline constexpr enums::Names<Names::Kind> kKindNames{
    "listener", "certificate", "chain", "TLS policy", "client type", "trust profile", "upstream"};
constexpr const char* to_string(Names::Kind kind) { return kKindNames[kind]; }

}  // namespace chainmend::config

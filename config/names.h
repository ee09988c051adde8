// Names: what the file defines by name and where it refers to it, checked once all of it is read.
#pragma once

#include <string>
#include <vector>

#include "config/result.h"

namespace chainmend::config {

class Names {
 public:
  enum class Kind { listener, certificate, policy, client_type, upstream };

  void define(Kind kind, std::string name, Location at);
  void refer(Kind kind, std::string name, Location at);

  // Errors: a name defined twice (a client type may have several rules), a reference to nothing.
  // Warnings: what is defined and never used (but a listener or a client type is of use by itself).
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

}  // namespace chainmend::config

// The properties of F5 that chainmend has no equal of, and what that means for clients.
#pragma once

#include <string_view>

#include "proxy/diagnose/f5/ledger.h"

namespace chainmend::diagnose::f5 {

struct KnownProperty {
  std::string_view kind;  // or its beginning
  std::string_view key;
  Outcome outcome;
  std::string_view harmless;  // a value with which it makes no difference
  std::string_view how;       // a clause without full stop
  bool guards = false;        // it keeps somebody out
};

// Null: nobody knows it.
const KnownProperty* known_property(std::string_view kind, std::string_view key);

}  // namespace chainmend::diagnose::f5

#include "proxy/http/withheld.h"

#include <algorithm>
#include <array>

namespace chainmend::http {

Withheld look_at_withheld(std::string_view received, std::string_view method) noexcept {
  constexpr std::array<std::string_view, 20> kMethods = {
      "GET",   "POST",  "PUT",    "HEAD",   "OPTIONS",     "DELETE",      "PATCH",
      "MOVE",  "COPY",  "LOCK",   "UNLOCK", "MKCOL",       "PROPFIND",    "PROPPATCH",
      "MERGE", "TRACE", "SEARCH", "REPORT", "RPC_IN_DATA", "RPC_OUT_DATA"};
  const auto compare = [received](std::string_view known) {
    const bool alike = received.substr(0, known.size()) == known.substr(0, received.size());
    if (!alike) {
      return Withheld::body;
    }
    if (received.size() <= known.size()) {
      return Withheld::undecided;
    }
    return received[known.size()] == ' ' ? Withheld::request : Withheld::body;
  };
  bool undecided = false;
  const auto look = [&](std::string_view known) {
    const Withheld one = compare(known);
    undecided = undecided || one == Withheld::undecided;
    return one == Withheld::request;
  };
  if (look(method) || std::ranges::any_of(kMethods, look)) {
    return Withheld::request;
  }
  return undecided ? Withheld::undecided : Withheld::body;
}

}  // namespace chainmend::http

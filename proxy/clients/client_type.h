// ClientType: a kind of client as a small number with a name. The set is closed, so that it can be
// a label of metrics: the built-in types, then those that the operator names, at most
// config::kMaxClientTypes in the life of the process; what comes after them is `other`.
// Names are process-lived and thread-safe: a number keeps its name over a reload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "config/client_types.h"

namespace chainmend::clients {

class ClientType {
 public:
  // Numbers are below this.
  static constexpr std::size_t kLimit = config::kMaxClientTypes + 1;

  constexpr ClientType() = default;  // `other`
  // The type of this name; a new one while there is room, else `other`. Takes a lock:
  // for the building of snapshots, not for the data path.
  static ClientType named(std::string_view name);
  // The type of this name that exists already; `other` when none does.
  static ClientType known(std::string_view name);
  // How many types have got a number so far, `other` among them.
  static std::size_t count();
  // The type of a number below count(); `other` for any other number.
  static ClientType at(std::size_t index);

  std::string_view name() const;
  constexpr std::size_t index() const { return index_; }
  constexpr bool operator==(const ClientType&) const = default;

 private:
  constexpr explicit ClientType(std::uint8_t index) : index_(index) {}
  std::uint8_t index_ = 0;
};

}  // namespace chainmend::clients

// Names that the operator chose, as small numbers, so that an event finds its cell by index.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace chainmend::metrics {

inline constexpr std::size_t kMaxPolicies = 16;  // beside `other`

// A TLS policy as a small number; Metrics::policy() gives it for a name. 0 is `other`.
struct PolicyLabel {
  std::uint8_t index = 0;
};

inline constexpr std::size_t kMaxServerNames = 126;  // of one listener, beside `other` and `none`

// A name that a listener serves, as a small number; Metrics::server_name() gives it.
struct ServerNameLabel {
  std::uint8_t index = 0;
};
inline constexpr ServerNameLabel kOtherName{0};
inline constexpr ServerNameLabel kNoName{1};

// NumberedNames: which name has which number. The numbers of the names given first are fixed, and
// the first of all stands for every name that is one too many. Guarded by Metrics' mutex.
class NumberedNames {
 public:
  NumberedNames(std::initializer_list<std::string> first, std::size_t most)
      : names_(first), most_(most) {}

  // The number of a name; a new name gets the next number while there are fewer than `most`.
  std::uint8_t number(std::string_view name);
  std::string_view name(std::size_t number) const { return names_[number]; }
  std::size_t size() const { return names_.size(); }

 private:
  std::vector<std::string> names_;
  std::size_t most_;
};

}  // namespace chainmend::metrics

// The names of an enum's values: one table beside each enum, checked when it is compiled.
//
//   enum class Colour { red, dark_green };
//   inline constexpr enums::Names<Colour> kColourNames{"red", "dark-green"};
//   constexpr const char* to_string(Colour colour) { return kColourNames[colour]; }
//
// A name too many or too few does not compile. Enums here are scoped (`enum class`), and their
// values run from 0 without a gap.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

namespace chainmend::enums {

// True when the enum declares a value of this number. Compilers print an undeclared one as a cast,
// "(Colour)7", and a declared one by its name.
template <typename Enum, Enum kValue>
consteval bool is_declared() {
  const std::string_view printed = __PRETTY_FUNCTION__;
  const std::size_t after = printed.rfind(')') + 1;
  return printed[after] < '0' || printed[after] > '9';
}

// How many values an enum has.
template <typename Enum, std::size_t kFrom = 0>
consteval std::size_t count() {
  static_assert(std::is_enum_v<Enum>);
  if constexpr (is_declared<Enum, static_cast<Enum>(kFrom)>()) {
    return count<Enum, kFrom + 1>();
  } else {
    return kFrom;
  }
}

// An array with a place for each value, indexed by the value.
template <typename T, typename Enum>
struct Array : std::array<T, count<Enum>()> {
  using Base = std::array<T, count<Enum>()>;
  constexpr T& operator[](Enum value) { return Base::operator[](static_cast<std::size_t>(value)); }
  constexpr const T& operator[](Enum value) const {
    return Base::operator[](static_cast<std::size_t>(value));
  }
};

template <typename Enum>
class Names {
 public:
  template <typename... Name>
  explicit consteval Names(const Name&... names) : names_{{names...}} {
    static_assert(sizeof...(Name) == count<Enum>(), "one name for each value of the enum");
  }

  constexpr const char* operator[](Enum value) const { return names_[value]; }
  // The value of this name.
  constexpr std::optional<Enum> find(std::string_view name) const {
    for (std::size_t i = 0; i < names_.size(); ++i) {
      if (name == names_[static_cast<Enum>(i)]) {
        return static_cast<Enum>(i);
      }
    }
    return std::nullopt;
  }
  // All names, in the order of the values.
  constexpr auto begin() const { return names_.begin(); }
  constexpr auto end() const { return names_.end(); }

 private:
  Array<const char*, Enum> names_;
};

}  // namespace chainmend::enums

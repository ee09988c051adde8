// Feed: the page as it is now, and what of it changed since somebody looked. Each change has a
// number; numbers go on growing over a restart, so that a page that was loaded before is told
// everything.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "proxy/server/page/parts.h"

namespace chainmend::server {

class Feed {
 public:
  // first: a number greater than any that an earlier process gave.
  explicit Feed(std::uint64_t first) : number_(first) {}

  // What the page is from now on.
  void update(std::vector<Section> sections);
  std::uint64_t number() const { return number_; }
  const std::vector<Section>& sections() const { return sections_; }

  // What has changed after this number, as JSON in one line: {"number", "set": {ID: HTML}, "order":
  // {ID of what holds the rows: [ID]}}. Written once for all who saw the same.
  const std::string& since(std::uint64_t number);

 private:
  struct Piece {
    Markup html;
    std::uint64_t changed = 0;
  };
  struct Order {
    std::vector<std::string> ids;
    std::uint64_t changed = 0;
  };

  std::uint64_t number_;
  std::vector<Section> sections_;
  std::map<std::string, Piece> pieces_;
  std::map<std::string, Order> orders_;
  std::map<std::uint64_t, std::string> written_;  // by what was seen before; for number_ alone
};

// The id of the element that holds the rows of a section.
std::string holder_of(const Section& section);

}  // namespace chainmend::server

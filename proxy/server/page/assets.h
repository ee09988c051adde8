// The files that the status page asks for, as they lie in this folder, packed with gzip when the
// program was built.
#pragma once

#include <string_view>

namespace chainmend::server {

struct Asset {
  std::string_view path;  // "/page/page.css"
  std::string_view type;
  std::string_view tag;   // ETag: another one when the content is another
  std::string_view gzip;  // RFC 1952
};

// Null: there is none.
const Asset* find_asset(std::string_view path);

}  // namespace chainmend::server

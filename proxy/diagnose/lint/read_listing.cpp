#include "proxy/diagnose/lint/read_listing.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

#include "proxy/diagnose/lint/read_certutil.h"
#include "proxy/diagnose/lint/read_format_list.h"
#include "proxy/diagnose/lint/read_format_table.h"
#include "proxy/diagnose/lint/read_hex_dump.h"
#include "proxy/diagnose/lint/read_registry.h"

namespace chainmend::diagnose {

namespace {

void append(Listing& all, Listing more) {
  std::ranges::move(more.listed, std::back_inserter(all.listed));
  std::ranges::move(more.stored, std::back_inserter(all.stored));
  std::ranges::move(more.problems, std::back_inserter(all.problems));
}

}  // namespace

Listing read_listing(std::string_view text) {
  if (looks_like_registry(text)) {
    return read_registry(text);
  }
  Listing all;
  for (const auto read : {read_certutil, read_format_list, read_format_table, read_hex_dump}) {
    append(all, read(text));
  }
  std::unordered_set<std::string> with_bytes;
  for (const StoredCertificate& one : all.stored) {
    with_bytes.insert(certs::thumbprint(one.certificate->der()));
  }
  std::erase_if(all.listed, [&](const Listed& one) { return with_bytes.contains(one.thumbprint); });
  std::ranges::sort(all.listed, {}, &Listed::line);
  return all;
}

}  // namespace chainmend::diagnose

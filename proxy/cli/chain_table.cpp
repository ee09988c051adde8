#include "proxy/cli/chain_table.h"

#include "certs/bytes.h"
#include "certs/time.h"

namespace chainmend::cli {

void print_links(const Terminal& terminal, const certs::ServedChain& chain) {
  std::vector<std::vector<std::string>> rows;
  const bool brief = terminal.is_terminal();  // whose 80 columns have no room for all of it
  for (const certs::Candidate& served : chain.certificates) {
    const certs::Certificate& one = *served.certificate;
    const std::string key_id =
        one.subject_key_id() ? certs::hex_colons(*one.subject_key_id()) : "-";
    const std::string expires = certs::format_time(one.not_after());
    rows.push_back({std::to_string(rows.size()), one.subject(),
                    brief && key_id.size() > 11 ? key_id.substr(0, 11) + "..." : key_id,
                    brief ? expires.substr(0, 10) : expires, certs::to_string(served.origin)});
  }
  terminal.table({"#", "SUBJECT", "KEY ID", "EXPIRES", "SOURCE"}, rows);
}

}  // namespace chainmend::cli

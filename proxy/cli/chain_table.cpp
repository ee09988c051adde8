#include "proxy/cli/chain_table.h"

#include "certs/bytes.h"
#include "certs/time.h"

namespace chainmend::cli {

void print_links(const Terminal& terminal, const certs::ServedChain& chain) {
  std::vector<std::vector<std::string>> rows;
  for (const certs::Candidate& served : chain.certificates) {
    const certs::Certificate& one = *served.certificate;
    rows.push_back({std::to_string(rows.size()), one.subject(),
                    one.subject_key_id() ? certs::hex_colons(*one.subject_key_id()) : "-",
                    certs::format_time(one.not_after()), certs::to_string(served.origin)});
  }
  terminal.table({"#", "SUBJECT", "KEY ID", "EXPIRES", "SOURCE"}, rows);
}

}  // namespace chainmend::cli

#include "proxy/diagnose/lint/chain.h"

#include <algorithm>
#include <utility>

#include "certs/bytes.h"
#include "certs/leaf_file.h"
#include "proxy/diagnose/served_list.h"

namespace chainmend::diagnose {

namespace {

std::size_t leaf_of(std::span<const Entry> entries) {
  std::vector<certs::FoundCertificate> found;
  for (const Entry& entry : entries) {
    found.push_back({entry.certificate, entry.place.file, entry.place.line});
  }
  return certs::pick_leaf(found);
}

LintFinding about(const Entry& entry, Finding finding) {
  return {std::move(finding), entry.place, entry.certificate->subject(),
          certs::thumbprint(entry.certificate->der())};
}

// judge_list() speaks to those who look at a server; here there is a file.
std::string fix_of(const Finding& finding, const ListVerdict& verdict) {
  if (finding.id == "intermediate-missing") {
    return verdict.missing.empty()
               ? "give its certificate with --bundle FILE; chainmend chain --leaf FILE --aia "
                 "downloads it"
               : "--fix FILE writes the whole list";
  }
  if (finding.id == "wrong-order") {
    return finding.fix + "; --fix FILE writes it so";
  }
  return finding.fix;
}

}  // namespace

LintedChain lint_chain(const ChainQuestion& question) {
  LintedChain out;
  const std::span<const Entry> entries = question.entries;
  if (entries.size() > kMaxChain) {
    out.findings.push_back({{to_string(Rule::no_chain),
                             info_on(Rule::no_chain).severity,
                             {},
                             std::to_string(entries.size()) +
                                 " certificates: this is no chain but a bundle or a store",
                             "look at it with chainmend lint root-store"},
                            {entries.front().place.file, 0, 0},
                            {},
                            {}});
    return out;
  }
  const std::size_t leaf = leaf_of(entries);
  ListQuestion list{.list = {entries[leaf].certificate},
                    .host = {},
                    .trust = question.trust,
                    .sources = question.sources,
                    .now = question.now};
  std::vector<const Entry*> order{&entries[leaf]};
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (i != leaf) {
      order.push_back(&entries[i]);
      list.list.push_back(entries[i].certificate);
    }
  }
  ListVerdict verdict = judge_list(list);
  if (leaf != 0) {
    out.findings.push_back(
        about(entries[leaf],
              {to_string(Rule::leaf_not_first),
               info_on(Rule::leaf_not_first).severity,
               {},
               "the certificate of the server has to be the first in the file: servers take the "
               "first one, and find that the key does not belong to it",
               "move it to the front; --fix FILE writes it so"}));
  }
  for (Finding& finding : verdict.findings) {
    finding.fix = fix_of(finding, verdict);
    if (finding.certificate) {
      const Entry& entry = *order[*finding.certificate];
      out.findings.push_back(about(entry, std::move(finding)));
    } else {
      out.findings.push_back({std::move(finding), {entries[leaf].place.file, 0, 0}, {}, {}});
    }
  }
  out.repaired = std::move(verdict.repaired);
  out.root = std::move(verdict.root);
  return out;
}

}  // namespace chainmend::diagnose

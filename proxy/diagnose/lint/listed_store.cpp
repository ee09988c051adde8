#include "proxy/diagnose/lint/listed_store.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <utility>

#include "proxy/diagnose/lint/windows_store.h"

namespace chainmend::diagnose {

namespace {

constexpr const char* kExportBytes =
    "give the certificates themselves for the rest; PowerShell: Get-ChildItem "
    "Cert:\\LocalMachine\\Root | Export-Certificate -Type P7B -FilePath roots.p7b";
constexpr const char* kWiderListing =
    "list what is needed, and wide enough: Get-ChildItem Cert:\\LocalMachine\\Root | Format-List "
    "Subject, Issuer, Thumbprint, NotBefore, NotAfter, HasPrivateKey | Out-File -Width 4096 "
    "roots.txt";

enum class Names : std::uint8_t { differ, equal, unknown };

// What is cut off at its end may still differ in what is left.
Names compare_names(const Listed& one) {
  if (one.subject.empty() || one.issuer.empty()) {
    return Names::unknown;
  }
  const std::string subject = comparable_name(one.subject);
  const std::string issuer = comparable_name(one.issuer);
  const bool is_subject_cut = one.is_cut(ListedField::subject);
  const bool is_issuer_cut = one.is_cut(ListedField::issuer);
  if (!is_subject_cut && !is_issuer_cut) {
    return subject == issuer ? Names::equal : Names::differ;
  }
  const std::size_t common = std::min(subject.size(), issuer.size());
  const bool is_longer_than_whole = (!is_subject_cut && issuer.size() > subject.size()) ||
                                    (!is_issuer_cut && subject.size() > issuer.size());
  return subject.compare(0, common, issuer, 0, common) != 0 || is_longer_than_whole
             ? Names::differ
             : Names::unknown;
}

// Digests that are of no use any more, by the identifiers of their signatures.
const char* weak_digest(const std::string& oid) {
  constexpr std::array<std::pair<std::string_view, const char*>, 6> kWeak{
      {{"1.2.840.113549.1.1.2", "MD2"},
       {"1.2.840.113549.1.1.4", "MD5"},
       {"1.2.840.113549.1.1.5", "SHA-1"},
       {"1.3.14.3.2.29", "SHA-1"},
       {"1.2.840.10045.4.1", "SHA-1"},
       {"1.2.840.10040.4.3", "SHA-1"}}};
  const auto* const found =
      std::ranges::find_if(kWeak, [&](const auto& one) { return one.first == oid; });
  return found == kWeak.end() ? nullptr : found->second;
}

// What one file leaves open.
struct Gaps {
  std::size_t listed = 0;
  std::size_t names_equal = 0;  // no proof of a signature
  std::size_t names_unknown = 0;
  std::size_t no_thumbprint = 0;
  std::size_t no_end = 0;  // no readable date
  std::size_t no_key_told = 0;
  std::size_t no_signature = 0;
  std::map<ListedField, std::size_t> cut;
  std::size_t first_cut_line = 0;
  std::size_t ambiguous = 0;
  std::string first_ambiguous;
};

class ListedLint {
 public:
  ListedLint(const LintInput& input, certs::Time now, const InUse* in_use)
      : input_(input), now_(now), in_use_(in_use) {
    for (const Entry& entry : input.entries) {
      seen_.emplace(key_of(entry.store, certs::thumbprint(entry.certificate->der())), entry.place);
    }
    std::map<std::string, std::vector<const DateText*>> dates;
    for (const ListedEntry& entry : input.listed) {
      for (const auto* date : {&entry.listed.not_before, &entry.listed.not_after}) {
        if (*date) {
          dates[entry.place.file].push_back(&**date);
        }
      }
    }
    for (const auto& [file, all] : dates) {
      orders_[file] = order_of(all);
    }
  }

  std::vector<LintFinding> judge() {
    for (const ListedEntry& entry : input_.listed) {
      if (holds_roots(entry.listed.store)) {
        judge(entry);
      }
    }
    for (const auto& [file, gaps] : gaps_) {
      tell_gaps(file, gaps);
    }
    return std::move(findings_);
  }

 private:
  static std::string key_of(const std::string& store, const std::string& thumbprint) {
    return (holds_roots(store) ? "" : store) + "/" + thumbprint;
  }

  void add(Rule rule, const ListedEntry& entry, std::string text, std::string fix) {
    findings_.push_back(
        {{to_string(rule), info_on(rule).severity, {}, std::move(text), std::move(fix)},
         entry.place,
         entry.listed.subject,
         entry.listed.thumbprint});
  }

  // The fix takes the entry out of the store.
  void add_removal(Rule rule, const ListedEntry& entry, std::string text, std::string fix) {
    add(rule, entry, std::move(text), std::move(fix));
    if (in_use_ != nullptr) {
      findings_.back().used_by = in_use_->users_of(entry.listed);
    }
  }

  void add(Rule rule, const std::string& file, std::size_t line, std::string text,
           std::string fix) {
    findings_.push_back(
        {{to_string(rule), info_on(rule).severity, {}, std::move(text), std::move(fix)},
         {file, 0, line},
         {},
         {}});
  }

  void judge(const ListedEntry& entry) {
    const Listed& one = entry.listed;
    Gaps& gaps = gaps_[entry.place.file];
    ++gaps.listed;
    for (const ListedField field : one.cut) {
      ++gaps.cut[field];
      gaps.first_cut_line = gaps.first_cut_line == 0 ? one.line : gaps.first_cut_line;
    }
    if (one.thumbprint.empty()) {
      ++gaps.no_thumbprint;
    } else if (const auto [first, is_new] =
                   seen_.emplace(key_of(one.store, one.thumbprint), entry.place);
               !is_new) {
      add(Rule::duplicate, entry, "the same certificate as " + place_text(first->second),
          "take one of them out");
      return;
    }
    judge_names(entry, gaps);
    judge_dates(entry, gaps);
    if (!one.has_private_key) {
      ++gaps.no_key_told;
    } else if (*one.has_private_key) {
      add(Rule::private_key, entry, kKeyElsewhere, kRemoveKey);
    }
    judge_digest(entry, gaps);
  }

  void judge_names(const ListedEntry& entry, Gaps& gaps) {
    const Listed& one = entry.listed;
    switch (compare_names(one)) {
      case Names::differ:
        add_removal(Rule::not_self_signed, entry,
                    "issued by '" + one.issuer + (one.is_cut(ListedField::issuer) ? "...'" : "'") +
                        ", so it is no root: " + kRefused,
                    move_to_intermediates(one.thumbprint));
        return;
      case Names::equal:
        ++gaps.names_equal;
        if (one.signature_fails) {
          add_removal(
              Rule::rekeyed_root, entry,
              std::string("names itself as its issuer, but certutil could not verify its signature "
                          "with its own key. It is no root: ") +
                  kRefused,
              move_to_intermediates(one.thumbprint));
        }
        return;
      case Names::unknown:
        ++gaps.names_unknown;
    }
  }

  void judge_dates(const ListedEntry& entry, Gaps& gaps) {
    const Listed& one = entry.listed;
    const DateOrder order = orders_[entry.place.file];
    if (!one.not_after) {
      ++gaps.no_end;
    } else if (const DateSpan end = span_of(*one.not_after, order); end.to < now_) {
      add_removal(
          Rule::expired, entry,
          "expired at " + one.not_after->text +
              ": what it signed is refused, and its name makes the list of trusted issuers longer",
          remove_entry(one.thumbprint));
    } else if (end.from < now_ && end.has_two_orders) {
      ++gaps.ambiguous;
      gaps.first_ambiguous =
          gaps.first_ambiguous.empty() ? one.not_after->text : gaps.first_ambiguous;
    }
    if (one.not_before && span_of(*one.not_before, order).from > now_) {
      add(Rule::not_yet_valid, entry, "not valid before " + one.not_before->text,
          "check the clock here, and the date the certificate was made for");
    }
  }

  void judge_digest(const ListedEntry& entry, Gaps& gaps) {
    if (entry.listed.signature.empty()) {
      ++gaps.no_signature;
    } else if (const char* const digest = weak_digest(entry.listed.signature)) {
      add(Rule::weak_signature, entry,
          std::string("signed with ") + digest +
              ": of no danger in a root, whose signature nobody has to verify; scanners tell of it",
          "");
    }
  }

  void tell_gaps(const std::string& file, const Gaps& gaps) {
    add(Rule::text_only, file, 0, not_checked(gaps), kExportBytes);
    if (!gaps.cut.empty()) {
      std::string fields;
      for (const auto& [field, count] : gaps.cut) {
        fields +=
            fmt::format("{}{} ({})", fields.empty() ? "" : ", ", kListedFieldNames[field], count);
      }
      add(Rule::cut_off, file, gaps.first_cut_line,
          "values that end with dots were cut off when the listing was made, and are not "
          "guessed: " +
              fields,
          kWiderListing);
    }
    if (gaps.ambiguous > 0) {
      add(Rule::ambiguous_date, file, 0,
          fmt::format(
              "'{}' may be month/day or day/month, and no other date of the file tells; "
              "whether {} expired depends on it",
              gaps.first_ambiguous,
              gaps.ambiguous == 1 ? "it has" : fmt::format("{} of them have", gaps.ambiguous)),
          "compare with the date in certlm.msc, or list NotAfter by ToString('u')");
    }
  }

  static std::string not_checked(const Gaps& gaps) {
    std::string text = fmt::format(
        "{} certificate{} listed without {} bytes. Not checked: whether a root signed itself",
        gaps.listed, gaps.listed == 1 ? " is" : "s are", gaps.listed == 1 ? "its" : "their");
    if (gaps.names_equal > 0) {
      text += fmt::format(" ({} name{} itself as issuer, which proves nothing)", gaps.names_equal,
                          gaps.names_equal == 1 ? "s" : "");
    }
    const auto add = [&](std::size_t count, const std::string& what) {
      if (count > 0) {
        text += ", " + what;
        text += count == gaps.listed ? "" : fmt::format(" of {}", count);
      }
    };
    add(gaps.names_unknown, "whether issuer and subject are the same");
    add(gaps.listed, "key sizes");
    add(gaps.no_signature, "signature algorithms");
    add(gaps.listed, "basicConstraints");
    add(gaps.listed, "the size of the list of trusted issuers");
    add(gaps.no_end, "dates");
    add(gaps.no_key_told, "private keys");
    add(gaps.no_thumbprint, "duplicates and the roots of phone makers, by thumbprint");
    return text;
  }

  const LintInput& input_;
  certs::Time now_;
  const InUse* in_use_;
  std::map<std::string, DateOrder> orders_;  // by file
  std::map<std::string, Place> seen_;        // by store and thumbprint
  std::map<std::string, Gaps> gaps_;         // by file
  std::vector<LintFinding> findings_;
};

}  // namespace

std::vector<LintFinding> judge_listed(const LintInput& input, certs::Time now,
                                      const InUse* in_use) {
  return ListedLint(input, now, in_use).judge();
}

std::string comparable_name(std::string_view name) {
  std::string plain;
  plain.reserve(name.size());
  for (const char c : name) {
    if (c == ' ' || c == '\t' || c == '"' || c == '\\') {
      continue;
    }
    plain += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  // Windows writes S and E where RFC 4514 and OpenSSL write ST and emailAddress.
  std::string out;
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const bool begins = i == 0 || plain[i - 1] == ',';
    const std::string_view rest = std::string_view(plain).substr(i, 2);
    if (begins && (rest == "s=" || rest == "e=")) {
      out += rest == "s=" ? "st" : "emailaddress";
    } else {
      out += plain[i];
    }
  }
  return out;
}

}  // namespace chainmend::diagnose

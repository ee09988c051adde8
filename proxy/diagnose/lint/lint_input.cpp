#include "proxy/diagnose/lint/lint_input.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <unordered_set>
#include <utility>

#include "certs/certificate_reader.h"
#include "certs/file_text.h"
#include "certs/pem.h"
#include "certs/pipe_file.h"
#include "certs/pkcs12.h"
#include "certs/sst.h"
#include "proxy/diagnose/lint/listing_text.h"
#include "proxy/diagnose/lint/read_listing.h"
#include "proxy/diagnose/read/gunzip.h"
#include "proxy/diagnose/read/log_files.h"

namespace chainmend::diagnose {

namespace {

constexpr std::uint8_t kSequence = 0x30;  // DER begins with it, and no text of ours does

// A listing of a store names certificates without their bytes, and most checks need these.
constexpr const char* kExportBytes =
    "give the certificates themselves; PowerShell: Get-ChildItem Cert:\\LocalMachine\\Root | "
    "Export-Certificate -Type P7B -FilePath roots.p7b";

LintFinding cannot_read(const certs::Error& problem) {
  const bool needs_password = problem.code == certs::ErrorCode::password_needed ||
                              problem.code == certs::ErrorCode::wrong_password;
  return {{to_string(Rule::unreadable),
           info_on(Rule::unreadable).severity,
           {},
           problem.text,
           needs_password ? "name the file that holds its password by --password-file"
           : problem.code == certs::ErrorCode::not_recognised ? kExportBytes
                                                              : ""},
          {problem.where, 0, problem.line},
          {},
          {}};
}

std::vector<Place> keys_in_pem(certs::ByteView bytes, const std::string& where) {
  std::vector<Place> keys;
  for (const certs::PemBlock& block : certs::read_pem(certs::as_text(bytes)).blocks) {
    if (block.label.ends_with("PRIVATE KEY")) {
      keys.push_back({where, 0, block.line});
    }
  }
  return keys;
}

// Unset: no PKCS#12 file at all, which the findings of the reader say.
std::optional<PfxFile> read_pfx(certs::ByteView bytes, const std::string& where,
                                const certs::Password& password) {
  auto shape = certs::read_pkcs12_shape(bytes);
  if (!shape) {
    return std::nullopt;
  }
  PfxFile file{.file = where, .shape = std::move(*shape)};
  if (auto content = certs::read_pkcs12(bytes, password)) {
    file.is_open = true;
    file.opened_without_password = !password || password->empty();
    file.keys = std::move(content->keys);
  }
  return file;
}

class InputReading {
 public:
  explicit InputReading(const certs::Password& password) : password_(password) {}

  void read(const std::string& path, bool was_named) {
    const std::string where = path == "-" ? "standard input" : path;
    const bool is_pipe = was_named && certs::is_pipe(path);
    auto bytes = is_pipe ? certs::read_pipe(path) : certs::read_file(path);
    if (!bytes) {
      input_.failures.push_back(bytes.error().describe());
      return;
    }
    if (looks_like_gzip(*bytes)) {
      bytes = gunzip(*bytes, certs::kMaxCertificateFileBytes);
      if (!bytes) {
        input_.failures.push_back(where + ": " + bytes.error().text);
        return;
      }
    }
    if (f5::take_source(where, *bytes, input_.bigip)) {
      ++input_.files;
      return;
    }
    certs::Reading reading = certs::read_certificates(*bytes, where, password_);
    std::vector<Place> keys = read_keys(*bytes, where);
    if (reading.certificates.empty() && keys.empty() && take_bindings(*bytes, where)) {
      return;
    }
    Text text = read_text(*bytes, reading);
    if (!was_named && reading.certificates.empty() && keys.empty() && text.listing.empty() &&
        is_foreign(reading)) {
      input_.ignored.push_back(where);
      return;
    }
    ++input_.files;
    std::size_t entry = 0;
    for (certs::FoundCertificate& found : reading.certificates) {
      input_.entries.push_back(
          {std::move(found.certificate), {std::move(found.file), ++entry, found.line}});
    }
    // Said better by the finding about the key, or by what the listing has.
    const bool is_said = reading.certificates.empty() && (!keys.empty() || !text.listing.empty());
    for (const certs::Error& problem : reading.problems) {
      if (!is_said) {
        input_.unreadable.push_back(cannot_read(problem));
      }
    }
    take(std::move(text), where, entry);
    std::ranges::move(keys, std::back_inserter(input_.keys));
  }

  LintInput take() { return std::move(input_); }
  LintInput& input() { return input_; }

 private:
  bool take_bindings(certs::ByteView bytes, const std::string& where) {
    Bindings bindings = read_bindings(bytes, where);
    if (bindings.found.empty()) {
      return false;
    }
    ++input_.files;
    std::ranges::move(bindings.found, std::back_inserter(input_.bindings));
    if (bindings.left_out > 0) {
      input_.failures.push_back(where + ": more than " + std::to_string(kMaxBindings) +
                                " bindings, of which " + std::to_string(bindings.left_out) +
                                " were not read: split the file");
    }
    return true;
  }

  struct Text {
    Listing listing;
    std::vector<std::string> damages;
  };

  // What the file lists, unless it is no text, or PEM alone.
  static Text read_text(certs::ByteView bytes, const certs::Reading& reading) {
    if (bytes.empty() || bytes.front() == kSequence || certs::looks_like_sst(bytes)) {
      return {};
    }
    if (!reading.certificates.empty() && !is_listing_beside_pem(certs::as_text(bytes))) {
      return {};
    }
    ListingText text = read_listing_text(bytes);
    Text out{read_listing(text.utf8), {}};
    if (!out.listing.empty()) {
      out.damages = std::move(text.damages);
    }
    std::unordered_set<std::string> with_bytes;
    for (const certs::FoundCertificate& one : reading.certificates) {
      with_bytes.insert(certs::thumbprint(one.certificate->der()));
    }
    std::erase_if(out.listing.listed,
                  [&](const Listed& one) { return with_bytes.contains(one.thumbprint); });
    return out;
  }

  static bool is_listing_beside_pem(std::string_view text) {
    return text.find("====") != std::string_view::npos ||
           text.find("Thumbprint") != std::string_view::npos;
  }

  void take(Text text, const std::string& where, std::size_t entry) {
    const auto say = [&](Rule rule, std::size_t line, std::string what, std::string fix) {
      input_.unreadable.push_back(
          {{to_string(rule), info_on(rule).severity, {}, std::move(what), std::move(fix)},
           {where, 0, line},
           {},
           {}});
    };
    for (std::string& damage : text.damages) {
      say(Rule::damaged_text, 0, std::move(damage), "make the listing again, with one program");
    }
    for (TextProblem& problem : text.listing.problems) {
      say(Rule::unreadable, problem.line, std::move(problem.text), kExportBytes);
    }
    for (StoredCertificate& one : text.listing.stored) {
      input_.entries.push_back({std::move(one.certificate),
                                {where, ++entry, one.line},
                                std::move(one.store),
                                one.has_key});
    }
    for (Listed& one : text.listing.listed) {
      const std::size_t line = one.line;
      input_.listed.push_back({std::move(one), {where, ++entry, line}});
    }
  }

  std::vector<Place> read_keys(certs::ByteView bytes, const std::string& where) {
    const certs::FileText text = certs::put_text_right(bytes);
    const certs::ByteView read = text.bytes ? certs::ByteView(*text.bytes) : bytes;
    if (certs::looks_like_pem(read)) {
      return keys_in_pem(read, where);
    }
    auto pfx = certs::looks_like_pkcs12(read) ? read_pfx(read, where, password_) : std::nullopt;
    if (!pfx) {
      return {};
    }
    input_.pfx.push_back(std::move(*pfx));
    return std::vector<Place>(input_.pfx.back().keys.size(), Place{where, 0, 0});
  }

  static bool is_foreign(const certs::Reading& reading) {
    return std::ranges::all_of(reading.problems, [](const certs::Error& problem) {
      return problem.code == certs::ErrorCode::not_recognised ||
             problem.code == certs::ErrorCode::empty;
    });
  }

  const certs::Password& password_;
  LintInput input_;
};

}  // namespace

LintInput read_lint_input(const std::vector<std::string>& paths, const certs::Password& password) {
  InputReading reading(password);
  for (const std::string& path : paths) {
    LogFiles found = log_files({path});
    std::ranges::move(found.problems, std::back_inserter(reading.input().failures));
    for (const std::string& file : found.files) {
      reading.read(file, file == path);
    }
  }
  return reading.take();
}

}  // namespace chainmend::diagnose

#include "certs/certificate_reader.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "certs/file_text.h"
#include "certs/pem.h"
#include "certs/pipe_file.h"
#include "certs/pkcs12.h"
#include "certs/pkcs7.h"
#include "certs/sst.h"

namespace chainmend::certs {

namespace {

constexpr std::size_t kMaxProblemsPerFile = 100;

// Collects what one file holds.
class FileReading {
 public:
  FileReading(std::string where, const Password& password)
      : where_(std::move(where)), password_(password) {}

  Reading read(ByteView given) {
    const FileText text = put_text_right(given);
    for (const std::string& what : text.notes) {
      note({ErrorCode::malformed, what + ": read all the same", {}, 0});
    }
    const ByteView bytes = text.bytes ? ByteView(*text.bytes) : given;
    if (looks_like_pem(bytes)) {
      read_pem_file(as_text(bytes));
    } else if (looks_like_sst(bytes)) {
      take(read_sst(bytes), 0);
    } else if (!bytes.empty() && bytes.front() == 0x30) {
      read_der(bytes, 0);
    } else if (bytes.empty()) {
      complain({ErrorCode::empty, "the file is empty", {}, 0});
    } else {
      complain(not_recognised(bytes, 0));
    }
    return std::move(reading_);
  }

 private:
  static Error not_recognised(ByteView bytes, std::size_t line) {
    const std::string what = name_foreign_bytes(bytes);
    return {ErrorCode::not_recognised,
            what.empty() ? "no certificate in any known format (PEM, DER, PKCS#7, PKCS#12, SST)"
                         : "this is " + what,
            {},
            line};
  }

  void read_pem_file(std::string_view text) {
    PemText pem = read_pem(text);
    for (Error& one : pem.notes) {
      note(std::move(one));
    }
    for (Error& problem : pem.problems) {
      complain(std::move(problem));
    }
    for (const PemBlock& block : pem.blocks) {
      read_block(block);
    }
    if (reading_.certificates.empty() && reading_.problems.empty()) {
      complain(nothing_in(pem));
    }
  }

  // What there is instead of a certificate.
  static Error nothing_in(const PemText& pem) {
    for (const PemBlock& block : pem.blocks) {
      const bool key = block.label.ends_with("PRIVATE KEY") && block.label != "OPENSSH PRIVATE KEY";
      const std::string what =
          key ? "a private key, where a certificate is expected" : name_foreign_block(block.label);
      if (!what.empty()) {
        return {ErrorCode::empty, "this is " + what, {}, block.line};
      }
    }
    return {ErrorCode::empty, "PEM text without a certificate in it", {}, 0};
  }

  void read_block(const PemBlock& block) {
    if (block.label == "CERTIFICATE" || block.label == "X509 CERTIFICATE") {
      read_der(block.der, block.line);  // PKCS#7 is found in this armour, too
    } else if (block.label == "TRUSTED CERTIFICATE") {
      read_trusted(block);
    } else if (block.label == "PKCS7" || block.label == "CMS") {
      take(read_pkcs7(block.der), block.line);
    }
  }

  // OpenSSL's own form: a certificate with trust settings behind it.
  void read_trusted(const PemBlock& block) {
    const unsigned char* at = block.der.data();
    const X509Ptr x(d2i_X509_AUX(nullptr, &at, static_cast<long>(block.der.size())));
    if (x == nullptr) {
      const std::string why = drain_openssl_errors();
      return complain(
          {ErrorCode::malformed, "no readable certificate (" + why + ")", {}, block.line});
    }
    take(Certificate::from_x509(x.get()), block.line);
  }

  void read_der(ByteView der, std::size_t line) {
    auto certificate = Certificate::from_der(der);
    if (certificate) {
      return take(std::move(certificate), line);
    }
    if (auto pkcs7 = read_pkcs7(der)) {
      return take(std::move(pkcs7), line);
    }
    if (looks_like_pkcs12(der)) {
      auto pkcs12 = read_pkcs12(der, password_);
      if (!pkcs12) {
        pkcs12.error().line = line;
        return complain(std::move(pkcs12.error()));
      }
      for (CertificatePtr& found : pkcs12->certificates) {
        add(std::move(found), line);
      }
      return;
    }
    if (!name_foreign_bytes(der).empty()) {
      return complain(not_recognised(der, line));
    }
    take(std::move(certificate), line);
  }

  void take(Result<CertificatePtr> certificate, std::size_t line) {
    if (certificate) {
      return add(std::move(*certificate), line);
    }
    certificate.error().line = line;
    complain(std::move(certificate.error()));
  }

  template <typename Content>  // of several certificates and their problems
  void take(Result<Content> content, std::size_t line) {
    if (!content) {
      content.error().line = line;
      return complain(std::move(content.error()));
    }
    for (CertificatePtr& certificate : content->certificates) {
      add(std::move(certificate), line);
    }
    for (Error& problem : content->problems) {
      problem.line = line;
      complain(std::move(problem));
    }
  }

  void add(CertificatePtr certificate, std::size_t line) {
    reading_.certificates.push_back({std::move(certificate), where_, line});
  }

  void note(Error what) {
    if (reading_.notes.size() < kMaxProblemsPerFile) {
      what.where = where_;
      reading_.notes.push_back(std::move(what));
    }
  }

  void complain(Error problem) {
    if (reading_.problems.size() < kMaxProblemsPerFile) {
      problem.where = where_;
      reading_.problems.push_back(std::move(problem));
    }
  }

  std::string where_;
  const Password& password_;
  Reading reading_;
};

Error cannot_read(const std::string& path, const char* why) {
  return {ErrorCode::cannot_read, std::string("cannot read this file: ") + why, path, 0};
}

std::vector<std::string> files_in(const std::string& folder, std::vector<Error>& problems) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    std::error_code ignored;
    if (at->is_regular_file(ignored) && !at->path().filename().string().starts_with('.')) {
      files.push_back(at->path().string());
    }
  }
  if (error) {
    problems.push_back(cannot_read(folder, error.message().c_str()));
  }
  std::ranges::sort(files);
  return files;
}

std::vector<std::string> matches_of(const std::string& pattern, std::vector<Error>& problems) {
  std::vector<std::string> files;
  glob_t found{};
  if (glob(pattern.c_str(), GLOB_BRACE, nullptr, &found) == 0) {
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  } else {
    problems.push_back({ErrorCode::cannot_read, "no file matches this pattern", pattern, 0});
  }
  globfree(&found);
  return files;
}

void append(Reading& all, Reading more) {
  std::ranges::move(more.certificates, std::back_inserter(all.certificates));
  std::ranges::move(more.problems, std::back_inserter(all.problems));
  std::ranges::move(more.notes, std::back_inserter(all.notes));
}

Reading read_one(const std::string& path, const Password& password) {
  const auto bytes = read_file(path);
  if (!bytes) {
    return {.certificates = {}, .problems = {bytes.error()}, .notes = {}};
  }
  return read_certificates(*bytes, path, password);
}

}  // namespace

Result<Bytes> read_file(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    const std::string why = std::strerror(errno);
    const char* const remedy =
        errno == EACCES ? ": the user that runs chainmend must be able to read it" : "";
    return tl::unexpected(cannot_read(path, (why + remedy).c_str()));
  }
  struct stat info{};
  Bytes bytes;
  const char* trouble = nullptr;
  if (fstat(fd, &info) != 0) {
    trouble = std::strerror(errno);
  } else if (!S_ISREG(info.st_mode)) {
    trouble = "it is no regular file";
  } else if (static_cast<std::size_t>(info.st_size) > kMaxCertificateFileBytes) {
    trouble = "it is larger than 64 MiB";
  } else {
    bytes.resize(static_cast<std::size_t>(info.st_size));
    std::size_t filled = 0;
    while (filled < bytes.size()) {
      const ssize_t got = ::read(fd, bytes.data() + filled, bytes.size() - filled);
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        trouble = std::strerror(errno);
      }
      if (got <= 0) {
        break;
      }
      filled += static_cast<std::size_t>(got);
    }
    bytes.resize(filled);
  }
  close(fd);
  if (trouble != nullptr) {
    return tl::unexpected(cannot_read(path, trouble));
  }
  return bytes;
}

Reading read_certificates(ByteView bytes, const std::string& where, const Password& password) {
  return FileReading(where, password).read(bytes);
}

Reading read_certificate_files(const std::string& path, const Password& password, Pipes pipes) {
  Reading all;
  if (pipes == Pipes::read && is_pipe(path)) {
    const auto bytes = read_pipe(path);
    return bytes ? read_certificates(*bytes, path == "-" ? "standard input" : path, password)
                 : Reading{.certificates = {}, .problems = {bytes.error()}, .notes = {}};
  }
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  std::vector<std::string> files;
  if (std::filesystem::is_directory(status)) {
    files = files_in(path, all.problems);
  } else if (!std::filesystem::exists(status) && path.find_first_of("*?[{") != std::string::npos) {
    files = matches_of(path, all.problems);
  } else {
    return read_one(path, password);
  }
  for (const std::string& file : files) {
    append(all, read_one(file, password));
  }
  return all;
}

}  // namespace chainmend::certs

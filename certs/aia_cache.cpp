#include "certs/aia_cache.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string_view>
#include <tuple>
#include <utility>

namespace chainmend::certs {
namespace {

constexpr std::string_view kSuffix = ".der";
constexpr std::string_view kTemporary = ".new";
constexpr std::size_t kMaxScanned = 4096;  // directory entries; a shared folder may hold too many

std::string why() { return std::strerror(errno); }

class File {
 public:
  File(const std::string& path, int flags) : fd_(open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~File() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  explicit operator bool() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

bool write_all(int fd, ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return false;
    }
    bytes = bytes.subspan(static_cast<std::size_t>(std::max<ssize_t>(written, 0)));
  }
  return true;
}

// A name that no other thread or process uses, in the folder itself so that rename() is atomic.
std::string temporary_name(const std::string& path) {
  static std::atomic<unsigned> counter{0};
  return path + '.' + std::to_string(getpid()) + '.' + std::to_string(++counter) +
         std::string(kTemporary);
}

// Whole or not at all, also when the power fails. Not at all is no loss, so the folder is not
// synced.
Result<void> write_atomically(const std::string& path, ByteView bytes) {
  const std::string temporary = temporary_name(path);
  const File file(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
  if (!file) {
    return fail(ErrorCode::cannot_read, "cannot write: " + why(), path);
  }
  if (!write_all(file.fd(), bytes) || fsync(file.fd()) != 0 ||
      rename(temporary.c_str(), path.c_str()) != 0) {
    const std::string reason = why();
    unlink(temporary.c_str());
    return fail(ErrorCode::cannot_read, "cannot write: " + reason, path);
  }
  return {};
}

// Symbolic links, pipes and devices could make us read, or wait for, something else.
Result<Bytes> read_small_file(const std::string& path) {
  const File file(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  struct stat info{};
  if (!file || fstat(file.fd(), &info) != 0) {
    return fail(ErrorCode::cannot_read, "cannot read: " + why(), path);
  }
  if (!S_ISREG(info.st_mode)) {
    return fail(ErrorCode::not_recognised, "not a regular file", path);
  }
  Bytes bytes(AiaCache::kMaxFileBytes + 1);
  std::size_t size = 0;
  while (size < bytes.size()) {
    const ssize_t got = read(file.fd(), bytes.data() + size, bytes.size() - size);
    if (got < 0 && errno != EINTR) {
      return fail(ErrorCode::cannot_read, "cannot read: " + why(), path);
    }
    if (got == 0) {
      break;
    }
    size += static_cast<std::size_t>(std::max<ssize_t>(got, 0));
  }
  if (size > AiaCache::kMaxFileBytes) {
    return fail(ErrorCode::too_big, "too large for a cached certificate", path);
  }
  bytes.resize(size);
  return bytes;
}

struct Listed {
  std::filesystem::file_time_type written;
  std::string name;
  bool operator<(const Listed& other) const {
    return std::tie(written, name) < std::tie(other.written, other.name);
  }
};

// Files of the folder, oldest first. Those that are being written, or were when a process died, are
// left out, and so are folders that do not look like one of our files: somebody else's cache.
Result<std::vector<Listed>> list(const std::string& folder) {
  std::vector<Listed> files;
  std::error_code error;
  std::filesystem::directory_iterator each(folder, error);
  for (; !error && each != std::filesystem::directory_iterator() && files.size() < kMaxScanned;
       each.increment(error)) {
    const std::string name = each->path().filename().string();
    std::error_code no_time;
    const auto written = std::filesystem::last_write_time(each->path(), no_time);
    std::error_code no_type;
    const bool other_folder = !name.ends_with(kSuffix) && each->is_directory(no_type);
    if (!name.ends_with(kTemporary) && !other_folder) {
      files.push_back({no_time ? std::filesystem::file_time_type::min() : written, name});
    }
  }
  if (error) {
    return fail(ErrorCode::cannot_read, "cannot list: " + error.message(), folder);
  }
  std::sort(files.begin(), files.end());
  return files;
}

// Whether make_folder() would succeed, as far as it can be seen.
Result<void> could_make_folder(const std::filesystem::path& folder) {
  std::filesystem::path place = folder;
  std::error_code error;
  while (!std::filesystem::exists(place, error) && place.has_relative_path()) {
    place = place.parent_path();
  }
  if (place.empty()) {
    place = ".";
  }
  const bool there = place == folder;
  if (!std::filesystem::is_directory(place, error)) {
    errno = ENOTDIR;
  } else if (access(place.c_str(), W_OK | X_OK) == 0) {
    return {};
  }
  return fail(ErrorCode::cannot_read, (there ? "cannot write: " : "cannot create: ") + why(),
              folder.string());
}

Result<void> make_folder(const std::string& folder) {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::path(folder).parent_path();
  if (!parent.empty()) {
    std::filesystem::create_directories(parent, error);
  }
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return fail(ErrorCode::cannot_read, "cannot create: " + why(), folder);
  }
  return {};
}

// The certificate that a file of this name must hold.
Result<CertificatePtr> certificate_in(const std::string& path, const std::string& name) {
  if (name.size() != 2 * sizeof(Sha256) + kSuffix.size()) {
    return fail(ErrorCode::not_recognised, "ignored: not the name of a cached certificate", path);
  }
  const Result<Bytes> bytes = read_small_file(path);
  if (!bytes) {
    return tl::unexpected(bytes.error());
  }
  if (hex(sha256(*bytes)) + std::string(kSuffix) != name) {
    return fail(ErrorCode::malformed, "ignored: the content is not what the name says", path);
  }
  Result<CertificatePtr> certificate = Certificate::from_der(*bytes);
  if (!certificate) {
    return fail(ErrorCode::malformed, "ignored: " + certificate.error().text, path);
  }
  // OpenSSL reads some encodings that are not DER, and would serve other bytes than these.
  if (!std::ranges::equal((*certificate)->der(), *bytes)) {
    return fail(ErrorCode::malformed, "ignored: the certificate is not in DER", path);
  }
  return certificate;
}

}  // namespace

AiaCache::AiaCache(std::string folder, Access access)
    : folder_(std::move(folder)), access_(access) {
  reload();
}

void AiaCache::reload() {
  const std::lock_guard lock(mutex_);
  problems_.clear();
  writable_ = true;
  if (folder_.empty()) {
    return;
  }
  const bool read_only = access_ == Access::read_only;
  const Result<void> made = read_only ? could_make_folder(folder_) : make_folder(folder_);
  std::error_code error;
  if (made && read_only && !std::filesystem::exists(folder_, error)) {
    return;
  }
  const Result<std::vector<Listed>> files = list(folder_);
  if (!made || !files) {
    report(made ? files.error() : made.error());
    writable_ = false;
    return;
  }
  for (const Listed& file : *files) {
    load_file(file.name);
  }
}

void AiaCache::load_file(const std::string& name) {
  const std::string path = folder_ + '/' + name;
  Result<CertificatePtr> certificate = certificate_in(path, name);
  if (certificate) {
    add(*certificate);
  } else {
    report(certificate.error());
  }
}

// The file is written without the lock: who asks may be in a handshake, and a disk may be slow.
// That two write the same file at a time does no harm.
void AiaCache::store(const CertificatePtr& certificate) {
  {
    const std::lock_guard lock(mutex_);
    if (by_fingerprint_.contains(certificate->fingerprint())) {
      return;
    }
  }
  const Result<void> written = folder_.empty() || access_ == Access::read_only
                                   ? Result<void>()
                                   : write_atomically(path_of(*certificate), certificate->der());
  const std::lock_guard lock(mutex_);
  if (!written && std::exchange(writable_, false)) {
    report(written.error());
  }
  add(certificate);
}

void AiaCache::add(const CertificatePtr& certificate) {
  if (by_fingerprint_.contains(certificate->fingerprint())) {
    return;
  }
  entries_.push_back(
      {certificate, Origin::cache, folder_.empty() ? std::string() : path_of(*certificate)});
  const Entries::iterator entry = std::prev(entries_.end());
  by_fingerprint_.emplace(certificate->fingerprint(), entry);
  by_subject_.emplace(certificate->subject_key(), entry);
  if (entries_.size() > kMaxEntries) {
    drop_oldest();
  }
}

void AiaCache::drop_oldest() {
  const Entries::iterator oldest = entries_.begin();
  const auto [first, last] = by_subject_.equal_range(oldest->certificate->subject_key());
  by_subject_.erase(
      std::find_if(first, last, [&](const auto& indexed) { return indexed.second == oldest; }));
  by_fingerprint_.erase(oldest->certificate->fingerprint());
  if (!oldest->location.empty() && access_ == Access::read_write) {
    unlink(oldest->location.c_str());
  }
  entries_.erase(oldest);
}

std::vector<Candidate> AiaCache::issuers_of(const Certificate& child) {
  const std::lock_guard lock(mutex_);
  std::vector<Candidate> found;
  const auto [first, last] = by_subject_.equal_range(child.issuer_key());
  for (auto each = first; each != last; ++each) {
    found.push_back(*each->second);
  }
  return found;
}

std::vector<Error> AiaCache::problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

std::size_t AiaCache::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

void AiaCache::report(Error problem) {
  if (problems_.size() < kMaxProblems) {
    problems_.push_back(std::move(problem));
  }
}

std::string AiaCache::path_of(const Certificate& certificate) const {
  return folder_ + '/' + hex(certificate.fingerprint()) + std::string(kSuffix);
}

}  // namespace chainmend::certs

#include "proxy/diagnose/f5/sources.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "certs/certificate_reader.h"
#include "certs/pipe_file.h"
#include "proxy/diagnose/f5/archive.h"
#include "proxy/diagnose/f5/conf_reader.h"
#include "proxy/diagnose/read/decoder.h"
#include "proxy/diagnose/read/gunzip.h"
#include "proxy/diagnose/read/log_files.h"

namespace chainmend::diagnose::f5 {

namespace {

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

bool is_configuration(std::string_view path) {
  const std::string_view name = base_name(path);
  return (name.ends_with(".conf") &&
          (name.starts_with("bigip") || name == "profile_base.conf" || name == "defaults.conf")) ||
         name.ends_with(".scf") || name.ends_with(".ucs");
}

// Where a BIG-IP keeps the certificates and keys that its configuration names.
bool is_stored(std::string_view path) {
  return path.find("/certificate_d/") != std::string_view::npos ||
         path.find("/certificate_key_d/") != std::string_view::npos ||
         path.find("/ssl.crt/") != std::string_view::npos ||
         path.find("/ssl.key/") != std::string_view::npos;
}

std::string decoded(certs::ByteView bytes) {
  Decoder decoder;
  return std::string(decoder.decode(certs::as_text(bytes)));
}

bool take_archive(const std::string& name, certs::ByteView tar, Sources& out) {
  std::size_t stored = 0;
  return visit_tar(tar, [&](const std::string& path, certs::ByteView content) {
    if (is_stored(path)) {
      stored += content.size();
      if (stored <= kMaxStored) {
        out.stored[path].assign(content.begin(), content.end());
      }
    } else if (is_configuration(path)) {
      out.files.push_back({name + "/" + path, decoded(content)});
    }
  });
}

void read_one(const std::string& path, Sources& out) {
  const std::string name = path == "-" ? "standard input" : path;
  auto bytes = certs::is_pipe(path) ? certs::read_pipe(path) : certs::read_file(path);
  if (!bytes) {
    out.failures.push_back(bytes.error().describe());
    return;
  }
  if (looks_like_encrypted_ucs(*bytes)) {
    out.failures.push_back(name +
                           ": an encrypted archive: save it without a passphrase, or "
                           "decrypt it first: gpg -d " +
                           name + " > plain.ucs");
    return;
  }
  if (looks_like_gzip(*bytes)) {
    bytes = gunzip(*bytes, kMaxUnpacked);
    if (!bytes) {
      out.failures.push_back(name + ": " + bytes.error().text);
      return;
    }
  }
  if (looks_like_tar(*bytes)) {
    if (!take_archive(name, *bytes, out)) {
      out.failures.push_back(name + ": the archive ends too early, or is empty");
    }
    return;
  }
  out.files.push_back({name, decoded(*bytes)});
}

}  // namespace

bool take_source(const std::string& name, certs::ByteView bytes, Sources& out) {
  if (looks_like_tar(bytes)) {
    return take_archive(name, bytes, out) && !out.files.empty();
  }
  std::string text = decoded(bytes);
  if (!looks_like_conf(text)) {
    return false;
  }
  out.files.push_back({name, std::move(text)});
  return true;
}

Sources read_sources(const std::vector<std::string>& paths) {
  Sources out;
  for (const std::string& path : paths) {
    LogFiles found = log_files({path});
    std::ranges::move(found.problems, std::back_inserter(out.failures));
    bool has_any = false;
    for (const std::string& file : found.files) {
      if (file == path || is_configuration(file)) {
        has_any = true;
        read_one(file, out);
      }
    }
    if (!has_any) {
      out.failures.push_back(path + ": no bigip.conf, bigip_base.conf, SCF or UCS in this folder");
    }
  }
  return out;
}

}  // namespace chainmend::diagnose::f5

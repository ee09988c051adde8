// Input: the bytes of one file, of standard input or of a pipe, unpacked when they are gzip.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "certs/result.h"

namespace chainmend::diagnose {

class Input {
 public:
  // path: a file, a pipe or "-" for standard input. Folders and devices are refused.
  static certs::Result<Input> open(const std::string& path);
  Input(Input&&) noexcept;
  Input& operator=(Input&&) noexcept;
  ~Input();

  // The next bytes, at most 256 KiB; good until the next call. Empty: the end. An error when the
  // file cannot be read further, is no sound gzip, or unpacks to more than any log does. A signal
  // that interrupts the wait for a pipe ends the input.
  certs::Result<std::string_view> read();

 private:
  struct Gzip;
  explicit Input(int file, bool is_owned);
  certs::Result<std::string_view> read_file();
  certs::Result<std::string_view> unpack();

  int file_ = -1;
  bool is_owned_ = false;
  bool has_begun_ = false;
  std::vector<char> block_;
  std::unique_ptr<Gzip> gzip_;  // null: not packed
};

}  // namespace chainmend::diagnose

#include "proxy/diagnose/read/decoder.h"

#include <algorithm>

#include "config/utf8.h"
#include "proxy/logs/escape.h"

namespace chainmend::diagnose {

namespace {

void append_utf8(std::string& out, char32_t point) {
  const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

// Half of the bytes of Latin text in UTF-16 are zero, all on one side.
bool mostly_zero(std::string_view block, std::size_t from) {
  const std::size_t looked = std::min<std::size_t>(block.size(), 512) & ~std::size_t{1};
  std::size_t zeros = 0;
  for (std::size_t i = from; i < looked; i += 2) {
    zeros += block[i] == '\0' ? 1 : 0;
  }
  return looked >= 4 && zeros * 2 * 10 >= looked * 7;
}

}  // namespace

void Decoder::choose(std::string_view& block) {
  encoding_ = Encoding::bytes;
  if (block.starts_with("\xFF\xFE")) {
    encoding_ = Encoding::utf16_le;
    block.remove_prefix(2);
  } else if (block.starts_with("\xFE\xFF")) {
    encoding_ = Encoding::utf16_be;
    block.remove_prefix(2);
  } else if (block.starts_with("\xEF\xBB\xBF")) {
    block.remove_prefix(3);
  } else if (mostly_zero(block, 1)) {
    encoding_ = Encoding::utf16_le;
  } else if (mostly_zero(block, 0)) {
    encoding_ = Encoding::utf16_be;
  }
}

void Decoder::append(char16_t unit) {
  constexpr char32_t kReplacement = 0xFFFD;
  const bool is_low = unit >= 0xDC00 && unit < 0xE000;
  if (high_ != 0) {
    append_utf8(out_, is_low ? 0x10000 + ((char32_t{high_} - 0xD800) << 10) + (unit - 0xDC00U)
                             : kReplacement);
    high_ = 0;
    if (is_low) {
      return;
    }
  }
  if (unit >= 0xD800 && unit < 0xDC00) {
    high_ = unit;
  } else {
    append_utf8(out_, is_low ? kReplacement : char32_t{unit});
  }
}

std::string_view Decoder::decode(std::string_view block) {
  if (!encoding_) {
    choose(block);
  }
  if (encoding_ == Encoding::bytes) {
    return block;
  }
  out_.clear();
  const auto take = [this](char first, char second) {
    const auto a = static_cast<unsigned char>(first);
    const auto b = static_cast<unsigned char>(second);
    append(static_cast<char16_t>(encoding_ == Encoding::utf16_le ? a | b << 8 : a << 8 | b));
  };
  if (odd_ && !block.empty()) {
    take(*odd_, block.front());
    block.remove_prefix(1);
    odd_.reset();
  }
  for (; block.size() >= 2; block.remove_prefix(2)) {
    take(block[0], block[1]);
  }
  if (!block.empty()) {
    odd_ = block.front();
  }
  return out_;
}

std::string shown_text(std::string_view text) {
  std::string utf8;
  while (!text.empty()) {
    const config::Character c = config::first_character(text);
    text.remove_prefix(c.bytes.size());
    if (c.valid) {
      utf8 += c.bytes;
    } else {
      for (const char byte : c.bytes) {
        append_utf8(utf8, static_cast<unsigned char>(byte));
      }
    }
  }
  return logs::visible(utf8);
}

}  // namespace chainmend::diagnose

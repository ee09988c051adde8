// From files to lines: what is unpacked, decoded and cut, in which order, and what it is taken for.
#include <gtest/gtest.h>
#include <zlib.h>

#include <fstream>

#include "proxy/diagnose/read/decoder.h"
#include "proxy/diagnose/read/input.h"
#include "proxy/diagnose/read/lines.h"
#include "proxy/diagnose/read/log_files.h"
#include "proxy/diagnose/read/log_kind.h"
#include "proxy/diagnose/read/tally.h"
#include "tests/certs/temp_folder.h"

namespace chainmend::diagnose {
namespace {

TEST(Tally, IsBoundedAndCountsWhatFoundNoRoom) {
  Tally tally;
  Sighting seen;
  seen.said = find_status(403, 16);
  for (std::size_t i = 0; i < Tally::kMaxGroups + 5; ++i) {
    const std::string path = "/" + std::to_string(i);
    seen.client = "10.0.0.1";
    seen.path = path;
    tally.add(seen);
  }
  EXPECT_EQ(tally.groups().size(), Tally::kMaxGroups);
  EXPECT_EQ(tally.left_out(), 5U);
  EXPECT_EQ(tally.count(), Tally::kMaxGroups + 5);
  const std::string long_path(10'000, 'x');
  Tally other;
  seen.path = long_path;
  other.add(seen);
  EXPECT_EQ(other.groups()[0].path.size(), Tally::kMaxText);
}

TEST(Lines, CutsStreamsWhereverTheirBlocksEnd) {
  const std::string text = "one\r\ntwo\n\nthree";
  for (std::size_t size = 1; size <= text.size(); ++size) {
    Lines lines;
    std::vector<std::string> seen;
    const auto visit = [&](std::string_view line, std::uint64_t number) {
      seen.push_back(std::to_string(number) + std::string(line));
    };
    for (std::size_t i = 0; i < text.size(); i += size) {
      lines.feed(std::string_view(text).substr(i, size), visit);
    }
    lines.finish(visit);
    EXPECT_EQ(seen, (std::vector<std::string>{"1one", "2two", "3", "4three"})) << size;
  }
}

TEST(Lines, OfALongLineOnlyTheBeginningComes) {
  Lines lines;
  std::size_t longest = 0;
  const auto visit = [&](std::string_view line, std::uint64_t) {
    longest = std::max(longest, line.size());
  };
  const std::string block(300'000, 'x');
  for (int i = 0; i < 4; ++i) {
    lines.feed(block, visit);
  }
  lines.feed("\nshort\n", visit);
  EXPECT_EQ(longest, Lines::kMaxLine);
  EXPECT_EQ(lines.cut(), 1U);
  EXPECT_EQ(lines.count(), 2U);
}

std::string utf16(std::u16string_view text, bool little, bool mark) {
  std::string out;
  const auto put = [&](char16_t unit) {
    const char low = static_cast<char>(unit & 0xFF);
    const char high = static_cast<char>(unit >> 8);
    out += little ? low : high;
    out += little ? high : low;
  };
  if (mark) {
    put(0xFEFF);
  }
  for (const char16_t unit : text) {
    put(unit);
  }
  return out;
}

TEST(Decoder, ReadsWhatWindowsWrites) {
  const std::u16string_view text = u"hr=0x80072f0d Gr\u00fc\u00dfe \U0001F4DE and more";
  const std::string expected =
      "hr=0x80072f0d Gr\xC3\xBC\xC3\x9F"
      "e \xF0\x9F\x93\x9E and more";
  for (const bool little : {true, false}) {
    for (const bool mark : {true, false}) {
      const std::string bytes = utf16(text, little, mark);
      for (const std::size_t split : {std::size_t{8}, std::size_t{9}, bytes.size() - 27}) {
        Decoder decoder;
        std::string out(decoder.decode(std::string_view(bytes).substr(0, split)));
        out += decoder.decode(std::string_view(bytes).substr(split));
        EXPECT_EQ(out, expected) << little << mark << split;
        EXPECT_TRUE(decoder.is_utf16());
      }
    }
  }
  Decoder marked;
  EXPECT_EQ(marked.decode("\xEF\xBB\xBFtext"), "text");
  Decoder cut;  // half a character at the end, and half a pair in the middle
  EXPECT_EQ(cut.decode(std::string_view("\xFF\xFE"
                                        "a\0\x3D\xD8"
                                        "b\0c",
                                        9)),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(Decoder, ShowsLatin1AndNothingThatATerminalActsOn) {
  EXPECT_EQ(shown_text("Gr\xFC\xDF"
                       "e"),
            "Gr\xC3\xBC\xC3\x9F"
            "e");
  EXPECT_EQ(shown_text("a\x1b[31mb"), "a\\x1b[31mb");
  EXPECT_EQ(shown_text("a\x9b"
                       "31mb"),
            "a\\xc2\\x9b31mb");  // CSI of Latin-1
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

certs::Result<std::string> whole(const std::string& path) {
  auto input = Input::open(path);
  if (!input) {
    return tl::unexpected(input.error());
  }
  std::string all;
  while (true) {
    const auto block = input->read();
    if (!block) {
      return tl::unexpected(block.error());
    }
    if (block->empty()) {
      return all;
    }
    all += *block;
  }
}

TEST(Input, UnpacksGzipOfSeveralMembers) {
  const certs::testing::TempFolder folder;
  const std::string text(600'000, 'a');
  EXPECT_EQ(whole(folder.write("a.log", text)).value(), text);
  EXPECT_EQ(whole(folder.write("a.gz", gzip("one\n") + gzip(text))).value(), "one\n" + text);
  EXPECT_EQ(whole(folder.write("empty", "")).value(), "");
}

TEST(Input, RefusesWhatIsNoLog) {
  const certs::testing::TempFolder folder;
  const std::string packed = gzip(std::string(100'000, 'a') + "end");
  const std::pair<std::string, const char*> cases[] = {
      {folder.write("cut.gz", packed.substr(0, packed.size() - 9)), "ends too early"},
      {folder.write("bad.gz", "\x1F\x8B\x08garbage garbage garbage"), "no sound gzip file"},
      {folder.write("bomb.gz", gzip(std::string(std::size_t{200} * 1024 * 1024, '\0'))),
       "times its size"},
      {folder.path(), "is a folder"},
      {"/dev/zero", "device"},
      {folder.path() + "/none.log", "No such file"},
  };
  for (const auto& [path, expected] : cases) {
    const auto read = whole(path);
    ASSERT_FALSE(read) << path;
    EXPECT_NE(read.error().describe().find(expected), std::string::npos) << read.error().describe();
  }
}

TEST(LogFiles, TheOldestOfASetComesFirst) {
  const certs::testing::TempFolder folder;
  for (const char* name :
       {"x.log", "x.log.1", "x.log.2.gz", "x.log.10.gz", "u_ex9.log", "u_ex10.log"}) {
    folder.write(name, "");
  }
  std::filesystem::create_directory_symlink(folder.path(), folder.path("loop"));
  const LogFiles found = log_files({folder.path()});
  std::vector<std::string> names;
  for (const std::string& file : found.files) {
    names.push_back(std::filesystem::path(file).filename().string());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"u_ex9.log", "u_ex10.log", "x.log.10.gz", "x.log.2.gz",
                                             "x.log.1", "x.log"}));
  EXPECT_EQ(log_files({"-"}).files, std::vector<std::string>{"-"});
}

TEST(LogKind, IsToldFromTheBeginning) {
  EXPECT_EQ(kind_of("#Software: Microsoft Internet Information Services 7.5\n"), LogKind::w3c);
  EXPECT_EQ(kind_of("\r\n#Fields: date\n"), LogKind::w3c);
  EXPECT_EQ(kind_of(R"({"time":"x","event":"handshake"})"), LogKind::handshakes);
  EXPECT_EQ(kind_of("<?xml version='1.0'?>\n<Events><Event xmlns='x'>"), LogKind::events_xml);
  for (const char* text : {"", "hello", "# a comment\n", "{}", "<html>"}) {
    EXPECT_EQ(kind_of(text), LogKind::text) << text;
  }
}

}  // namespace
}  // namespace chainmend::diagnose

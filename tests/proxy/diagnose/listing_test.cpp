// What the readers of listings find in texts of PowerShell and the registry editor, and in hex.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "proxy/diagnose/lint/listing_text.h"
#include "proxy/diagnose/lint/read_format_list.h"
#include "proxy/diagnose/lint/read_format_table.h"
#include "proxy/diagnose/lint/read_hex_dump.h"
#include "proxy/diagnose/lint/read_listing.h"
#include "proxy/diagnose/lint/read_registry.h"
#include "tests/certs/test_pki.h"
#include "tests/proxy/diagnose/shown_listing.h"

namespace chainmend::diagnose {
namespace {

using certs::testing::make_root;

const std::string kList =
    "\r\n\r\n"
    "PSPath                   : Microsoft.PowerShell.Security\\Certificate::LocalMachine\\Root\\"
    "0123456789ABCDEF012345\r\n"
    "                           6789ABCDEF01234567\r\n"
    "PSParentPath             : Microsoft.PowerShell.Security\\Certificate::LocalMachine\\Root\r\n"
    "PSChildName              : 0123456789ABCDEF0123456789ABCDEF01234567\r\n"
    "EnhancedKeyUsageList     : {}\r\n"
    "FriendlyName             : \r\n"
    "NotAfter                 : 29.09.2022 00:57:28\r\n"
    "NotBefore                : 29.09.2017 00:47:28\r\n"
    "HasPrivateKey            : False\r\n"
    "RawData                  : {48, 130, 5, 53...}\r\n"
    "SerialNumber             : 0A1B\r\n"
    "Thumbprint               : 0123456789ABCDEF0123456789ABCDEF01234567\r\n"
    "Version                  : 3\r\n"
    "Handle                   : 2301\r\n"
    "Issuer                   : CN=Root, OU=A unit of the organisation whose name goes on, C=DE\r\n"
    "Subject                  : CN=Issuing, OU=A unit of the organisation that is put into the\r\n"
    "                           next line as well, C=DE\r\n"
    "\r\n";

TEST(FormatList, IsReadOverWrappedLines) {
  EXPECT_EQ(shown(read_format_list(kList)),
            Shown{"Root|CN=Issuing, OU=A unit of the organisation that is put into the next line "
                  "as well, C=DE|CN=Root, OU=A unit of the organisation whose name goes on, C=DE|"
                  "0A1B|" +
                  kHash + "|2017-9-29|2022-9-29|no key"});
}

TEST(FormatList, BeginsAnewWhereANameComesAgain) {
  const std::string two =
      "    Directory: Microsoft.PowerShell.Security\\Certificate::LocalMachine\\AuthRoot\n\n"
      "Subject      : CN=A\nIssuer       : CN=A\nThumbprint   : " +
      kHash +
      "\n"
      "Subject      : CN=B\nIssuer       : CN=A\nThumbprint   : " +
      kOther + "\n";
  EXPECT_EQ(shown(read_format_list(two)), (Shown{"AuthRoot|CN=A|CN=A||" + kHash + "|||?",
                                                 "AuthRoot|CN=B|CN=A||" + kOther + "|||?"}));
}

TEST(FormatList, SaysWhatWasCut) {
  for (const char* const dots : {"...", "\xE2\x80\xA6"}) {
    const Listing found = read_format_list(fmt::format(
        "Subject    : CN=Somebody{0}\nIssuer     : CN=Root\nThumbprint : 0123456789AB{0}\n", dots));
    ASSERT_EQ(found.listed.size(), 1U);
    EXPECT_EQ(found.listed[0].subject, "CN=Somebody");
    EXPECT_EQ(found.listed[0].thumbprint, "");
    EXPECT_EQ(found.listed[0].cut, (std::vector{ListedField::subject, ListedField::thumbprint}));
  }
}

TEST(FormatList, TakesTheCertificateWhereAllItsBytesStand) {
  const auto root = make_root("CN=Root");
  std::string bytes;
  for (const std::uint8_t byte : root.certificate->der()) {
    bytes += (bytes.empty() ? "" : ", ") + std::to_string(byte);
  }
  const Listing found = read_format_list("Thumbprint : " + kHash + "\nRawData    : {" + bytes +
                                         "}\nHasPrivateKey : True\n");
  ASSERT_EQ(found.stored.size(), 1U);
  EXPECT_EQ(found.stored[0].certificate->fingerprint(), root.certificate->fingerprint());
  EXPECT_TRUE(found.listed.empty());
}

TEST(FormatList, PassesOverOtherLists) {
  EXPECT_TRUE(
      read_format_list("Name   : Spooler\nStatus : Running\n\n: x\nSubject : hello\n").empty());
}

TEST(FormatTable, IsReadByItsColumns) {
  const std::string text =
      "\r\n   PSParentPath: Microsoft.PowerShell.Security\\Certificate::LocalMachine\\Root\r\n\r\n"
      "Thumbprint                                Subject              NotAfter            "
      "HasPrivateKey\r\n"
      "----------                                -------              --------            "
      "-------------\r\n" +
      kHash + "  CN=Größe, O=Conto... 29.09.2022 00:57:28         False\r\n" + kOther +
      "  CN=B                 29.09.2032 00:57:28          True\r\n\r\n";
  const Listing found = read_format_table(text);
  EXPECT_EQ(shown(found), (Shown{"Root|CN=Größe, O=Conto|||" + kHash + "||2022-9-29|no key",
                                 "Root|CN=B|||" + kOther + "||2032-9-29|key"}));
  EXPECT_TRUE(found.listed[0].is_cut(ListedField::subject));
  EXPECT_EQ(found.listed[0].line, 6U);
}

TEST(FormatTable, IsReadWithWrappedCells) {
  const std::string text =
      "Thumbprint            Subject        Issuer\n"
      "----------            -------        ------\n"
      "0123456789ABCDEF01234 CN=A long      CN=Root\n"
      "56789ABCDEF01234567   name, O=X\n"
      "89ABCDEF0123456789ABC CN=B           CN=B\n"
      "DEF0123456789ABCDEF\n";
  EXPECT_EQ(
      shown(read_format_table(text)),
      (Shown{"|CN=A long name, O=X|CN=Root||" + kHash + "|||?", "|CN=B|CN=B||" + kOther + "|||?"}));
}

TEST(FormatTable, SaysWhenTheThumbprintIsCut) {
  const Listing found = read_format_table(
      "Thumbprint    Subject\n----------    -------\n0123456789... CN=A\n\nPS C:\\> exit\n");
  ASSERT_EQ(found.listed.size(), 1U);
  EXPECT_TRUE(found.listed[0].is_cut(ListedField::thumbprint));
}

TEST(FormatTable, PassesOverOtherTables) {
  EXPECT_TRUE(read_format_table("Name  Status\n----  ------\nA     Running\n").empty());
}

std::string word(std::uint32_t value) {
  std::string bytes;
  for (int shift = 0; shift < 32; shift += 8) {
    bytes += static_cast<char>(value >> shift & 0xFF);
  }
  return bytes;
}
std::string property(std::uint32_t id, std::string_view value) {
  return word(id) + word(1) + word(static_cast<std::uint32_t>(value.size())) + std::string(value);
}
// As regedit writes it: at most 80 columns, with a backslash at the end of each line.
std::string blob(std::string_view bytes) {
  std::string text = "\"Blob\"=hex:";
  std::size_t column = text.size();
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    text += fmt::format("{:02x}{}", static_cast<unsigned char>(bytes[i]),
                        i + 1 < bytes.size() ? "," : "");
    if ((column += 3) > 75 && i + 1 < bytes.size()) {
      text += "\\\r\n  ";
      column = 2;
    }
  }
  return text + "\r\n";
}
std::string reg_key(const std::string& store, const std::string& values) {
  return "[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\SystemCertificates\\" + store +
         "\\Certificates\\" + kHash + "]\r\n" + values + "\r\n";
}
constexpr const char* kRegHead = "Windows Registry Editor Version 5.00\r\n\r\n";

TEST(Registry, HasTheCertificatesOfItsBlobs) {
  const auto root = make_root("CN=Root");
  const std::string der(certs::as_text(root.certificate->der()));
  const std::string text =
      kRegHead +
      reg_key("ROOT", blob(property(3, std::string(20, 'x')) +
                           property(11, std::string("N\0a\0m\0e\0\0\0", 10)) + property(32, der))) +
      reg_key("CA", blob(property(2, "key") + property(32, der)));
  const Listing found = read_registry(text);
  ASSERT_EQ(found.stored.size(), 2U);
  EXPECT_EQ(found.stored[0].certificate->fingerprint(), root.certificate->fingerprint());
  EXPECT_EQ(found.stored[0].friendly_name, "Name");
  EXPECT_EQ(found.stored[0].store, "ROOT");
  EXPECT_EQ(found.stored[0].line, 3U);
  EXPECT_FALSE(found.stored[0].has_key);
  EXPECT_EQ(found.stored[1].store, "CA");
  EXPECT_TRUE(found.stored[1].has_key);
  EXPECT_TRUE(found.problems.empty());
}

TEST(Registry, SaysWhichValuesItCannotRead) {
  const std::string der(certs::as_text(make_root("CN=Root").certificate->der()));
  const std::string cut = property(32, der).substr(0, 300);
  const Listing found = read_registry(
      kRegHead + reg_key("Root", blob(cut)) + reg_key("Root", "\"Blob\"=hex:zz,01\r\n") +
      reg_key("Root", blob(property(3, "x"))) + reg_key("Root", blob(property(32, "\x30\x01x"))) +
      reg_key("Other", "\"Value\"=dword:00000001\r\n"));
  ASSERT_EQ(found.problems.size(), 4U);
  EXPECT_NE(found.problems[0].text.find("cut short"), std::string::npos);
  EXPECT_NE(found.problems[1].text.find("hex"), std::string::npos);
  EXPECT_NE(found.problems[2].text.find("no certificate"), std::string::npos);
  EXPECT_TRUE(found.stored.empty());
}

TEST(HexDump, HasTheCertificateInIt) {
  const auto root = make_root("CN=Root");
  const certs::ByteView der = root.certificate->der();
  std::string certutil = "    30 82 is not one\n";
  std::string xxd;
  for (std::size_t at = 0; at < der.size(); at += 16) {
    const certs::ByteView line = der.subspan(at, std::min<std::size_t>(16, der.size() - at));
    certutil += fmt::format("{:04x}\t", at);
    xxd += fmt::format("{:08x}:", at);
    for (std::size_t i = 0; i < line.size(); ++i) {
      certutil += fmt::format("{:02x} {}", line[i], i == 7 ? " " : "");
      xxd += fmt::format("{}{:02x}", i % 2 == 0 ? " " : "", line[i]);
    }
    certutil += "   0.ab face be\n";
    xxd += "  0.ab cd\n";
  }
  for (const std::string& text : {certutil, xxd}) {
    const Listing found = read_hex_dump(text);
    ASSERT_EQ(found.stored.size(), 1U) << text;
    EXPECT_EQ(found.stored[0].certificate->fingerprint(), root.certificate->fingerprint());
  }
  EXPECT_TRUE(read_hex_dump("0000  30 82 01 02 03\n0005  aa\n").empty());
}

TEST(ListedDate, IsASpanWhereTheOrderIsNotKnown) {
  const struct {
    const char* text;
    const char* from;  // midnight in UTC of the first day it may mean; empty: no date
    const char* to;    // of the last
  } cases[] = {
      {"29.09.2022 00:57:28", "2022-09-29", "2022-09-29"},
      {"09.05.2021", "2021-05-09", "2021-05-09"},
      {"2021/05/09 8:19", "2021-05-09", "2021-05-09"},
      {"2021. 05. 09. 8:19", "2021-05-09", "2021-05-09"},
      {"2021-05-09 오전 8:19", "2021-05-09", "2021-05-09"},
      {"5/13/2021 4:28 PM", "2021-05-13", "2021-05-13"},
      {"13/5/2021 4:28", "2021-05-13", "2021-05-13"},
      {"5/9/2021 4:28 PM", "2021-05-09", "2021-09-05"},
      {"05-Jul-2026 11:35:58", "2026-07-05", "2026-07-05"},
      {"Monday, July 5, 2026 1:02:03 AM", "2026-07-05", "2026-07-05"},
      {"30/2/2021", "", ""},
      {"9/5/2564 16:28", "", ""},  // of the Thai calendar
      {"5/9/21", "", ""},
      {"05 Mai 2021", "", ""},
      {"", "", ""},
      {"sha1RSA", "", ""},
  };
  for (const auto& [text, from, to] : cases) {
    const auto date = find_date(text);
    ASSERT_EQ(date.has_value(), *from != '\0') << text;
    if (date) {
      const DateSpan span = span_of(*date, DateOrder::unknown);
      EXPECT_EQ(span.from + std::chrono::hours(14), *certs::parse_time(from)) << text;
      EXPECT_EQ(span.to - std::chrono::hours(38), *certs::parse_time(to)) << text;
      EXPECT_EQ(span.has_two_orders, std::string_view(from) != to) << text;
    }
  }
}

TEST(ListedDate, TakesItsOrderFromOthers) {
  const DateText open = *find_date("5/9/2021");
  const DateText day = *find_date("13/9/2021");
  const DateText month = *find_date("9/13/2021");
  const auto from = [&](std::vector<const DateText*> all) {
    return span_of(open, order_of(all)).from + std::chrono::hours(14);
  };
  EXPECT_EQ(from({&open, &day}), *certs::parse_time("2021-09-05"));
  EXPECT_EQ(from({&open, &month}), *certs::parse_time("2021-05-09"));
  EXPECT_EQ(order_of(std::vector{&day, &month}), DateOrder::unknown);
}

certs::Bytes utf16(std::string_view ascii) {
  certs::Bytes out;
  for (const char c : ascii) {
    out.push_back(static_cast<std::uint8_t>(c));
    out.push_back(0);
  }
  return out;
}
certs::Bytes joined(certs::Bytes a, const certs::Bytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}
certs::Bytes plain(std::string_view text) {
  const certs::ByteView bytes = certs::as_bytes(text);
  return {bytes.begin(), bytes.end()};
}

TEST(ListingText, IsReadInEveryEncodingAndInMixed) {
  const std::string line = "Thumbprint : 0123456789ABCDEF0123456789ABCDEF\r\n";
  const struct {
    certs::Bytes bytes;
    std::string text;
    std::size_t damages;
  } cases[] = {
      {plain(line), line, 0},
      {plain("\xEF\xBB\xBF" + line), line, 0},
      {joined({0xFF, 0xFE}, utf16(line)), line, 0},
      {utf16(line), line, 0},
      {joined({0xFE, 0xFF, 0, 'a'}, {0, 'b'}), "ab", 0},
      {joined(plain(line), utf16(line)), line + line, 1},
      {joined(plain(line), joined({0xFF, 0xFE}, utf16(line))), line + line, 1},
      {joined(joined({0xFF, 0xFE}, utf16(line)), plain(line)), line + line, 1},
      {joined(utf16(line), joined(plain(line), utf16(line))), line + line + line, 1},
      {joined({0xFF, 0xFE}, joined(utf16(line), {'x'})), line, 1},
      {plain(std::string("a\0b", 3) + line), "ab" + line, 1},
      {plain("\x1b[32;1mThumbprint\x1b[0m\n"), "Thumbprint\n", 0},
      {{}, "", 0},
  };
  for (const auto& [bytes, text, damages] : cases) {
    const ListingText read = read_listing_text(bytes);
    EXPECT_EQ(read.utf8, text);
    EXPECT_EQ(read.damages.size(), damages) << text;
  }
}

TEST(Listing, GivesWhoStandsThereTwiceOnce) {
  const auto root = make_root("CN=Root");
  const std::string hash = certs::thumbprint(root.certificate->der());
  std::string bytes;
  for (const std::uint8_t byte : root.certificate->der()) {
    bytes += (bytes.empty() ? "" : ", ") + std::to_string(byte);
  }
  const Listing found = read_listing(
      "================ Certificate 0 ================\nSerial Number: 01\nIssuer: CN=Root\n "
      "NotBefore: 1/2/2020\n NotAfter: 1/2/2040\nSubject: CN=Root\nCert Hash(sha1): " +
      hash + "\n\nThumbprint : " + hash + "\nRawData    : {" + bytes + "}\n");
  EXPECT_EQ(found.stored.size(), 1U);
  EXPECT_TRUE(found.listed.empty());
  EXPECT_TRUE(read_listing("nothing of all this\n").empty());
}

}  // namespace
}  // namespace chainmend::diagnose

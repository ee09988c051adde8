// Bindings, as the tools of Windows print them. The texts have the form that Microsoft's
// documentation and administrators show; names and hashes are made up.
#include "proxy/diagnose/lint/bindings.h"

#include <gtest/gtest.h>

#include <fmt/format.h>

namespace chainmend::diagnose {
namespace {

const std::string kHash(40, 'a');
const std::string kOther = "a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4";

// "0.0.0.0:443 AAAA... My", with "asks" or "asks not" where that is told.
std::vector<std::string> read(std::string_view text) {
  std::vector<std::string> out;
  for (const Binding& one : read_bindings(certs::as_bytes(text), "sslcert.txt").found) {
    out.push_back(
        one.endpoint() + " " + (one.thumbprint.empty() ? "-" : one.thumbprint) + " " +
        (one.store.empty() ? "-" : one.store) + (one.site.empty() ? "" : " " + one.site) +
        (one.asks_for_certificate ? *one.asks_for_certificate ? " asks" : " asks not" : ""));
  }
  return out;
}
using Lines = std::vector<std::string>;

std::string netsh(std::string_view place, std::string_view label, std::string_view hash,
                  std::string_view on, std::string_view off, std::string_view asks) {
  return fmt::format(
      "    {}                      : {}\r\n"
      "    {}             : {}\r\n"
      "    Application ID               : {{4dc3e181-e14b-4a21-b022-59fc669b0914}}\r\n"
      "    Certificate Store Name       : My\r\n"
      "    Verify Client Certificate Revocation : {}\r\n"
      "    Verify Revocation Using Cached Client Certificate Only : {}\r\n"
      "    Usage Check                  : {}\r\n"
      "    Revocation Freshness Time    : 0\r\n"
      "    URL Retrieval Timeout        : 0\r\n"
      "    Ctl Identifier               : (null)\r\n"
      "    Ctl Store Name               : (null)\r\n"
      "    DS Mapper Usage              : {}\r\n"
      "    Negotiate Client Certificate : {}\r\n"
      "    Reject Connections           : {}\r\n\r\n",
      label, place, "Certificate Hash", hash, on, off, on, off, asks, off);
}

TEST(Bindings, OfNetshAreReadWithWhatTheyAskClientsFor) {
  const std::string text =
      "\r\nSSL Certificate bindings:\r\n-------------------------\r\n\r\n" +
      netsh("0.0.0.0:443", "IP:port", kOther, "Enabled", "Disabled", "Enabled") +
      netsh("mail.contoso.com:443", "Hostname:port", kHash, "Enabled", "Disabled", "Disabled") +
      netsh("[::]:8443", "IP:port", kHash, "Enabled", "Disabled", "Disabled");
  const auto found = read_bindings(certs::as_bytes(text), "sslcert.txt").found;
  EXPECT_EQ(read(text), (Lines{"0.0.0.0:443 A1B2C3D4E5F60718293A4B5C6D7E8F90A1B2C3D4 My asks",
                               "mail.contoso.com:443 " + std::string(40, 'A') + " My asks not",
                               "[::]:8443 " + std::string(40, 'A') + " My asks not"}));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[0].line, 5U);
  EXPECT_EQ(found[0].application, "{4dc3e181-e14b-4a21-b022-59fc669b0914}");
  EXPECT_TRUE(found[0].is_for_all_addresses());
  EXPECT_TRUE(found[2].is_for_all_addresses());
  EXPECT_FALSE(found[1].is_for_all_addresses());
}

TEST(Bindings, OfNetshAreReadInAnyLanguage) {
  for (const auto& [on, off] :
       {std::pair("Aktiviert", "Deaktiviert"), std::pair("Activ\u00e9", "D\u00e9sactiv\u00e9"),
        std::pair("\u5df2\u542f\u7528", "\u5df2\u7981\u7528")}) {
    EXPECT_EQ(read(netsh("192.0.2.4:443", "IP:Port", kHash, on, off, on)),
              (Lines{"192.0.2.4:443 " + std::string(40, 'A') + " My asks"}));
  }
  // A language that we do not know says where, and not whether clients are asked.
  EXPECT_EQ(read(netsh("192.0.2.4:443", "IP:Port", kHash, "Ja", "Nein", "Ja")),
            (Lines{"192.0.2.4:443 " + std::string(40, 'A') + " My"}));
  // Bytes of a code page, as a redirection of cmd.exe writes them.
  EXPECT_EQ(read("  Zertifikathash\x81 : x\n" + netsh("192.0.2.4:443", "IP:Port", kHash,
                                                      "Activ\x82", "D\x82sactiv\x82", "Activ\x82")),
            (Lines{"192.0.2.4:443 " + std::string(40, 'A') + " My"}));
}

TEST(Bindings, MayHaveBlankLinesBetweenTheirLinesOrNone) {
  EXPECT_EQ(read("IP:port : 0.0.0.0:19080\t\n\nCertificate Hash : " + kHash + "\t\n"),
            (Lines{"0.0.0.0:19080 " + std::string(40, 'A') + " -"}));
  EXPECT_EQ(
      read("IP:port: 0.0.0.0:1\nCertificate Hash: " + kHash +
           "\nHostname:port: x.y:2\nCertificate Hash: " + kHash),
      (Lines{"0.0.0.0:1 " + std::string(40, 'A') + " -", "x.y:2 " + std::string(40, 'A') + " -"}));
}

TEST(Bindings, OfPowerShellListsAreRead) {
  EXPECT_EQ(read("\r\n\r\nprotocol             : http\r\nbindingInformation   : *:80:\r\n"
                 "certificateHash      : \r\ncertificateStoreName : \r\n\r\n"
                 "protocol             : https\r\nbindingInformation   : *:443:\r\n"
                 "sslFlags             : 0\r\ncertificateHash      : " +
                 kHash +
                 "\r\ncertificateStoreName : My\r\n"
                 "ItemXPath            : /system.applicationHost/sites/site[@name='Default Web "
                 "Site' and @id='1']\r\n\r\n"
                 "bindingInformation   : 10.0.0.5:443:Mail.contoso.com\r\n"
                 "certificateHash      : \r\n"),
            (Lines{"0.0.0.0:443 " + std::string(40, 'A') + " My Default Web Site",
                   "mail.contoso.com:443 - -"}));
  EXPECT_EQ(read("IPAddress  : 0.0.0.0\nPort       : 443\nHost       : \nStore      : My\n"
                 "Thumbprint : " +
                 kHash +
                 "\nSites      : {Default Web Site}\n\nIPAddress  : ::\nPort       : 444\n"
                 "Host       : \nStore      : WebHosting\nThumbprint : " +
                 kHash + "\n"),
            (Lines{"0.0.0.0:443 " + std::string(40, 'A') + " My Default Web Site",
                   "[::]:444 " + std::string(40, 'A') + " WebHosting"}));
}

TEST(Bindings, OfPowerShellTablesAreReadAsFarAsTheyGo) {
  const std::string sites =
      "protocol bindingInformation sslFlags\n-------- ------------------ --------\n"
      "http     *:80:              0\nhttps    *:443:             0\n\n";
  ASSERT_EQ(read(sites), Lines{"0.0.0.0:443 - -"});
  EXPECT_FALSE(read_bindings(certs::as_bytes(sites), "").found.front().shows_certificate);
  EXPECT_EQ(read("Name             ID   State      Physical Path  Bindings\n"
                 "----             --   -----      -------------  --------\n"
                 "Default Web Site 1    Started    C:\\inetpub     http *:80:\n"
                 "                                                https *:443: sslFlags=0\n"),
            Lines{"0.0.0.0:443 - -"});
  const std::string cut =
      "IPAddress Port Host             Thumbprint\n--------- ---- ----             ----------\n"
      "0.0.0.0   443                   " +
      kHash + "\n10.0.0.5  443  mail.contoso.com A1B2C3D4...\n";
  EXPECT_EQ(read(cut),
            (Lines{"0.0.0.0:443 " + std::string(40, 'A') + " -", "mail.contoso.com:443 - -"}));
  EXPECT_TRUE(read_bindings(certs::as_bytes(cut), "").found.back().is_cut);
}

TEST(Bindings, TooManyAreCounted) {
  std::string text;
  for (std::size_t i = 0; i < kMaxBindings + 3; ++i) {
    text += "IP:port : 10.0.0.1:" + std::to_string(1 + i) + "\nCertificate Hash : " + kHash + "\n";
  }
  const Bindings all = read_bindings(certs::as_bytes(text), "sslcert.txt");
  EXPECT_EQ(all.found.size(), kMaxBindings);
  EXPECT_EQ(all.left_out, 3U);
}

TEST(Bindings, AreReadFromUtf16) {
  std::string text = "\xff\xfe";
  for (const char c : "IP:port : 0.0.0.0:443\r\nCertificate Hash : " + kHash + "\r\n") {
    text += c;
    text += '\0';
  }
  EXPECT_EQ(read(text), (Lines{"0.0.0.0:443 " + std::string(40, 'A') + " -"}));
}

TEST(Bindings, AreNotSeenInOtherTexts) {
  for (const std::string& text :
       {std::string("upstream : 10.0.0.1:443\nserver : mail.contoso.com:443\n"),
        std::string("Port : 443\nHost : mail.contoso.com\n"),
        "Subject : CN=mail\nThumbprint : " + kHash + "\n", "Cert Hash(sha1): " + kHash + "\n",
        std::string("2016-12-21 15:01:37 10.169.24.10 443 - 10.169.24.139\n"),
        std::string("Time : 12:30\nApplication ID : {4dc3e181-e14b-4a21-b022-59fc669b0914}\n"),
        std::string("IP:port : 0.0.0.0:443\nx : {4dc3e181-e14b-4a21-b022-59fc669b0914\n"),
        std::string(300, '\0'), std::string()}) {
    EXPECT_EQ(read(text), Lines()) << text;
  }
}

TEST(Bindings, OfPortsThatAreNoneAreNot) {
  for (const char* const place : {"0.0.0.0:0", "0.0.0.0:65536", "1.2.3:443", "a b:443", "::1:443",
                                  "evil\x1b[31m.com:443", ":443"}) {
    EXPECT_EQ(read(std::string("IP:port : ") + place + "\nCertificate Hash : " + kHash + "\n"),
              Lines())
        << place;
  }
}

}  // namespace
}  // namespace chainmend::diagnose

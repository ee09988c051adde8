// What lint says of the configuration of a BIG-IP. Each fragment is a virtual with what it uses.
#include "proxy/diagnose/lint/f5.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace chainmend::diagnose {
namespace {

const std::string kChain = " cert-key-chain { m { cert m.crt chain i.crt key m.key } }\n";
const std::string kNoChain = " cert-key-chain { m { cert m.crt key m.key } }\n";
const std::string kPool = "ltm pool p {\n members { a:80 { address 10.0.0.1 } }\n}\n";
const std::string kPatient = "ltm profile tcp t { idle-timeout 3600 }\n";

std::string profile(const std::string& body) {
  return "ltm profile client-ssl c {\n" + body + "}\n";
}
std::string virtual_server(const std::string& more = "", const std::string& profiles = "") {
  return "ltm virtual v {\n destination 10.0.0.5:443\n pool p\n profiles { c { } http { } t { } " +
         profiles + "}\n" + more + "}\n";
}

F5Verdict lint(const std::string& text) {
  f5::Sources sources;
  sources.files.push_back({"bigip.conf", text});
  const f5::Configuration config(sources);
  const f5::CertificateStore store;
  return lint_f5({config, store, {}});
}

std::vector<std::string> ids(const std::string& text) {
  std::vector<std::string> out;
  for (const LintFinding& one : lint(text).findings) {
    out.push_back(one.finding.id);
  }
  return out;
}

struct Case {
  const char* id;  // the only finding; empty: there is none
  std::string text;
};

const std::vector<Case>& cases() {
  const std::string sound = virtual_server() + kPool + kPatient + profile(kChain);
  const std::string rest = kPool + kPatient + profile(kChain);
  const auto monitor = [&](const std::string& body) {
    return sound + "ltm monitor http m {\n" + body + "}\n";
  };
  static const std::vector<Case> kAll{
      {"", sound},
      {"", "ltm profile client-ssl unused {\n" + kNoChain + "}\n"},
      {"f5-no-chain", virtual_server() + kPool + kPatient + profile(kNoChain)},
      {"f5-no-chain",
       virtual_server() + kPool + kPatient + profile(" cert m.crt\n key m.key\n chain none\n")},
      {"", virtual_server() + kPool + kPatient + profile(kNoChain) +
               "sys file ssl-cert m.crt {\n issuer \"CN=a,O=b\"\n subject \"CN=a,O=b\"\n}\n"},
      {"f5-chain-is-store",
       virtual_server() + kPool + kPatient +
           profile(" cert-key-chain { m { cert m.crt chain ca-bundle.crt key m.key } }\n")},
      {"f5-default-certificate", virtual_server() + kPool + kPatient + profile("")},
      {"f5-stale-certificate",
       virtual_server() + kPool + kPatient + profile(" cert old.crt\n" + kChain)},
      {"f5-tls10-off",
       virtual_server() + kPool + kPatient + profile(kChain + " options { no-tlsv1 }\n")},
      {"f5-re-signs", virtual_server() + kPool + kPatient + profile(kChain + " ssl-c3d enabled\n")},
      {"f5-passphrase",
       virtual_server() + kPool + kPatient + profile(kChain + " passphrase secret\n")},
      {"", virtual_server() + kPool + kPatient + profile(kChain + " passphrase $M$ab$cd\n")},
      {"f5-servers-unverified",
       virtual_server("", "s { } ") + rest + "ltm profile server-ssl s { }\n"},
      {"", virtual_server("", "s { } ") + rest +
               "ltm profile server-ssl s { peer-cert-mode require }\n"},
      {"f5-monitor-escapes",
       monitor(" recv \"200 OK\"\n send \"GET / HTTP/1.0\\\\r\\\\n\\\\r\\\\n\"\n")},
      {"f5-monitor-without-host",
       monitor(" recv \"200 OK\"\n send \"GET / HTTP/1.1\\r\\n\\r\\n\"\n")},
      {"f5-monitor-takes-all", monitor(" send \"GET /\\r\\n\"\n")},
      {"f5-monitor-impatient",
       monitor(" recv 200\n send \"GET /\\r\\n\"\n interval 10\n timeout 10\n")},
      {"f5-pool-empty", sound + "ltm pool q { }\n"},
      {"f5-member-off",
       sound + "ltm pool q {\n members { b:80 { address 10.0.0.2 session user-disabled } }\n}\n"},
      {"f5-idle-timeout", virtual_server() + kPool + profile(kChain) + "ltm profile tcp t { }\n"},
      {"f5-shares-connections", virtual_server("", "oneconnect { } ") + rest},
      {"", virtual_server("", "oneconnect { } ntlm { } ") + rest},
      {"f5-persists-by-address",
       virtual_server(" persist { source_addr { default yes } }\n") + rest},
      {"f5-persists-by-session", virtual_server(" persist { ssl { default yes } }\n") + rest},
      {"f5-missing", virtual_server("", "nothing { } ") + rest},
      {"f5-rule", virtual_server(" rules { r }\n") + rest +
                      "ltm rule r {\nwhen HTTP_REQUEST {\n pool p\n}\n}\n"},
      {"f5-not-read", sound + "}\n"},
  };
  return kAll;
}

TEST(LintF5, SaysOfEachFaultWhatItIs) {
  for (const Case& one : cases()) {
    const std::vector<std::string> expected(*one.id == '\0' ? 0 : 1, one.id);
    EXPECT_EQ(ids(one.text), expected) << one.text;
  }
}

TEST(LintF5, NamesPlaceUsersAndTheLineThatMends) {
  const auto findings = lint(virtual_server() + kPool + kPatient + profile(kNoChain)).findings;
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_EQ(findings[0].place.file, "bigip.conf");
  EXPECT_EQ(findings[0].place.line, 11U);
  EXPECT_NE(findings[0].finding.text.find("/Common/c (/Common/v)"), std::string::npos);
  EXPECT_EQ(findings[0].finding.fix,
            "tmsh modify ltm profile client-ssl /Common/c cert-key-chain modify { m { chain "
            "/Common/INTERMEDIATES.crt } }");
}

TEST(LintF5, HidesPassphrases) {
  for (const LintFinding& one :
       lint(virtual_server() + kPool + kPatient + profile(kChain + " passphrase verysecret\n"))
           .findings) {
    EXPECT_EQ((one.finding.text + one.finding.fix).find("verysecret"), std::string::npos);
  }
}

}  // namespace
}  // namespace chainmend::diagnose

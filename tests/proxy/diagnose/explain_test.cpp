#include "proxy/diagnose/explain/explain.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "proxy/diagnose/explain/find_text.h"

namespace chainmend::diagnose {
namespace {

struct Case {
  const char* text;
  std::vector<std::string> names;  // in order; empty for a code that is not known
};

std::vector<std::string> names_of(const char* text) {
  std::vector<std::string> names;
  for (const Explanation& found : explain_code(text)) {
    names.push_back(found.name);
  }
  return names;
}

TEST(Explain, TakesEveryNotation) {
  const Case cases[] = {
      {"0x80072f0d", {"ERROR_INTERNET_INVALID_CA"}},
      {"80072F0D", {"ERROR_INTERNET_INVALID_CA"}},
      {"80090325", {"SEC_E_UNTRUSTED_ROOT"}},
      {"12045", {"ERROR_INTERNET_INVALID_CA"}},
      {"2147954445", {"ERROR_INTERNET_INVALID_CA"}},
      {"2148204809", {"CERT_E_UNTRUSTEDROOT"}},
      {"-2146762487", {"CERT_E_UNTRUSTEDROOT"}},
      {"10054", {"WSAECONNRESET"}},
      {"0x80072746", {"WSAECONNRESET"}},
      {"cert_e_untrustedroot", {"CERT_E_UNTRUSTEDROOT"}},
      {"SEC_E_UNTRUSTED_ROOT", {"SEC_E_UNTRUSTED_ROOT"}},
      {"403.16", {"Client certificate is untrusted or invalid"}},
      {"403 16", {"Client certificate is untrusted or invalid"}},
      {"403 16 2148204809", {"Client certificate is untrusted or invalid: CERT_E_UNTRUSTEDROOT"}},
      {"40316 2148204809", {"Client certificate is untrusted or invalid: CERT_E_UNTRUSTEDROOT"}},
      {"403.16 -2146762487", {"Client certificate is untrusted or invalid: CERT_E_UNTRUSTEDROOT"}},
      {"event 36887", {"fatal alert received"}},
      {"36885", {"list of trusted issuers was cut"}},
      {"alert 48", {"unknown_ca"}},
      {"unknown_ca", {"unknown_ca"}},
      {"alert access_denied", {"access_denied"}},
      {"TLS alert number 90", {"user_canceled"}},
      {"X509 error 20", {"unable to get local issuer certificate"}},
      {"unable to get local issuer certificate", {"unable to get local issuer certificate"}},
      {"error:0A000418", {"tlsv1 alert unknown ca"}},
      {"error:14094418:SSL", {"tlsv1 alert unknown ca"}},  // as OpenSSL 1 packs it
      {"TLSV1_ALERT_UNKNOWN_CA", {"tlsv1 alert unknown ca"}},
      {"curl: (60)", {"SSL peer certificate or SSH remote key was not OK"}},
      {"SEC_ERROR_UNKNOWN_ISSUER", {"SEC_ERROR_UNKNOWN_ISSUER"}},
      {"-8179", {"SEC_ERROR_UNKNOWN_ISSUER"}},
      {"-9813", {"errSSLNoRootCert"}},
      {"UNABLE_TO_VERIFY_LEAF_SIGNATURE", {"UNABLE_TO_VERIFY_LEAF_SIGNATURE"}},
      {"net::ERR_CERT_AUTHORITY_INVALID", {"ERR_CERT_AUTHORITY_INVALID"}},
      {"x509: certificate signed by unknown authority",
       {"x509: certificate signed by unknown authority"}},
      {"\"The certificate issuer is unknown.\"", {"The certificate issuer is unknown"}},
      {"0x8badf00d", {""}},
      {"alert 200", {""}},
      {"X509 error 999", {""}},
      {"error:0A7FFFFF", {""}},
  };
  for (const Case& one : cases) {
    EXPECT_EQ(names_of(one.text), one.names) << one.text;
  }
}

// What a line of a log comes to, of whichever program.
TEST(Explain, FindsTheCodeInALine) {
  const std::pair<const char*, const char*> cases[] = {
      {"NAutoDiscover::DnsAutodiscoverTask::TryAutodiscoverUrls: Exception. hr=0x80072f0d",
       "ERROR_INTERNET_INVALID_CA"},
      {"ERROR :: SECURE_SOCKET: negotiation failed: 80090325", "SEC_E_UNTRUSTED_ROOT"},
      {"the call ended with 2148204809 (see log)", "CERT_E_UNTRUSTEDROOT"},
      {"result=-2146762487", "CERT_E_UNTRUSTEDROOT"},
      {"javax.net.ssl.SSLHandshakeException: sun.security.validator.ValidatorException: PKIX path "
       "building failed: sun.security.provider.certpath.SunCertPathBuilderException: unable to "
       "find valid certification path to requested target",
       "unable to find valid certification path to requested target"},
      {"curl: (60) SSL certificate problem: unable to get local issuer certificate",
       "unable to get local issuer certificate"},
      {"curl: (35) something new", "SSL connect error"},
      {"140:error:1416F086:SSL routines:tls_process_server_certificate:certificate verify failed:",
       "certificate verify failed"},
      {"verify error:num=20:unable to get local issuer certificate",
       "unable to get local issuer certificate"},
      {"Verify return code: 21 (unable to verify the first certificate)",
       "unable to verify the first certificate"},
      {"SSL_do_handshake() failed (SSL: error:0A000418:SSL routines::tlsv1 alert unknown ca:SSL "
       "alert number 48) while SSL handshaking, client: 10.0.0.7, server: 0.0.0.0:443",
       "tlsv1 alert unknown ca"},
      {"*** Received alert [42]: Certificate is bad", "bad_certificate"},
      {"Received fatal alert: certificate_unknown", "certificate_unknown"},
      {"The TLS protocol-defined fatal alert code is 46.", "certificate_unknown"},
      {"The following fatal alert was generated: 40. The internal error state is 107.",
       "handshake_failure"},
      {"The certificate received from the remote server was issued by an untrusted certificate "
       "authority. Because of this, none of the data contained in the certificate can be "
       "validated.",
       "certificate received from the remote server was issued by an untrusted certificate "
       "authority"},
      {"An TLS 1.2 connection request was received from a remote client application, but none of "
       "the cipher suites supported by the client application are supported by the server.",
       "none of the cipher suites supported by the client application are supported by the server"},
      {"ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: "
       "certificate has expired (_ssl.c:992)",
       "certificate has expired"},
      {"TLS error: 268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED",
       "certificate verify failed"},
      {"remote error: tls: unknown certificate authority",
       "remote error: tls: unknown certificate authority"},
      {"System.Security.Authentication.AuthenticationException: The remote certificate is invalid "
       "because of errors in the certificate chain: PartialChain",
       "errors in the certificate chain: PartialChain"},
      {"01260013:4: SSL Handshake failed for TCP 192.0.2.5:54321 -> 10.0.0.1:443",
       "SSL Handshake failed"},
  };
  for (const auto& [line, name] : cases) {
    const Code* const code = find_text(line);
    ASSERT_NE(code, nullptr) << line;
    EXPECT_EQ(code->name, name) << line;
  }
  for (const char* line : {"", "GET /index.html 200", "everything is fine", "alert the operator",
                           "x80090325 80090325a 180090325 2148204809000 80090000 id 0x1"}) {
    EXPECT_EQ(find_text(line), nullptr) << line;
  }
}

TEST(Explain, NamesEachProgramThatCountsThisFar) {
  std::set<Speaker> speakers;
  for (const Explanation& one : explain_code("60")) {
    ASSERT_TRUE(one.known());
    speakers.insert(one.said->speaker);
  }
  EXPECT_EQ(speakers, (std::set{Speaker::alert, Speaker::openssl_verify, Speaker::curl}));
}

TEST(Explain, ShowsAnUnknownNumberInOtherNotations) {
  const auto found = explain_code("0x8badf00d");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0].advice(), nullptr);
  EXPECT_EQ(found[0].notations, (std::vector<std::string>{"0x8badf00d", "2343432205", "-1951535091",
                                                          "failure, facility 941, code 61453"}));
}

TEST(Explain, KeepsTheReasonThatIisGivesWhenTheStatusIsNotKnown) {
  const auto found = explain_code("403 99 2148204809");
  ASSERT_EQ(found.size(), 1U);
  EXPECT_FALSE(found[0].known());
  EXPECT_EQ(found[0].name, "CERT_E_UNTRUSTEDROOT");
}

TEST(Explain, TellsWarningsFromFatalAlerts) {
  for (const char* warning : {"alert 0", "alert 90", "alert 100"}) {
    const Explanation one = explain_code(warning)[0];
    EXPECT_TRUE(one.meaning.starts_with("the sender ")) << one.meaning;
    EXPECT_TRUE(one.readings.empty());
  }
  const Explanation refused = explain_code("alert 40")[0];
  EXPECT_EQ(refused.meaning, "the handshake was refused");
  EXPECT_EQ(refused.readings.size(), 1U);  // a client may mean anything by it
  EXPECT_EQ(explain_code("close_notify")[0].said->problem, Problem::no_error);
  const auto unknown_ca = explain_code("alert 48")[0];
  ASSERT_EQ(unknown_ca.readings.size(), 2U);
  EXPECT_TRUE(unknown_ca.readings[0].starts_with("from a client: the client does not trust"));
  EXPECT_TRUE(unknown_ca.readings[1].starts_with("from a server: the client's certificate ends"));
}

TEST(Explain, RefusesWhatIsNoCode) {
  for (const char* text : {"", " ", "hello", "0x", "99999999999", "-", "alert", "alert x",
                           "X509 error", "error:", "error:zz", "\x1b[31m", "1.2.3", "403.x"}) {
    EXPECT_TRUE(explain_code(text).empty()) << text;
  }
}

// What a client of Go 1.19 printed at servers of nginx and OpenSSL, and at one that answered each
// hello with an alert; before each line what was wrong there.
TEST(Explain, KnowsWhatGoPrints) {
  std::ifstream file(CHAINMEND_SOURCE_DIR "/tests/proxy/diagnose/logs/go_client.txt");
  int lines = 0;
  for (std::string line; std::getline(file, line); ++lines) {
    const auto tab = line.find('\t');
    ASSERT_NE(tab, std::string::npos) << line;
    const Code* const code = find_text(std::string_view(line).substr(tab + 1));
    ASSERT_NE(code, nullptr) << line;
    EXPECT_STREQ(to_string(*code->problem), line.substr(0, tab).c_str()) << line;
  }
  EXPECT_EQ(lines, 38);
}

TEST(Explain, KnowsConnectionsThatBrokeInTheWordsOfMany) {
  const std::pair<const char*, Problem> cases[] = {
      {"curl: (35) Recv failure: Connection reset by peer", Problem::connection_closed},
      {"curl: (35) OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to mail:443",
       Problem::connection_closed},
      {"write:errno=104", Problem::connection_closed},
      {"ConnectionResetError: [Errno 104] Connection reset by peer", Problem::connection_closed},
      {"java.net.SocketException: Connection reset", Problem::connection_closed},
      {"java.net.ConnectException: Connection refused", Problem::connect_failed},
      {"read tcp 10.0.0.1:1->10.0.0.2:443: wsarecv: An existing connection was forcibly closed by "
       "the remote host.",
       Problem::connection_closed},
      {"ConnectionResetError: [WinError 10054] An existing connection was forcibly closed by the "
       "remote host",
       Problem::connection_closed},
      {"*** Fatal error: Error in the pull function.", Problem::connection_closed},
      {"dial tcp: lookup mail: no such host", Problem::name_not_resolved},
      {"The client and server cannot communicate, because they do not possess a common algorithm",
       Problem::no_common_cipher},
      {"A certificate chain processed, but terminated in a root certificate which is not trusted "
       "by the trust provider.",
       Problem::chain_untrusted},
  };
  for (const auto& [text, problem] : cases) {
    const Code* const code = find_text(text);
    ASSERT_NE(code, nullptr) << text;
    EXPECT_EQ(code->problem, problem) << text << ": " << to_string(*code->problem);
  }
}

TEST(Explain, SaysWhichClientMeansWhatByAnAlert) {
  const auto said = explain_code("alert 46");
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].on_clients.front(),
            "Java 17: a list that leads to no root that it trusts or another name");
  EXPECT_TRUE(explain_code("alert 80")[0].on_clients.empty());
}

TEST(Codes, EachRowOfTheTableIsReadAndFound) {
  std::vector<std::string> faults;
  const std::vector<Code> rows = parse_codes(codes_text(), faults);
  EXPECT_EQ(faults, std::vector<std::string>{});
  EXPECT_GE(rows.size(), 450U);
  std::set<std::pair<Speaker, std::int64_t>> numbers;
  for (const Code& row : rows) {
    EXPECT_FALSE(row.source.empty()) << row.name;
    if (row.number) {
      EXPECT_TRUE(numbers.emplace(row.speaker, *row.number).second) << row.written << " twice";
    }
    // By its name alone, and where it stands in a line if it is looked for there.
    const auto found = explain_code(row.name);
    ASSERT_EQ(found.size(), 1U) << row.name;
    ASSERT_TRUE(found[0].known()) << row.name;
    EXPECT_EQ(fold(found[0].said->name), fold(row.name));
    EXPECT_EQ(found[0].said->problem, row.problem) << row.name;
  }
}

TEST(Codes, FaultyRowsAreNamedByLine) {
  std::vector<std::string> faults;
  const auto rows = parse_codes(
      "# c\ntimed-out 1 A\n@curl curl.h\nnonsense 1 B\ntimed-out x C\n"
      "@nobody s\n@curl\ntimed-out 28 D E\n",
      faults);
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].name, "D E");
  EXPECT_EQ(faults.size(), 5U);
  EXPECT_EQ(faults[0], "codes.txt:2: expected PROBLEM NUMBER NAME");
}

TEST(Codes, NumbersBeyondAnyCodeAreNone) {
  EXPECT_EQ(find_code(Speaker::alert, 3'687'777'777'777'777'777), nullptr);
  EXPECT_EQ(find_code(Speaker::alert, INT64_MIN), nullptr);
  EXPECT_TRUE(explain_code("3687777777777777777").empty());
}

TEST(Codes, OpenSslIsAskedForItsOwn) {
  EXPECT_EQ(find_code(Speaker::openssl_verify, 20)->name, "unable to get local issuer certificate");
  EXPECT_EQ(find_code(Speaker::openssl_verify, 20)->problem, Problem::chain_untrusted);
  EXPECT_EQ(find_code(Speaker::alert, 70)->problem, Problem::no_common_version);
  EXPECT_EQ(find_code(Speaker::alert, 45)->problem, Problem::certificate_dates);
  EXPECT_EQ(find_code(Speaker::openssl, 193)->problem, Problem::no_common_cipher);
  EXPECT_GE(codes().size(), 800U);
}

TEST(Advice, IsThereForEachProblem) {
  for (std::size_t i = 1; i < enums::count<Problem>(); ++i) {
    const Advice& advice = advice_on(static_cast<Problem>(i));
    EXPECT_FALSE(advice.meaning.empty()) << i;
    EXPECT_FALSE(advice.meaning.ends_with('.')) << advice.meaning;
  }
}

// The table is in the order of the enum.
TEST(Advice, BelongsToItsProblem) {
  const std::pair<Problem, const char*> cases[] = {
      {Problem::no_error, "not an error"},
      {Problem::weak_certificate, "a key or a signature is too weak"},
      {Problem::not_tls, "what came is not TLS"},
      {Problem::client_certificate_denied,
       "the certificate of the client is valid and not allowed"},
      {Problem::local_trust_empty, "the program has no roots to trust"},
      {Problem::https_required, "the path demands https"},
      {Problem::body_too_large, "the request was too large"},
      {Problem::internal_error, "the other side failed by itself"},
  };
  for (const auto& [problem, meaning] : cases) {
    EXPECT_EQ(advice_on(problem).meaning, meaning) << to_string(problem);
  }
}

}  // namespace
}  // namespace chainmend::diagnose

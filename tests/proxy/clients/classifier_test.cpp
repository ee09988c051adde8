// The operator's rules: which callers each kind of condition fits, and who goes first.
#include "proxy/clients/classifier.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <ostream>

#include "config/config.h"

namespace {
std::size_t allocations = 0;
}  // namespace

void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) {
    return memory;
  }
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace chainmend::clients {
namespace {

Address v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
  return {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d};
}

// The hello of a phone: TLS 1.0, RSA, no name.
ClientHello phone() {
  ClientHello hello;
  hello.legacy_version = kTls10;
  hello.suites = {0x002f, 0x0035, 0x00ff};
  return hello;
}

ClientHello browser() {
  ClientHello hello;
  hello.legacy_version = kTls12;
  hello.supported_versions = {0x1a1a, kTls13, kTls12};
  hello.suites = {0x2a2a, 0x1301, 0xc02b, 0xc02f};
  hello.has_extensions = true;
  hello.extensions = {0x3a3a, 0, 10, 16, 43};
  hello.groups = {0x4a4a, 29, 23};
  hello.alpn = {"h2", "http/1.1"};
  hello.server_name = "mail.contoso.com";
  return hello;
}

std::vector<config::ClientTypeRule> rules_of(const std::string& match) {
  const auto config =
      config::parse("client_types: [ { name: monitor, match: " + match + " } ]" + R"(
certificates: { mail: { pfx: mail.pfx } }
listeners:
  - { name: exchange, listen: "0.0.0.0:443", certificates: mail, upstream: cas }
  - { name: phones, listen: "0.0.0.0:444", certificates: mail, upstream: cas }
upstreams: { cas: { servers: "http://10.0.0.11" } }
)",
                    "c.yaml");
  EXPECT_TRUE(config) << (config ? "" : config.error().front().describe());
  return config ? config->client_types : std::vector<config::ClientTypeRule>{};
}

struct MatchCase {
  const char* match;
  bool fits_phone;    // from 10.20.3.4 on listener "phones"
  bool fits_browser;  // from 192.0.2.1 on listener "exchange"
};
void PrintTo(const MatchCase& one, std::ostream* out) { *out << one.match; }

class Match : public testing::TestWithParam<MatchCase> {};

TEST_P(Match, FitsThoseItDescribes) {
  const Classifier classifier(rules_of(GetParam().match));
  const ClientHello from_phone = phone();
  const ClientHello from_browser = browser();
  const Caller a{v4(10, 20, 3, 4), "phones", from_phone, ja4(from_phone)};
  const Caller b{v4(192, 0, 2, 1), "exchange", from_browser, ja4(from_browser)};
  EXPECT_EQ(classifier.admit(a).type.name() == "monitor", GetParam().fits_phone);
  EXPECT_EQ(classifier.admit(b).type.name() == "monitor", GetParam().fits_browser);
}

INSTANTIATE_TEST_SUITE_P(
    Conditions, Match,
    testing::Values(
        MatchCase{"{ source: 10.20.0.0/16 }", true, false},
        MatchCase{"{ source: 10.20.3.9/16 }", true, false},
        MatchCase{"{ source: 10.20.3.5 }", false, false},
        MatchCase{"{ source: 10.20.3.4/31 }", true, false},
        MatchCase{"{ source: 10.20.3.6/31 }", false, false},
        MatchCase{"{ source: [10.0.0.0/9, 192.0.2.0/24] }", true, true},
        MatchCase{"{ source: 0.0.0.0/0 }", true, true},
        MatchCase{"{ source: \"::/0\" }", true, true},
        MatchCase{"{ source: \"2001:db8::/32\" }", false, false},
        MatchCase{"{ listener: phones }", true, false},
        MatchCase{"{ listener: [exchange, phones] }", true, true},
        MatchCase{"{ sni: none }", true, false},
        MatchCase{"{ sni: Mail.contoso.com }", false, true},
        MatchCase{"{ sni: \"*.contoso.com\" }", false, true},
        MatchCase{"{ sni: \"*.com\" }", false, false},
        MatchCase{"{ sni: \"*.mail.contoso.com\" }", false, false},
        MatchCase{"{ offers_at_most: 1.0 }", true, false},
        MatchCase{"{ offers_at_most: 1.2 }", true, false},
        MatchCase{"{ offers_at_most: 1.3 }", true, true},
        MatchCase{"{ suites: [0x002f, 53, 0x000a] }", true, false},
        MatchCase{"{ suites: [0x002f] }", false, false},
        MatchCase{"{ suites: [0x1301, 0xc02b, 0xC02F] }", false, true},
        MatchCase{"{ extensions: [] }", true, false},
        MatchCase{"{ extensions: [43, 16, 10, 0, 5] }", true, true},
        MatchCase{"{ extensions: [0, 10, 16] }", true, false},
        MatchCase{"{ alpn: none }", true, false}, MatchCase{"{ alpn: http/1.1 }", false, true},
        MatchCase{"{ alpn: HTTP/1.1 }", false, false},
        MatchCase{"{ hello_format: tls }", true, true},
        MatchCase{"{ hello_format: sslv2 }", false, false},
        MatchCase{"{ ja4: \"t10i*\" }", true, false},
        MatchCase{"{ ja4: \"*_000000000000\" }", true, false},
        MatchCase{"{ ja4: [\"t1*i03*\", \"t13d*h2_*_*\"] }", true, true},
        MatchCase{"{ ja4: \"t10i\" }", false, false}, MatchCase{"{ ja4: \"*\" }", true, true},
        MatchCase{"{ ja3: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa }", false, false},
        MatchCase{"{ source: 10.0.0.0/8, offers_at_most: 1.0, sni: none }", true, false},
        MatchCase{"{ source: 10.0.0.0/8, sni: \"*.contoso.com\" }", false, false}));

TEST(Classifier, KnowsTheWholeFingerprint) {
  const ClientHello hello = phone();
  const Caller caller{v4(10, 0, 0, 1), "phones", hello, ja4(hello)};
  const Classifier by_ja3(rules_of("{ ja3: " + ja3(hello) + " }"));
  const Classifier by_ja4(rules_of("{ ja4: " + std::string(text_of(ja4(hello))) + " }"));
  EXPECT_EQ(by_ja3.admit(caller).type.name(), "monitor");
  EXPECT_EQ(by_ja4.admit(caller).type.name(), "monitor");
  EXPECT_EQ(by_ja3.admit(caller).rule, "c.yaml:1:17");
  EXPECT_EQ(by_ja3.admit(caller).confidence, Confidence::configured);
}

TEST(Classifier, LetsTheFirstRuleWin) {
  config::ClientTypeRule narrow;
  narrow.name = "lync_phone_edition";
  narrow.match.source = {{v4(10, 20, 0, 0), 112}};
  config::ClientTypeRule wide;
  wide.name = "monitor";
  wide.match.offers_at_most = config::TlsVersion::tls1_0;
  const Classifier classifier({narrow, wide});
  const ClientHello hello = phone();
  EXPECT_EQ(classifier.admit({v4(10, 20, 0, 1), "a", hello, ja4(hello)}).type.name(),
            "lync_phone_edition");
  EXPECT_EQ(classifier.admit({v4(10, 21, 0, 1), "a", hello, ja4(hello)}).type.name(), "monitor");
}

TEST(Classifier, PutsTheOperatorBeforeWhatWasLearnedAndThatBeforeStructure) {
  const ClientHello hello = phone();
  const Caller inside{v4(10, 20, 3, 4), "a", hello, ja4(hello)};
  const Caller outside{v4(10, 30, 3, 4), "a", hello, ja4(hello)};
  const Classifier classifier(rules_of("{ source: 10.20.0.0/16 }"));
  const Classification learned{ClientType::named("mitel_ip400"), Confidence::high, "learned"};
  EXPECT_EQ(classifier.name(inside, learned).type.name(), "monitor");
  EXPECT_EQ(classifier.name(outside, learned).type.name(), "mitel_ip400");
  EXPECT_EQ(classifier.name(outside, std::nullopt).type.name(), "legacy_phone");
  EXPECT_EQ(classifier.admit(outside).type.name(), "legacy_phone");
}

TEST(Classifier, AllocatesNothing) {
  const Classifier classifier(rules_of("{ source: 10.0.0.0/8, ja4: \"t13*x\", sni: a.b }"));
  const ClientHello hello = browser();
  const Caller caller{v4(10, 0, 0, 1), "exchange", hello, ja4(hello)};
  classifier.admit(caller);  // names of types are made once
  const std::size_t before = allocations;
  const Classification found = classifier.name(caller, std::nullopt);
  EXPECT_EQ(allocations, before);
  EXPECT_EQ(found.type.name(), "chromium");
}

}  // namespace
}  // namespace chainmend::clients

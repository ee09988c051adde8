// What is allowed and most likely not meant: said, and no error.
#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

TEST(Warnings, NameWhatIsDefinedAndNotUsed) {
  EXPECT_EQ(warnings_of(R"(certificates:
  mail: { pfx: mail.pfx }
  old: { pfx: old.pfx }
tls_policies:
  phones: { max: 1.2 }
upstreams:
  hq: { servers: "http://10.0.0.12" }
  cas: { servers: "http://10.0.0.11" }
listeners: { name: exchange, listen: 0.0.0.0:1, certificates: mail, upstream: cas }
)"),
            (Messages{"c.yaml:3:3: certificate \"old\" is not used",
                      "c.yaml:5:3: TLS policy \"phones\" is not used",
                      "c.yaml:7:3: upstream \"hq\" is not used"}));
}

TEST(Warnings, SayThatAnUnreachableTypeAdmitsNobody) {
  const std::string listener = R"(listeners:
  - name: a
    listen: 0.0.0.0:1
    certificates: mail
    upstream: cas
    tls: { for_clients: [{ client_type: lync_phone_edition, policy: legacy-tls10 }] }
certificates: { mail: { pfx: a } }
upstreams: { cas: { servers: "http://10.0.0.11" } }
)";
  EXPECT_EQ(
      warnings_of(listener),
      Messages{"c.yaml:6:41: \"lync_phone_edition\" is known only by what it asks for, which is "
               "after the handshake; say where these clients are: client_types: [{ name: "
               "lync_phone_edition, match: { source: [10.20.0.0/16] } }]"});
  EXPECT_EQ(warnings_of(listener + "client_types: { name: lync_phone_edition, match: { source: "
                                   "10.0.0.0/8 } }\n"),
            Messages{});
}

// One listener with these terms for one type of client, and what is said of it.
Messages warnings_for(const std::string& type, const std::string& more = "") {
  return warnings_of(
      "listeners:\n  - { name: a, listen: 0.0.0.0:1, certificates: mail, upstream: cas, "
      "tls: { for_clients: { client_type: " +
      type +
      ", policy: legacy-tls10 } } }\n"
      "certificates: { mail: { pfx: a } }\n"
      "upstreams: { cas: { servers: \"http://10.0.0.11\" } }\n" +
      more);
}

TEST(Warnings, SayThatAPolicyIsOpenToEverybody) {
  const std::string remedy =
      "; name the phones' networks in client_types: match: { source: [10.20.0.0/16] }";
  EXPECT_EQ(warnings_for("unknown_tls10"),
            Messages{"c.yaml:2:105: policy legacy-tls10 is open to everybody: \"unknown_tls10\" is "
                     "whoever offers no better version and is not known otherwise" +
                     remedy});
  for (const std::string match :
       {"source: 0.0.0.0/0", "source: \"::/0\"", "source: [10.0.0.0/8, 0.0.0.0/0]",
        "offers_at_most: 1.0", "source: 0.0.0.0/0, offers_at_most: 1.0", "listener: a",
        "source: [0.0.0.0/1, 128.0.0.0/1]", "sni: mail.contoso.com"}) {
    EXPECT_EQ(warnings_for("phones", "client_types: { name: phones, match: { " + match + " } }\n"),
              Messages{"c.yaml:2:105: policy legacy-tls10 is open to everybody: \"phones\" is "
                       "whoever fits the rule on line 5, and anybody can" +
                       remedy})
        << match;
  }
  for (const std::string match : {"source: 10.20.0.0/16", "extensions: [], offers_at_most: 1.0",
                                  "ja4: t10*", "source: 10.0.0.0/8, offers_at_most: 1.0"}) {
    EXPECT_EQ(warnings_for("phones", "client_types: { name: phones, match: { " + match + " } }\n"),
              Messages{})
        << match;
  }
}

TEST(Warnings, SayThatTheAdminPagesAreOpenToEverybody) {
  const auto warnings = [](const std::string& address) {
    return warnings_of("admin: { listen: \"" + address + "\" }" + kServing);
  };
  for (const std::string address : {"0.0.0.0:9465", "[::]:9465", "93.184.216.34:9465",
                                    "[2001:db8::1]:9465", "172.32.0.1:9465"}) {
    EXPECT_EQ(warnings(address),
              Messages{"c.yaml:1:18: admin pages on " + address +
                       " are open to everybody who can reach it: they need no password; listen on "
                       "127.0.0.1:9465 or on an address of the management network, or have "
                       "admin.token_file name a token"});
  }
  for (const std::string address : {"127.0.0.1:9465", "[::1]:9465", "10.1.2.3:9465",
                                    "172.31.0.1:9465", "192.168.1.1:9465", "[fd00::1]:9465"}) {
    EXPECT_EQ(warnings(address), Messages{}) << address;
  }
}

TEST(Warnings, NameTheNetworkThatWasMeant) {
  EXPECT_EQ(
      warnings_of("client_types: { name: p, match: { source: [10.20.30.40/16, "
                  "\"2001:db8::1/32\", 10.0.0.0/8, 10.0.0.1, 10.0.0.1/32] } }" +
                  std::string(kServing)),
      (Messages{"c.yaml:1:44: \"10.20.30.40/16\" is no network: bits are set behind its "
                "prefix; it is taken for 10.20.0.0/16; write that, or /32 for the one address",
                "c.yaml:1:60: \"2001:db8::1/32\" is no network: bits are set behind its "
                "prefix; it is taken for 2001:db8:0:0:0:0:0:0/32; write that, or /128 for the "
                "one address"}));
  EXPECT_EQ(warnings_of("client_types: { name: p, match: { source: [10.20.0.0, 10.20.0.0/32, "
                        "10.20.1.0, 0.0.0.0, \"2001:db8::\"] } }" +
                        std::string(kServing)),
            (Messages{"c.yaml:1:44: \"10.20.0.0\" is one address alone; write 10.20.0.0/16 for the "
                      "network, or 10.20.0.0/32 for the address",
                      "c.yaml:1:69: \"10.20.1.0\" is one address alone; write 10.20.1.0/24 for the "
                      "network, or 10.20.1.0/32 for the address"}));
}

TEST(Warnings, NameTlsSettingsThatDoNotDoWhatTheySay) {
  EXPECT_EQ(warnings_of(R"(upstreams:
  a: { servers: "https://10.0.0.11", tls: { verify: false } }
  b: { servers: "http://10.0.0.12", tls: { server_name: b } }
listeners:
  - { name: a, listen: 0.0.0.0:1, tls: off, upstream: a }
  - { name: b, listen: 0.0.0.0:2, tls: off, upstream: b }
)"),
            (Messages{"c.yaml:2:43: with \"verify: false\" anyone can pose as these servers",
                      "c.yaml:3:6: \"tls\" has no use: no server is https://"}));
}

}  // namespace
}  // namespace chainmend::config

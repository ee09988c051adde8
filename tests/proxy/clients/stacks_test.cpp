// The table of client stacks: each row makes a hello that is what it says, has the fingerprint that
// others published of that client, and is named by the classifier as the client's type.
#include "proxy/clients/stacks.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "config/client_types.h"
#include "proxy/clients/classifier.h"
#include "proxy/clients/fingerprint.h"
#include "proxy/clients/make_hello.h"
#include "tests/proxy/clients/client_simulation.h"

namespace chainmend::clients {

void PrintTo(const ClientStack& stack, std::ostream* out) { *out << stack.name; }

namespace {

constexpr const char* kServer = "mail.contoso.com";

ClientHello said_by(const ClientStack& stack, std::string_view server_name = kServer) {
  const FirstFlight flight = parse_client_hello(make_hello(stack, server_name));
  EXPECT_EQ(flight.kind, FlightKind::hello) << stack.name;
  return flight.hello;
}

class EachStack : public ::testing::TestWithParam<ClientStack> {};

TEST_P(EachStack, SaysInItsHelloWhatItsRowHolds) {
  const ClientStack& stack = GetParam();
  const ClientHello hello = said_by(stack);
  EXPECT_EQ(hello.format, stack.format);
  EXPECT_EQ(hello.legacy_version, stack.version);
  EXPECT_EQ(hello.supported_versions, stack.versions);
  EXPECT_EQ(hello.suites, stack.suites);
  EXPECT_EQ(hello.extensions, stack.extensions);
  EXPECT_EQ(hello.groups, stack.groups);
  EXPECT_EQ(hello.point_formats, stack.point_formats);
  EXPECT_EQ(hello.signature_algorithms, stack.signatures);
  EXPECT_EQ(hello.server_name, stack.names_server() ? kServer : "");
  EXPECT_EQ(hello.alpn, std::vector<std::string>(stack.alpn.begin(), stack.alpn.end()));
}

TEST_P(EachStack, NamesNoServerToAnAddress) {
  const ClientHello hello = said_by(GetParam(), "");
  EXPECT_FALSE(hello.has_extension(0));
  EXPECT_EQ(hello.server_name, "");
}

TEST_P(EachStack, IsNamedByItsHello) {
  for (const char* server_name : {kServer, ""}) {
    const ClientHello hello = said_by(GetParam(), server_name);
    const Classification found = classify_hello(hello, ja4(hello));
    EXPECT_EQ(found.type.name(), GetParam().hello_type) << found.rule << " for " << server_name;
  }
}

TEST_P(EachStack, IsOfABuiltInTypeThatItsHelloTellsOrOnlyItsUse) {
  const auto* const type = config::built_in_client_type(GetParam().type);
  ASSERT_NE(type, nullptr);
  if (type->known_by == config::KnownBy::hello) {
    EXPECT_EQ(GetParam().hello_type, GetParam().type);
  } else {
    EXPECT_FALSE(GetParam().assumed.empty()) << "a hello that tells the type is known by hello";
  }
  EXPECT_FALSE(GetParam().source.empty());
  EXPECT_EQ(find_client_stack(GetParam().name)->suites, GetParam().suites);
}

INSTANTIATE_TEST_SUITE_P(Table, EachStack, ::testing::ValuesIn(client_stacks()),
                         [](const auto& info) { return std::string(info.param.name); });

// JA3, from lists that carry the string as well.
TEST(ClientStacks, HaveThePublishedJa3) {
  const struct {
    const char* stack;
    const char* ja3;
  } rows[] = {{"polycom_phone", "9e41b6bf545347abccf0dc8fd76083a5"},
              {"windows_xp_schannel", "c8a0d08d2cbee4bed7cd90e47588ab9b"},
              {"windows_schannel_tls10", "2201d8e006f8f005a6b415f61e677532"},
              {"windows_10_schannel", "aee020803d10a4d39072817184c8eedc"},
              {"ios_6", "06d930b072bf052b10d0a9eea1554f60"},
              {"ios_9", "d4693422c5ce1565377aca25940ad80c"},
              {"ios_15", "773906b0efdefa24a7f2b8eb6985bf37"},
              {"android_2", "b677934e592ece9e09805bf36cd68d8a"},
              {"android_4_0", "e1e03b911a28815836d79c5cdd900a20"},
              {"android_4_4", "3db65843cc3d126557d835f0be05063a"},
              {"android_8", "cdcb28b9b475212c227ea128ad2c93b7"},
              {"android_11", "9b02ebd3a43b62d825e1ac605b621dc8"},
              {"java_6", "b677934e592ece9e09805bf36cd68d8a"},
              {"java_7", "51a7ad14509fd614c7bb3a50c4982b8c"},
              {"java_8", "2db6873021f2a95daa7de0d93a1d1bf2"},
              {"java_17", "60f3e2285bc991c380f822c6ac51f947"},
              {"openssl_1_1", "40adfd923eb82b89d8836ba37a19bca1"},
              {"openssl_3", "a3afc2c46ba4a7d7fbe1cfb7a3031c2f"},
              {"chromium", "cd08e31494f9531f560d64c695473da9"}};
  for (const auto& row : rows) {
    const ClientStack* stack = find_client_stack(row.stack);
    ASSERT_NE(stack, nullptr) << row.stack;
    EXPECT_EQ(ja3(said_by(*stack)), row.ja3) << row.stack;
  }
}

TEST(ClientStacks, HaveThePublishedJa4) {
  const auto print = [](const char* stack) {
    const Ja4 made = ja4(said_by(*find_client_stack(stack)));
    return std::string(text_of(made));
  };
  EXPECT_EQ(print("polycom_phone"), "t10i040000_cd059950e4e9_000000000000");
  EXPECT_EQ(print("chromium"), "t13d1516h2_8daaf6152771_e5627efa2ab1");
  EXPECT_EQ(print("firefox").substr(0, 23), "t13d1715h2_5b57614c22b0");
  EXPECT_EQ(print("windows_xp_schannel").substr(11, 12), "3609b414f052");
}

// What real clients of these versions sent, where the package is installed: the same lists, in the
// same order.
TEST(ClientStacks, SayWhatRealClientsSaid) {
  const auto real = clients::testing::simulated_clients();
  if (real.empty()) {
    GTEST_SKIP() << "package testssl.sh is not installed";
  }
  const struct {
    const char* stack;
    const char* client;
  } rows[] = {{"windows_xp_schannel", "IE 8 XP"},
              {"windows_schannel_tls10", "IE 8 Win 7"},
              {"ios_6", "Safari 6 iOS 6.0.1"},
              {"ios_9", "Safari 9 iOS 9"},
              {"ios_15", "Safari 15.4 (macOS 12.3.1)"},
              {"android_2", "Android 2.3.7"},
              {"android_4_0", "Android 4.0.4"},
              {"android_4_4", "Android 4.4.2"},
              {"android_8", "Android 8.1 (native)"},
              {"android_11", "Android 11 (native)"},
              {"java_6", "Java 6u45"},
              {"java_7", "Java 7u25"},
              {"java_8", "Java 8u111"},
              {"java_17", "Java 17.0.3 (OpenJDK)"},
              {"openssl_1_1", "OpenSSL 1.1.1d (Debian)"},
              {"openssl_3", "OpenSSL 3.0.3 (git)"},
              {"chromium", "Chrome 101 (Win 10)"},
              {"firefox", "Firefox 100 (Win 10)"}};
  for (const auto& row : rows) {
    const auto client =
        std::ranges::find(real, row.client, &clients::testing::SimulatedClient::name);
    ASSERT_NE(client, real.end()) << row.client;
    const ClientHello theirs = parse_client_hello(client->hello).hello;
    const ClientHello ours = said_by(*find_client_stack(row.stack));
    EXPECT_EQ(ja3_string(ours), ja3_string(theirs)) << row.stack;
    EXPECT_EQ(ours.record_version, theirs.record_version) << row.stack;
    EXPECT_EQ(ours.signature_algorithms, theirs.signature_algorithms) << row.stack;
    EXPECT_EQ(ours.format, theirs.format) << row.stack;
  }
}

TEST(ClientStacks, AreFoundByNameAndByType) {
  std::set<std::string_view> names;
  for (const ClientStack& stack : client_stacks()) {
    EXPECT_TRUE(names.insert(stack.name).second) << stack.name;
  }
  EXPECT_EQ(find_client_stack("nokia"), nullptr);
  EXPECT_EQ(stacks_of("windows_schannel_tls12").size(), 2U);
  EXPECT_TRUE(stacks_of("monitor").empty());
}

}  // namespace
}  // namespace chainmend::clients

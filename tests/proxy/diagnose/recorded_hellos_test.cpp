#include "proxy/diagnose/measure/recorded_hellos.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "certs/file_text.h"
#include "proxy/clients/make_hello.h"
#include "proxy/diagnose/measure/policy_replay.h"

namespace chainmend::diagnose {
namespace {

std::string hello_of(std::string_view client) {
  return certs::encode_base64(
      clients::make_hello(*clients::find_client_stack(client), "mail.contoso.com"));
}

RecordedHellos read(const std::string& text) {
  std::istringstream log(text);
  return read_recorded_hellos(log);
}

TEST(RecordedHellos, AreThoseOfTheLog) {
  const RecordedHellos found =
      read(R"({"event":"handshake","client_type":"phones","hello":")" + hello_of("mitel_ip400") +
           "\"}\r\n\n" + R"({"event":"handshake","hello":")" + hello_of("java_7") + "\"}\n" +
           R"({"event":"dropped","count":3})" + "\n" + R"({"event":"handshake","sni":"x"})");
  ASSERT_EQ(found.hellos.size(), 2U);
  EXPECT_EQ(found.hellos[0].client_type, "phones");
  EXPECT_EQ(found.hellos[1].client_type, "java_7") << "as our own rules name it";
  EXPECT_EQ(found.hellos[1].hello.server_name, "mail.contoso.com");
  EXPECT_EQ(found.without_hello, 1U);
  EXPECT_EQ(found.bad, 0U);
}

TEST(RecordedHellos, CountWhatIsNone) {
  const std::string long_line(200 * 1024, 'x');
  const RecordedHellos found =
      read("{\"hello\":1}\n{\"hello\":\"!\"}\n{\"hello\":\"R0VUIC8=\"}\n[]\n" + long_line +
           "\nno\n" + R"({"client_type":"a","hello":")" + hello_of("ios_9") + "\"}");
  EXPECT_EQ(found.bad, 6U);
  EXPECT_EQ(found.first_bad, "line 1: \"hello\" is no ClientHello in base64");
  ASSERT_EQ(found.hellos.size(), 1U) << "the rest goes on";
  EXPECT_EQ(found.lines, 7U);
}

TEST(RecordedHellos, ReplayedAgainstAPolicy) {
  const RecordedHellos found =
      read(R"({"client_type":"phones","hello":")" + hello_of("mitel_ip400") + "\"}\n" +
           R"({"client_type":"phones","hello":")" + hello_of("java_17") + "\"}\n" +
           R"({"client_type":"java","hello":")" + hello_of("java_17") + "\"}");
  const auto policy = tls::ShadowPolicy::of(*tls::find_builtin_policy("intermediate"));
  ASSERT_TRUE(policy);
  const std::vector<ReplayedType> rows = replay(found, *policy);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].client_type, "phones");
  EXPECT_EQ(rows[0].accepted.successes, 1U);
  EXPECT_EQ(rows[0].accepted.attempts, 2U);
  EXPECT_EQ(rows[0].version_refused, 1U);
  EXPECT_EQ(rows[0].suite_refused, 0U);
  EXPECT_EQ(rows[1].accepted.successes, 1U);
}

}  // namespace
}  // namespace chainmend::diagnose

// The limits, who may ask the admin listener, and the log of requests.
#include "config/config.h"

#include "tests/config/messages.h"

namespace chainmend::config {
namespace {

Config read(const std::string& yaml) {
  const Result<Config> config = parse(yaml + std::string(kServing), "/etc/chainmend/c.yaml");
  EXPECT_TRUE(config) << testing::PrintToString(config ? Messages{} : describe(config.error()));
  return config.value_or(Config{});
}

Messages errors(const std::string& yaml) {
  const Result<Config> config = parse(yaml + "\n" + std::string(kServing), "c.yaml");
  return config ? Messages{} : describe(config.error());
}

TEST(Limits, AreSharesOrNumbers) {
  const Limits limits =
      read(
          "limits: { per_source: 25%, new_per_second: 50, burst: 10, handshakes: 300, "
          "ipv4_prefix: 32, ipv6_prefix: 48, exempt: [10.20.0.0/16] }\n")
          .limits;
  EXPECT_EQ(limits.per_source, (Portion{.percent = 25}));
  EXPECT_EQ(limits.new_per_second, 50U);
  EXPECT_EQ(limits.burst, 10U);
  EXPECT_EQ(limits.handshakes, (Portion{.count = 300}));
  EXPECT_EQ(limits.ipv4_prefix, 32U);
  EXPECT_EQ(limits.ipv6_prefix, 48U);
  EXPECT_THAT(texts(limits.exempt), testing::ElementsAre("10.20.0.0/16"));
  EXPECT_EQ(read("limits: {}\n").limits, Limits{});
  EXPECT_EQ(read("limits: { per_source: off, new_per_second: off }\n").limits.per_source,
            Portion{});
}

TEST(Limits, AreAtLeastOneConnectionWhereThereAreAny) {
  EXPECT_EQ((Portion{.percent = 50}).of(1000), 500U);
  EXPECT_EQ((Portion{.percent = 50}).of(1), 1U);
  EXPECT_EQ((Portion{.count = 7}).of(1000), 7U);
  EXPECT_EQ(Portion{}.of(1000), 0U);
}

TEST(Limits, SayWhatTheyMayBe) {
  const std::string kPortion = "expected a number, a share such as 25%, or off, found ";
  EXPECT_EQ(errors("limits: { per_source: 0 }"),
            Messages{"c.yaml:1:23: \"per_source\": " + kPortion + "\"0\""});
  EXPECT_EQ(errors("limits: { per_source: 101% }"),
            Messages{"c.yaml:1:23: \"per_source\": " + kPortion + "\"101%\""});
  EXPECT_EQ(errors("limits: { handshakes: many }"),
            Messages{"c.yaml:1:23: \"handshakes\": " + kPortion + "\"many\""});
  EXPECT_EQ(errors("limits: { new_per_second: 0 }"),
            Messages{"c.yaml:1:27: \"new_per_second\": must be from 1 to 1000000"});
  EXPECT_EQ(errors("limits: { ipv4_prefix: 33 }"),
            Messages{"c.yaml:1:24: \"ipv4_prefix\": must be from 8 to 32"});
}

TEST(Limits, OfAListenerAreRatesAndConnections) {
  const auto listener = [](const std::string& more) {
    const Result<Config> config =
        parse("listeners: [{ name: a, listen: 127.0.0.1:1, tls: off, upstream: u, " + more +
                  " }]\nupstreams: { u: { servers: \"http://a\" } }\n",
              "c.yaml");
    EXPECT_TRUE(config) << more;
    return config ? config->listeners.front() : Listener{};
  };
  const Listener given =
      listener("max_connections: 9, limits: { request_rate: 1KiB, answer_rate: off }");
  EXPECT_EQ(given.max_connections, 9U);
  EXPECT_EQ(given.limits.request_rate, 1024U);
  EXPECT_EQ(given.limits.answer_rate, std::nullopt);
  const Listener plain = listener("forwarded: false");
  EXPECT_EQ(plain.max_connections, std::nullopt);
  EXPECT_EQ(plain.limits.request_rate, std::nullopt);
  EXPECT_EQ(plain.limits.answer_rate, 240U);
}

TEST(AdminAccess, IsByNamesAndToken) {
  const Admin admin =
      read("admin: { hosts: [Chainmend.Contoso.com, \"*.lab.test\"], token_file: t }\n").admin;
  EXPECT_THAT(admin.hosts, testing::ElementsAre("chainmend.contoso.com", "*.lab.test"));
  EXPECT_EQ(admin.token_file->value, "/etc/chainmend/t");
  EXPECT_EQ(errors("admin: { hosts: \"a:80\" }"),
            Messages{"c.yaml:1:17: \"hosts\": expected a host name or *.domain, without port, "
                     "found \"a:80\""});
}

TEST(AccessLogKeys, NameFileFormatAndWhoseRequests) {
  const AccessLog given = read(
                              "logs: { access: { file: a.log, sample: 5%, query: true, format: "
                              "'{{ {client} {status}', client_types: legacy_phone } }\n")
                              .logs.access;
  EXPECT_EQ(given.file->value, "/etc/chainmend/a.log");
  EXPECT_EQ(given.sample, 0.05);
  EXPECT_TRUE(given.query);
  EXPECT_THAT(values(given.client_types), testing::ElementsAre("legacy_phone"));
  EXPECT_EQ(given.format,
            (std::vector<AccessPart>{
                {"{ ", AccessField::client}, {" ", AccessField::status}, {"", std::nullopt}}));
  const AccessLog plain = read("logs: { access: { file: a.log, format: json } }\n").logs.access;
  EXPECT_TRUE(plain.format.empty());
  EXPECT_EQ(plain.sample, 1);
  EXPECT_FALSE(plain.query);
}

TEST(AccessLogKeys, SayWhatIsWrongWithAFormat) {
  const std::string kStart =
      "c.yaml:1:27: \"format\": expected json or a line such as "
      "\"{time} {client} {method} {path} {status}\", found ";
  const auto of = [](const std::string& format) {
    return errors("logs: { access: { format: '" + format + "' } }");
  };
  EXPECT_EQ(of("{sttatus}"),
            Messages{kStart + "\"{sttatus}\"; there is no field \"sttatus\"; did you mean "
                              "\"status\"?"});
  EXPECT_EQ(of("{status"), Messages{kStart + "\"{status\"; a { is not closed"});
  EXPECT_EQ(of("status} {status}"),
            Messages{kStart + "\"status} {status}\"; a } stands alone; }} is the character"});
  EXPECT_EQ(of("status"), Messages{kStart + "\"status\"; it names no field"});
  EXPECT_EQ(errors("logs: { access: { client_types: phonez } }").size(), 1U);
}

}  // namespace
}  // namespace chainmend::config

// Parses every real ClientHello of Debian's package testssl.sh, where it is installed. The file is
// read in place (it is GPL-2), never copied.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "proxy/clients/client_hello.h"
#include "proxy/clients/fingerprint.h"
#include "tests/proxy/clients/client_simulation.h"
#include "tests/proxy/clients/hello_bytes.h"

namespace chainmend::clients {
namespace {

TEST(ClientSimulation, ParsesEveryRealHello) {
  const std::vector<testing::SimulatedClient> clients = testing::simulated_clients();
  if (clients.empty()) {
    GTEST_SKIP() << "package testssl.sh is not installed";
  }
  std::size_t sslv2 = 0;
  std::set<std::string> fingerprints;
  for (const testing::SimulatedClient& client : clients) {
    const FirstFlight flight = parse_client_hello(client.hello);
    ASSERT_EQ(flight.kind, FlightKind::hello) << client.name;
    sslv2 += flight.hello.format == HelloFormat::sslv2 ? 1 : 0;
    fingerprints.insert(ja3(flight.hello));
    // The list counts a draft of TLS 1.3 (0x7fNN) as TLS 1.3; nobody speaks those any more.
    const bool draft =
        std::ranges::any_of(flight.hello.supported_versions,
                            [](std::uint16_t version) { return version >> 8 == 0x7f; });
    EXPECT_EQ(flight.hello.max_version(), draft ? kTls12 : client.highest_version) << client.name;
  }
  EXPECT_GE(sslv2, 2U);  // IE 6 on XP and Java 6
  EXPECT_GT(fingerprints.size(), clients.size() / 2);
}

TEST(ClientSimulation, AgreesWithPublishedFingerprints) {
  const std::map<std::string, std::string> published = {
      {"IE 8 Win 7", "2201d8e006f8f005a6b415f61e677532"},
      {"Java 7u25", "51a7ad14509fd614c7bb3a50c4982b8c"},
      {"Android 2.3.7", "b677934e592ece9e09805bf36cd68d8a"},
      {"Java 6u45",
       "b677934e592ece9e09805bf36cd68d8a"},  // only the SSLv2 format tells it from Android 2.3
  };
  const std::vector<testing::SimulatedClient> clients = testing::simulated_clients();
  if (clients.empty()) {
    GTEST_SKIP() << "package testssl.sh is not installed";
  }
  std::size_t compared = 0;
  for (const testing::SimulatedClient& client : clients) {
    const auto row = published.find(client.name);
    if (row != published.end()) {
      EXPECT_EQ(ja3(parse_client_hello(client.hello).hello), row->second) << client.name;
      ++compared;
    }
  }
  EXPECT_EQ(compared, published.size());
}

}  // namespace
}  // namespace chainmend::clients

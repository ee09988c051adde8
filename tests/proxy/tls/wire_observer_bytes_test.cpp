// The observer and what no honest server says.
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "tests/proxy/tls/overheard.h"

namespace chainmend::tls {
namespace {

using testing::Bytes;
using testing::WithOpenssl;

// What no server of ours says.
class Strange : public ::testing::Test {
 protected:
  // A client has said hello and waits.
  void SetUp() override {
    talk.client_works();
    talk.client_to_server();
  }
  static Bytes record(std::uint8_t type, const Bytes& content) {
    Bytes bytes = {type, 3, 3, static_cast<std::uint8_t>(content.size() >> 8),
                   static_cast<std::uint8_t>(content.size())};
    bytes.insert(bytes.end(), content.begin(), content.end());
    return bytes;
  }
  static void append_u24(Bytes& to, std::size_t number) {
    for (const unsigned shift : {16U, 8U, 0U}) {
      to.push_back(static_cast<std::uint8_t>(number >> shift));
    }
  }
  static Bytes certificate_message(std::size_t count, std::size_t each) {
    Bytes message = {11};
    append_u24(message, 3 + count * (3 + each));
    append_u24(message, count * (3 + each));
    for (std::size_t i = 0; i < count; ++i) {
      append_u24(message, each);
      message.resize(message.size() + each, 0x30);
    }
    return message;
  }
  // The message in records of the longest kind.
  ServerList list_after(const Bytes& message) {
    WireObserver& observer = talk.observer;
    for (std::size_t at = 0; at < message.size(); at += 16384) {
      const auto from = message.begin() + static_cast<std::ptrdiff_t>(at);
      const auto size =
          static_cast<std::ptrdiff_t>(std::min<std::size_t>(16384, message.size() - at));
      observer.from_server(record(22, Bytes(from, from + size)));
    }
    return observer.take_server_list();
  }

  testing::Identity mail = testing::make_identity({.names = {"mail.contoso.com"}});
  WithOpenssl talk{mail, clients::kTls12};
};

TEST_F(Strange, ServersListOfThirtyTwoIsRead) {
  const ServerList list = list_after(certificate_message(32, 2000));
  EXPECT_EQ(list.state, ServerList::State::whole);
  EXPECT_EQ(list.certificates.size(), 32);
}
TEST_F(Strange, ServersLongListIsNotLookedAt) {
  EXPECT_EQ(list_after(certificate_message(33, 10)).state, ServerList::State::too_long);
}
TEST_F(Strange, ServersBigListIsNotLookedAt) {
  EXPECT_EQ(list_after(certificate_message(2, 40'000)).state, ServerList::State::too_long);
}
TEST_F(Strange, ServersEmptyListIsMalformed) {
  EXPECT_EQ(list_after({11, 0, 0, 3, 0, 0, 0}).state, ServerList::State::malformed);
}
TEST_F(Strange, ServersListWithALengthBeyondItsEndIsMalformed) {
  EXPECT_EQ(list_after({11, 0, 0, 7, 0, 0, 4, 0, 0, 9, 0x30}).state, ServerList::State::malformed);
}

TEST_F(Strange, AnswerWithoutTlsIsTheServersFault) {
  const std::string answer = "HTTP/1.1 400 Bad Request\r\n";
  talk.observer.from_server(certs::as_bytes(answer));
  EXPECT_EQ(talk.seen().reason, Reason::upstream_failed);
}

TEST_F(Strange, SilenceIsOfWhoseTurnItWas) {
  talk.observer.timed_out();
  EXPECT_EQ(talk.seen().reason, Reason::upstream_failed);

  WithOpenssl other(mail, clients::kTls12);
  other.client_works();
  other.client_to_server();
  other.server_works();
  other.server_to_client();
  other.observer.timed_out();
  EXPECT_EQ(other.seen().reason, Reason::timeout);
}

TEST_F(Strange, ServerThatLeavesFailedAndNotTheClient) {
  talk.observer.server_ended();
  talk.observer.client_ended(false);  // in consequence
  EXPECT_EQ(talk.seen().reason, Reason::upstream_failed);
}

TEST_F(Strange, WarningOfTheServerEndsNothing) {
  talk.observer.from_server(record(21, {1, 112}));
  EXPECT_FALSE(talk.observer.settled());
  talk.observer.from_server(record(21, {2, 112}));
  EXPECT_EQ(talk.seen().reason, Reason::sni_unknown);
}

// Its second byte must not fall into the message that is under way.
TEST_F(Strange, AlertInTheMiddleOfAMessageIsHeard) {
  talk.observer.from_server(record(22, {2, 0, 1, 0, 3, 3}));
  talk.observer.from_server(record(21, {2, 80}));
  EXPECT_EQ(talk.seen().alert, (Alert{AlertDirection::sent, 80}));
}

TEST(ObserverOfNoise, KeepsItsKind) {
  const std::pair<std::string, NoiseKind> rows[] = {{"", NoiseKind::connect_close},
                                                    {"GET / HTTP/1.1\r\n", NoiseKind::http_request},
                                                    {"SSH-2.0-x\r\n", NoiseKind::not_tls}};
  for (const auto& [text, kind] : rows) {
    WireObserver observer{{}};
    observer.from_client(certs::as_bytes(text));
    observer.client_ended(false);
    EXPECT_EQ(std::get<NoiseKind>(explain(observer.trace(), capability())), kind) << text;
  }
}

}  // namespace
}  // namespace chainmend::tls

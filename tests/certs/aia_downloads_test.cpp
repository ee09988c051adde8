#include "certs/aia_downloads.h"

#include <gtest/gtest.h>

#include <barrier>
#include <latch>
#include <thread>

#include "tests/certs/aia_fixtures.h"

namespace chainmend::certs {
namespace {

using namespace std::chrono_literals;

class AiaDownloadsTest : public ::testing::Test {
 protected:
  static constexpr auto kUrl = "http://ca.example/a.crt";
  TableFetcher fetcher_;
  std::chrono::steady_clock::time_point now_;
  AiaDownloads downloads_{fetcher_, FetchLimits(), [this] { return now_; }};
  const Made a_ = make({"A"});

  std::size_t times_asked() const { return fetcher_.asked().size(); }
};

TEST_F(AiaDownloadsTest, ReturnsTheCertificatesOfTheAnswer) {
  fetcher_.answers.emplace(kUrl, der_of(a_));
  const AiaDownloads::Answer answer = downloads_.get(kUrl);
  ASSERT_TRUE(*answer);
  ASSERT_EQ((*answer)->size(), 1U);
  EXPECT_EQ((*answer)->front()->common_name(), "A");
}

TEST_F(AiaDownloadsTest, NamesTheUrlInErrorsOfTheBody) {
  fetcher_.answers.emplace(kUrl, Bytes{'x'});
  EXPECT_EQ(downloads_.get(kUrl)->error().describe(),
            "http://ca.example/a.crt: neither a certificate nor a PKCS#7 message");
}

TEST_F(AiaDownloadsTest, RemembersAGoodAnswerForFiveMinutes) {
  fetcher_.answers.emplace(kUrl, der_of(a_));
  downloads_.get(kUrl);
  now_ += 299s;
  downloads_.get(kUrl);
  EXPECT_EQ(times_asked(), 1U);
  now_ += 1s;
  downloads_.get(kUrl);
  EXPECT_EQ(times_asked(), 2U);
}

TEST_F(AiaDownloadsTest, RemembersABadAnswerTwiceAsLongEachTimeUpToAnHour) {
  std::size_t expected = 0;
  for (const std::chrono::seconds remembered : {300s, 600s, 1200s, 2400s, 3600s, 3600s}) {
    EXPECT_FALSE(*downloads_.get(kUrl));
    EXPECT_EQ(times_asked(), ++expected);
    now_ += remembered - 1s;
    EXPECT_FALSE(*downloads_.get(kUrl));
    EXPECT_EQ(times_asked(), expected) << "after " << remembered.count() << " s less one";
    now_ += 1s;
  }
}

TEST_F(AiaDownloadsTest, ForgetsEarlierFailuresAfterAGoodAnswer) {
  downloads_.get(kUrl);
  now_ += 300s;
  downloads_.get(kUrl);
  now_ += 600s;
  fetcher_.answers.emplace(kUrl, der_of(a_));
  EXPECT_TRUE(*downloads_.get(kUrl));
  fetcher_.answers.clear();
  now_ += 300s;
  EXPECT_FALSE(*downloads_.get(kUrl));
  now_ += 300s;
  downloads_.get(kUrl);
  EXPECT_EQ(times_asked(), 5U);
}

TEST_F(AiaDownloadsTest, AsksOnceForFiftyThreads) {
  constexpr int kThreads = 50;
  std::latch arrived(kThreads);
  fetcher_.answers.emplace(kUrl, der_of(a_));
  fetcher_.before_answer = [&arrived] { arrived.wait(); };
  std::vector<AiaDownloads::Answer> answers(kThreads);
  std::vector<std::jthread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      arrived.count_down();
      answers[static_cast<std::size_t>(i)] = downloads_.get(kUrl);
    });
  }
  threads.clear();
  EXPECT_EQ(times_asked(), 1U);
  for (const AiaDownloads::Answer& answer : answers) {
    EXPECT_EQ(answer, answers[0]);
  }
}

TEST_F(AiaDownloadsTest, DoesNotMakeOneUrlWaitForAnother) {
  std::barrier both(2);  // would wait for ever if the second fetch began after the first
  fetcher_.before_answer = [&both] { both.arrive_and_wait(); };
  std::jthread first([&] { downloads_.get("http://a.example/"); });
  std::jthread second([&] { downloads_.get("http://b.example/"); });
}

TEST_F(AiaDownloadsTest, ForgetsTheOldestOfTooManyAnswers) {
  const auto url = [](std::size_t i) { return "http://ca.example/" + std::to_string(i); };
  for (std::size_t i = 0; i <= AiaDownloads::kMaxRemembered; ++i) {
    now_ += 1ms;
    downloads_.get(url(i));
  }
  const std::size_t before = times_asked();
  downloads_.get(url(1));
  downloads_.get(url(AiaDownloads::kMaxRemembered));
  EXPECT_EQ(times_asked(), before);
  downloads_.get(url(0));
  EXPECT_EQ(times_asked(), before + 1);
}

TEST_F(AiaDownloadsTest, ForgetsTheOldestWhenAnswersTakeTooMuchMemory) {
  const Made large = make({.name = "Large", .padding = 50'000});
  const std::size_t fit = AiaDownloads::kMaxRememberedBytes / large.certificate->der().size();
  const auto url = [](std::size_t i) { return "http://ca.example/" + std::to_string(i); };
  for (std::size_t i = 0; i <= fit; ++i) {
    now_ += 1ms;
    fetcher_.answers.emplace(url(i), der_of(large));
    downloads_.get(url(i));
  }
  const std::size_t before = times_asked();
  downloads_.get(url(1));
  EXPECT_EQ(times_asked(), before);
  downloads_.get(url(0));
  EXPECT_EQ(times_asked(), before + 1);
}

}  // namespace
}  // namespace chainmend::certs

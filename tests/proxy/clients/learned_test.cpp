// What is learned of clients, what is believed of it, and for how long.
#include "proxy/clients/learned.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include "proxy/clients/learned_file.h"

namespace chainmend::clients {
namespace {

const ClientType kLync = ClientType::known("lync_phone_edition");
const ClientType kMitel = ClientType::known("mitel_ip400");
const ClientType kOutlook = ClientType::known("outlook_windows");

Address address(unsigned n) {
  return {0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0,
          0xff,
          0xff,
          10,
          static_cast<std::uint8_t>(n >> 16),
          static_cast<std::uint8_t>(n >> 8),
          static_cast<std::uint8_t>(n)};
}

Ja4 hello(char last) {
  Ja4 out;
  out.fill('0');
  out.back() = last;
  return out;
}

class Learned : public testing::Test {
 protected:
  std::string_view name_of(const Address& from, const Ja4& ja4) {
    const auto found = clients_.find(from, ja4);
    return found ? found->type.name() : "";
  }

  std::chrono::system_clock::time_point now_ =
      std::chrono::sys_days(std::chrono::year(2026) / 3 / 1);
  LearnedClients clients_{[this] { return now_; }};
};

TEST_F(Learned, KnowsAnAddressWithTheHelloItHad) {
  EXPECT_EQ(name_of(address(1), hello('a')), "");
  clients_.learn(address(1), hello('a'), kLync);
  const auto found = clients_.find(address(1), hello('a'));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->type, kLync);
  EXPECT_EQ(found->confidence, Confidence::high);
  EXPECT_EQ(found->rule, "learned_address");
  EXPECT_EQ(name_of(address(1), hello('b')), "");
  EXPECT_EQ(name_of(address(2), hello('a')), "");
}

TEST_F(Learned, BelievesAHelloThatThreeAddressesAgreeOn) {
  clients_.learn(address(1), hello('a'), kLync);
  clients_.learn(address(2), hello('a'), kLync);
  clients_.learn(address(2), hello('a'), kLync);
  EXPECT_EQ(name_of(address(9), hello('a')), "");
  clients_.learn(address(3), hello('a'), kLync);
  const auto found = clients_.find(address(9), hello('a'));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->type, kLync);
  EXPECT_EQ(found->rule, "learned_hello");
}

TEST_F(Learned, BelievesNoHelloThatOneAddressDisagreesOn) {
  for (unsigned n = 1; n < 10; ++n) {
    clients_.learn(address(n), hello('a'), kLync);
  }
  clients_.learn(address(20), hello('a'), kMitel);
  EXPECT_EQ(name_of(address(9), hello('a')), "lync_phone_edition");
  EXPECT_EQ(name_of(address(20), hello('a')), "mitel_ip400");
  EXPECT_EQ(name_of(address(30), hello('a')), "");
}

TEST_F(Learned, TrustsOnlyTheHelloOfAnAddressWithSeveralTypes) {
  clients_.learn(address(1), hello('a'), kLync);
  clients_.learn(address(1), hello('b'), kOutlook);
  EXPECT_EQ(name_of(address(1), hello('a')), "");
  for (unsigned n = 2; n < 4; ++n) {
    clients_.learn(address(n), hello('a'), kLync);
  }
  EXPECT_EQ(clients_.find(address(1), hello('a'))->rule, "learned_hello");
}

TEST_F(Learned, TrustsNoPairThatSaidTwoThings) {
  clients_.learn(address(1), hello('a'), kLync);
  clients_.learn(address(1), hello('a'), kMitel);
  EXPECT_EQ(name_of(address(1), hello('a')), "");
  EXPECT_EQ(clients_.size(), 1U);
}

TEST_F(Learned, ForgetsAfterThirtyDaysWithoutProof) {
  clients_.learn(address(1), hello('a'), kLync);
  clients_.learn(address(2), hello('a'), kMitel);
  now_ += std::chrono::days(29);
  clients_.learn(address(1), hello('a'), kLync);
  now_ += std::chrono::days(29);
  EXPECT_EQ(name_of(address(1), hello('a')), "lync_phone_edition");
  EXPECT_EQ(name_of(address(2), hello('a')), "");
  EXPECT_EQ(clients_.size(), 1U);
  now_ += std::chrono::days(2);
  EXPECT_EQ(name_of(address(1), hello('a')), "");
  EXPECT_EQ(clients_.size(), 0U);
}

TEST_F(Learned, ForgetsTheDisagreementWithWhoeverDisagreed) {
  clients_.learn(address(9), hello('a'), kMitel);
  now_ += std::chrono::days(20);
  for (unsigned n = 1; n < 4; ++n) {
    clients_.learn(address(n), hello('a'), kLync);
  }
  EXPECT_EQ(name_of(address(50), hello('a')), "");
  now_ += std::chrono::days(11);
  EXPECT_EQ(name_of(address(50), hello('a')), "lync_phone_edition");
}

TEST_F(Learned, KeepsTheMostRecentlyProvedWhenItIsFull) {
  for (unsigned n = 0; n < 10'000; ++n) {
    clients_.learn(address(n), hello('a'), kLync);
    now_ += std::chrono::seconds(1);
  }
  clients_.learn(address(0), hello('a'), kLync);
  clients_.learn(address(20'000), hello('b'), kMitel);
  clients_.learn(address(20'001), hello('b'), kMitel);
  EXPECT_EQ(clients_.size(), 10'000U);
  EXPECT_EQ(clients_.find(address(0), hello('a'))->rule, "learned_address");
  EXPECT_EQ(clients_.find(address(1), hello('a'))->rule, "learned_hello");
  EXPECT_EQ(clients_.find(address(3), hello('a'))->rule, "learned_address");
  EXPECT_EQ(name_of(address(20'001), hello('b')), "mitel_ip400");
}

TEST_F(Learned, LetsNoAddressFillIt) {
  for (char c = 'a'; c <= 'z'; ++c) {
    clients_.learn(address(1), hello(c), kLync);
  }
  EXPECT_EQ(clients_.size(), 16U);
}

TEST_F(Learned, SaysWhenTheCopyOnDiskIsOld) {
  const auto at_first = clients_.changes();
  clients_.learn(address(1), hello('a'), kLync);
  const auto after = clients_.changes();
  EXPECT_GT(after, at_first);
  clients_.learn(address(1), hello('a'), kLync);
  EXPECT_EQ(clients_.changes(), after);
  now_ += std::chrono::hours(2);
  clients_.learn(address(1), hello('a'), kLync);
  EXPECT_GT(clients_.changes(), after);
}

TEST_F(Learned, MayBeUsedByManyThreads) {
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([this, t] {
      for (unsigned n = 0; n < 500; ++n) {
        clients_.learn(address(n % 50), hello(static_cast<char>('a' + t)), kLync);
        clients_.find(address(n % 60), hello('a'));
        clients_.entries();
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(clients_.size(), 200U);
}

class LearnedOnDisk : public Learned {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "chainmend-learned-XXXXXX");
    folder_ = ::mkdtemp(name.data());
    file_ = folder_ / "below" / "clients";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string text() const {
    std::ifstream in(file_, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(const std::string& text) const {
    std::filesystem::create_directories(file_.parent_path());
    std::ofstream(file_, std::ios::binary) << text;
  }
  static std::string name_in(LearnedClients& clients, unsigned n, char c) {
    const auto found = clients.find(address(n), hello(c));
    return found ? std::string(found->type.name()) : "";
  }

  std::filesystem::path folder_;
  std::filesystem::path file_;
};

TEST_F(LearnedOnDisk, ComesBackAsItWas) {
  clients_.learn(address(1), hello('a'), kLync);
  now_ += std::chrono::hours(5);
  clients_.learn(address(2), hello('b'), kMitel);
  clients_.learn(address(3), hello('c'), kMitel);
  clients_.learn(address(3), hello('c'), kOutlook);
  ASSERT_EQ(write_learned(file_, clients_.entries()), "");
  EXPECT_EQ(std::filesystem::status(file_).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);

  LearnedClients again([this] { return now_; });
  const LearnedFile read = read_learned(file_);
  EXPECT_EQ(read.problem, "");
  again.restore(read.entries);
  EXPECT_EQ(again.size(), 3U);
  EXPECT_EQ(name_in(again, 1, 'a'), "lync_phone_edition");
  EXPECT_EQ(name_in(again, 2, 'b'), "mitel_ip400");
  EXPECT_EQ(name_in(again, 3, 'c'), "");  // two types
  now_ += std::chrono::days(30) - std::chrono::hours(1);
  EXPECT_EQ(name_in(again, 1, 'a'), "");
  EXPECT_EQ(name_in(again, 2, 'b'), "mitel_ip400");
}

TEST_F(LearnedOnDisk, LosesOnlyTheLinesThatAreDamaged) {
  clients_.learn(address(1), hello('a'), kLync);
  clients_.learn(address(2), hello('b'), kMitel);
  ASSERT_EQ(write_learned(file_, clients_.entries()), "");
  const std::string good = text();
  for (const std::string& line :
       {std::string("x"), std::string(" \n"), std::string("::1 short mitel_ip400 1"),
        "::1 " + std::string(36, 'a') + " nobody 1", "::1 " + std::string(36, 'a') + " other 1",
        "::1 " + std::string(36, 'A') + " mitel_ip400 1",
        "::1 " + std::string(36, 'a') + " mitel_ip400 -1",
        "::1 " + std::string(36, 'a') + " mitel_ip400 1x",
        "::1 " + std::string(36, 'a') + " mitel_ip400 99999999999999999999",
        "10.0.0.1 " + std::string(36, 'a') + " mitel_ip400 1", std::string("\0\xff", 2)}) {
    write(good + line);
    const LearnedFile read = read_learned(file_);
    EXPECT_EQ(read.entries.size(), 2U) << line;
    EXPECT_NE(read.problem.find("damaged"), std::string::npos) << line;
  }
  write(good.substr(0, good.size() - 20));  // cut within the last line
  EXPECT_EQ(read_learned(file_).entries.size(), 1U);
}

TEST_F(LearnedOnDisk, IsEmptyWithoutAFileAndWithoutUseWhenItIsSomethingElse) {
  EXPECT_EQ(read_learned(file_).problem, "");
  write("certificate\n");
  EXPECT_NE(read_learned(file_).problem, "");
  write("chainmend clients 1\n" + std::string(5'000'000, '\n'));
  EXPECT_NE(read_learned(file_).problem, "");
  EXPECT_NE(read_learned(folder_).problem, "");
  std::filesystem::create_symlink(file_, folder_ / "link");
  EXPECT_NE(read_learned(folder_ / "link").problem, "");
}

TEST_F(LearnedOnDisk, StaysAsItWasWhenWritingFails) {
  ASSERT_EQ(write_learned(file_, {}), "");
  clients_.learn(address(1), hello('a'), kLync);
  EXPECT_NE(write_learned(file_ / "no-folder", clients_.entries()), "");
  std::filesystem::create_directory(file_.string() + ".new");
  EXPECT_NE(write_learned(file_, clients_.entries()), "");
  EXPECT_EQ(text(), "chainmend clients 1\n");
}

TEST_F(LearnedOnDisk, DoesNotBelieveInTheFuture) {
  LearnedClients again([this] { return now_; });
  again.restore({{address(1), hello('a'), kLync,
                  std::chrono::floor<std::chrono::seconds>(now_) + std::chrono::days(900)}});
  EXPECT_EQ(name_in(again, 1, 'a'), "lync_phone_edition");
  now_ += std::chrono::days(31);
  EXPECT_EQ(name_in(again, 1, 'a'), "");
}

}  // namespace
}  // namespace chainmend::clients

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/certs/containers.h"
#include "tests/certs/temp_folder.h"
#include "tests/proxy/cli/run_program.h"

namespace chainmend::cli {
namespace {

using certs::testing::Identity;
using certs::testing::issue;
using certs::testing::make_ca;
using certs::testing::make_leaf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Outcome;
using testing::run_chainmend;

class ChainCommand : public ::testing::Test {
 protected:
  // `chainmend chain` with the leaf, the roots and what else is given.
  Outcome chain(std::vector<std::string> more) const {
    std::vector<std::string> arguments{"chain",    "--leaf", leaf_file_,  "--roots",
                                       root_file_, "--at",   "2026-01-01"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_chainmend(arguments);
  }
  std::string content(const std::string& name) const {
    std::ifstream in(folder_.path(name));
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
  }

  certs::testing::TempFolder folder_;
  Identity root_ = certs::testing::make_root("CN=Root");
  Identity ca_ = make_ca("CN=CA", root_);
  Identity leaf_ = issue({.subject = "CN=mail.example",
                          .issuer = &ca_,
                          .basic_constraints = "",
                          .aia_urls = {"http://ca.example/ca.crt"}});
  std::string chain_pem_ = leaf_.certificate->pem() + ca_.certificate->pem();
  std::string leaf_file_ = folder_.write("leaf.pem", leaf_.certificate->pem());
  std::string root_file_ = folder_.write("root.pem", root_.certificate->pem());
  std::string ca_file_ = folder_.write("ca.pem", ca_.certificate->pem());
};

TEST_F(ChainCommand, PrintsTheChainAsPem) {
  const Outcome outcome = chain({"--bundle", ca_file_, "--pem"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, chain_pem_);
  EXPECT_EQ(outcome.err, "");
}

TEST_F(ChainCommand, PrintsTheChainAsJson) {
  const Outcome outcome = chain({"--bundle", ca_file_, "--json"});
  EXPECT_EQ(outcome.status, 0);
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["complete"], true);
  EXPECT_EQ(json["anchor"]["subject"], "CN=Root");
  EXPECT_EQ(json["chain"][1]["pem"], ca_.certificate->pem());
}

TEST_F(ChainCommand, PrintsPlainLinesWithoutATerminal) {
  const Outcome outcome = chain({"--bundle", ca_file_});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out,
              HasSubstr("1\tCN=CA\t" + certs::hex_colons(*ca_.certificate->subject_key_id()) +
                        "\t2030-01-01T00:00:00Z\tbundle\n"));
  EXPECT_THAT(outcome.out, HasSubstr("complete: ends at the root 'CN=Root'"));
  EXPECT_THAT(outcome.out, Not(HasSubstr("\033")));
}

TEST_F(ChainCommand, WritesPemToAFile) {
  const Outcome outcome = chain({"--bundle", ca_file_, "--out", folder_.path("full.pem")});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(content("full.pem"), chain_pem_);
  EXPECT_THAT(outcome.out, HasSubstr("complete"));
}

TEST_F(ChainCommand, WritesJsonToAFile) {
  const Outcome outcome =
      chain({"--bundle", ca_file_, "--json", "--out", folder_.path("chain.json")});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_EQ(outcome.out, "");
  EXPECT_EQ(nlohmann::json::parse(content("chain.json"))["complete"], true);
}

TEST_F(ChainCommand, SaysWhichIssuerIsMissing) {
  const Outcome outcome = chain({"--pem", "--out", folder_.path("full.pem")});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(outcome.err,
              HasSubstr("no path: no-issuer: the issuer 'CN=CA' of 'CN=mail.example' is missing"));
  EXPECT_THAT(outcome.err, HasSubstr(certs::hex_colons(*ca_.certificate->subject_key_id())));
  EXPECT_THAT(outcome.err, HasSubstr("http://ca.example/ca.crt"));
  EXPECT_FALSE(std::filesystem::exists(folder_.path("full.pem")));
}

TEST_F(ChainCommand, PrintsJsonAlsoWithoutAPath) {
  const Outcome outcome = chain({"--json"});
  EXPECT_EQ(outcome.status, 1);
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["complete"], false);
  EXPECT_EQ(json["failure"]["reason"], "no-issuer");
}

TEST_F(ChainCommand, JudgesAtTheGivenMoment) {
  EXPECT_EQ(chain({"--bundle", ca_file_, "--pem"}).status, 0);
  const Outcome later = run_chainmend({"chain", "--leaf", leaf_file_, "--roots", root_file_,
                                       "--bundle", ca_file_, "--at", "2035-01-01"});
  EXPECT_EQ(later.status, 1);
  EXPECT_THAT(later.err, HasSubstr("expired"));
}

TEST_F(ChainCommand, AcceptsExpiredRootsOnRequest) {
  const Identity old = issue({.subject = "CN=Old", .not_after = *certs::parse_time("2025-01-01")});
  const std::string leaf =
      folder_.write("old-leaf.pem", make_leaf("old.example", old).certificate->pem());
  const std::string root = folder_.write("old-root.pem", old.certificate->pem());
  const std::vector<std::string> arguments{"chain", "--leaf", leaf,        "--roots",
                                           root,    "--at",   "2026-01-01"};
  const Outcome strict = run_chainmend(arguments);
  EXPECT_EQ(strict.status, 1);
  EXPECT_THAT(strict.err, HasSubstr("no path: expired: 'CN=Old'"));
  std::vector<std::string> lenient = arguments;
  lenient.emplace_back("--expired-roots");
  const Outcome outcome = run_chainmend(lenient);
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, HasSubstr("warning: the root 'CN=Old' expired at"));
}

TEST_F(ChainCommand, ReadsALeafFromPkcs12) {
  const std::string pfx =
      folder_.write("leaf.pfx", certs::testing::make_pkcs12({leaf_, ca_}, "secret"));
  const std::string password = folder_.write("pass", std::string_view("secret\n"));
  const std::vector<std::string> arguments{"chain",    "--leaf", pfx,          "--roots",
                                           root_file_, "--at",   "2026-01-01", "--pem"};
  const Outcome without = run_chainmend(arguments);
  EXPECT_EQ(without.status, 2);
  EXPECT_THAT(without.err, HasSubstr("no password was given"));
  std::vector<std::string> with = arguments;
  with.insert(with.end(), {"--password-file", password});
  const Outcome outcome = run_chainmend(with);
  EXPECT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(outcome.out, chain_pem_);
}

TEST_F(ChainCommand, TakesSeveralBundlesFoldersAndPatterns) {
  const std::string other =
      folder_.write("more/other.pem", certs::testing::make_root("CN=Other").certificate->pem());
  EXPECT_EQ(chain({"--bundle", other, "--bundle", ca_file_}).status, 0);
  EXPECT_EQ(chain({"--bundle", folder_.path()}).status, 0);
  EXPECT_EQ(chain({"--bundle", folder_.path("c?.pem")}).status, 0);
  EXPECT_EQ(chain({"--bundle", folder_.path("more")}).status, 1);
}

TEST_F(ChainCommand, NotesWhatItCouldNotUse) {
  const std::string empty = folder_.write("empty.pem", "");
  const Outcome nothing = chain({"--bundle", empty});
  EXPECT_EQ(nothing.status, 1);
  EXPECT_THAT(nothing.err, HasSubstr("note: " + empty + ": the file is empty"));
  const std::string garbage =
      folder_.write("garbage.pem", "-----BEGIN CERTIFICATE-----\n*\n-----END CERTIFICATE-----\n" +
                                       ca_.certificate->pem());
  const Outcome rest = chain({"--bundle", garbage});
  EXPECT_EQ(rest.status, 0);
  EXPECT_THAT(rest.err, HasSubstr("note: " + garbage + ":2: PEM block 'CERTIFICATE'"));
}

TEST_F(ChainCommand, RefusesBadInput) {
  const std::string words = folder_.write("words.txt", "words\n");
  const std::vector<std::vector<std::string>> cases{
      {"chain"},
      {"chain", "--leaf", folder_.path("missing.pem")},
      {"chain", "--leaf", words, "--roots", root_file_},
      {"chain", "--leaf", leaf_file_, "--roots", folder_.path("missing.pem")},
      {"chain", "--leaf", leaf_file_, "--roots", words},
      {"chain", "--leaf", leaf_file_, "--roots", root_file_, "--bundle",
       folder_.path("missing.pem")},
      {"chain", "--leaf", leaf_file_, "--roots", root_file_, "--at", "tomorrow"},
      {"chain", "--leaf", leaf_file_, "--roots", root_file_, "--json", "--pem"},
      {"chain", "--leaf", leaf_file_, "--roots", root_file_, "--password-file",
       folder_.path("missing")},
      {"chain", "--leaf", leaf_file_, "--roots", root_file_, "--bundle", ca_file_, "--at",
       "2026-01-01", "--out", folder_.path("no/such/folder")},
      {"chain", "--leaf", leaf_file_, "--nonsense"},
      {"nonsense"},
      {},
  };
  for (const auto& arguments : cases) {
    const Outcome outcome = run_chainmend(arguments);
    EXPECT_EQ(outcome.status, 2) << ::testing::PrintToString(arguments);
    EXPECT_NE(outcome.err, "") << ::testing::PrintToString(arguments);
  }
}

TEST_F(ChainCommand, HelpShowsAnExample) {
  const Outcome outcome = run_chainmend({"chain", "--help"});
  EXPECT_EQ(outcome.status, 0);
  EXPECT_THAT(outcome.out, HasSubstr("Example:\n  chainmend chain --leaf"));
}

}  // namespace
}  // namespace chainmend::cli

// Objects of a BIG-IP by name, what they inherit, and where their parts are written down.
#include "proxy/diagnose/f5/configuration.h"

#include <gtest/gtest.h>

#include "proxy/diagnose/f5/address.h"
#include "proxy/diagnose/f5/archive.h"
#include "proxy/diagnose/f5/certificate_list.h"

namespace chainmend::diagnose::f5 {
namespace {

Sources sources(const std::string& text, const std::string& more = "") {
  Sources out;
  out.files.push_back({"bigip.conf", text});
  if (!more.empty()) {
    out.files.push_back({"profile_base.conf", more});
  }
  return out;
}

std::string options_of(const Configuration& config, std::string_view profile) {
  return config.property(*config.find("ltm profile client-ssl", profile), "options").value;
}

TEST(Configuration, FindsObjectsWithAndWithoutTheirPartition) {
  const Configuration config(
      sources("ltm pool p { }\nltm pool /Foo/p { }\nltm virtual /Foo/v { }\n"));
  const Object* const virtual_server = config.find("ltm virtual", "/Foo/v");
  ASSERT_NE(virtual_server, nullptr);
  EXPECT_EQ(config.find("ltm pool", "p")->name, "/Common/p");
  EXPECT_EQ(config.find("ltm pool", "p", virtual_server)->name, "/Foo/p");
  EXPECT_EQ(config.find("ltm pool", "q"), nullptr);
  EXPECT_EQ(config.find("ltm poo", "p"), nullptr);
}

TEST(Configuration, TakesTheLaterOneOfTwoAndSaysSo) {
  const Configuration config(
      sources("ltm node n {\n address 10.0.0.1\n}\nltm node n {\n address 10.0.0.2\n}\n"));
  EXPECT_EQ(config.find("ltm node", "n")->value("address"), "10.0.0.2");
  EXPECT_EQ(config.all("ltm node").size(), 1U);
  ASSERT_EQ(config.problems().size(), 1U);
  EXPECT_EQ(config.problems()[0].line, 4U);
}

TEST(Configuration, InheritsDownToTheDefaultsOfTheVersion) {
  const std::string child =
      "ltm profile client-ssl mother {\n defaults-from clientssl\n ciphers HIGH\n}\n"
      "ltm profile client-ssl child {\n defaults-from mother\n}\n";
  const Configuration old(sources("#TMSH-VERSION: 13.1.1\n" + child));
  EXPECT_EQ(options_of(old, "child"), "dont-insert-empty-fragments");
  EXPECT_EQ(old.property(*old.find("ltm profile client-ssl", "child"), "ciphers").value, "HIGH");
  const Configuration later(sources("#TMSH-VERSION: 15.1.8\n" + child));
  EXPECT_EQ(options_of(later, "child"), "dont-insert-empty-fragments no-tlsv1.3");
  const Configuration base(
      sources("#TMSH-VERSION: 15.1.8\n" + child,
              "ltm profile client-ssl clientssl {\n options { no-tlsv1 }\n}\n"));
  EXPECT_EQ(base.property(*base.find("ltm profile client-ssl", "child"), "options").list,
            std::vector<std::string>{"no-tlsv1"});
}

TEST(Configuration, SurvivesProfilesThatInheritFromEachOther) {
  const Configuration config(sources(
      "ltm profile tcp a {\n defaults-from b\n}\nltm profile tcp b {\n defaults-from a\n}\n"));
  EXPECT_EQ(config.line_of(*config.find("ltm profile tcp", "a")).size(), 2U);
  EXPECT_EQ(config.property(*config.find("ltm profile tcp", "a"), "idle-timeout").value, "300");
}

TEST(CertificateList, CountsTheListBeforeTheCertBesideIt) {
  const Configuration config(
      sources("ltm profile client-ssl a {\n cert old.crt\n cert-key-chain {\n  x {\n   cert "
              "new.crt\n   key new.key\n  }\n }\n chain none\n}\n"
              "ltm profile client-ssl b {\n defaults-from a\n cert mine.crt\n inherit-certkeychain "
              "true\n}\n"
              "ltm profile client-ssl c {\n defaults-from clientssl\n}\n"));
  const auto cert = [&config](std::string_view name) {
    return certificates_of(config, *config.find("ltm profile client-ssl", name)).front().cert;
  };
  EXPECT_EQ(cert("a"), "new.crt");
  EXPECT_EQ(cert("b"), "new.crt");
  EXPECT_EQ(cert("c"), "/Common/default.crt");
}

struct Written {
  const char* text;
  const char* address;
  int port;
  int route_domain;
};

TEST(Address, IsReadInEveryFormThatTmshWrites) {
  for (const Written& one :
       {Written{"/Common/10.0.0.1:443", "10.0.0.1", 443, 0},
        Written{"10.0.0.1%47:https", "10.0.0.1", 443, 47},
        Written{"/Common/2001:db8::9.443", "2001:db8::9", 443, 0},
        Written{"/Common/2001:db8::9%2.webcache", "2001:db8::9", 8080, 2},
        Written{"/Common/any:0", "", 0, 0}, Written{"*:80", "", 80, 0},
        Written{"0.0.0.0:any", "", 0, 0}, Written{"/Common/any6.443", "", 443, 0},
        Written{"/Foo/vip_ews:443", "/Foo/vip_ews", 443, 0}}) {
    const auto read = read_destination(one.text);
    ASSERT_TRUE(read) << one.text;
    EXPECT_EQ(read->address, one.address) << one.text;
    EXPECT_EQ(read->port, one.port) << one.text;
    EXPECT_EQ(read->route_domain, one.route_domain) << one.text;
  }
  for (const char* text : {"", "10.0.0.1", "10.0.0.1:", "10.0.0.1:nothing", "10.0.0.1:70000"}) {
    EXPECT_FALSE(read_destination(text)) << text;
  }
}

certs::Bytes tar_of(const std::string& path, const std::string& content, std::size_t said) {
  certs::Bytes out(1024);
  const auto put = [&out](std::size_t at, const std::string& text) {
    std::copy(text.begin(), text.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, path);
  std::string octal;
  for (std::size_t rest = said; octal.size() < 11; rest /= 8) {
    octal.insert(octal.begin(), static_cast<char>('0' + rest % 8));
  }
  put(124, octal);
  put(156, "0");
  put(257, "ustar");
  put(512, content);
  return out;
}

TEST(Archive, GivesFilesAndLeavesOutWhatMacOsAdds) {
  std::string seen;
  const auto visit = [&seen](const std::string& path, certs::ByteView content) {
    seen += path + "=" + std::string(certs::as_text(content)) + ";";
  };
  certs::Bytes two = tar_of("./config/bigip.conf", "ltm", 3);
  const certs::Bytes other = tar_of("config/._bigip.conf", "x", 1);
  two.insert(two.end(), other.begin(), other.end());
  EXPECT_TRUE(looks_like_tar(two));
  EXPECT_TRUE(visit_tar(two, visit));
  EXPECT_EQ(seen, "config/bigip.conf=ltm;");
  EXPECT_FALSE(visit_tar(tar_of("config/bigip.conf", "ltm", 4000), visit));
  EXPECT_FALSE(visit_tar({}, visit));
}

}  // namespace
}  // namespace chainmend::diagnose::f5

// What whole logs come to: from their text to causes, groups and bad lines.
#include "proxy/diagnose/read/log_reading.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "proxy/diagnose/read/lines.h"
#include "proxy/diagnose/read/log_causes.h"

namespace chainmend::diagnose {
namespace {

using certs::Time;

Time at(const char* iso) { return *certs::parse_time(iso); }

// Reads text as one file; what was counted, and the report of the file.
struct Read {
  explicit Read(std::string_view text, TallyFilter filter = {},
                std::optional<LogKind> kind = std::nullopt)
      : tally(std::move(filter)) {
    const LogKind as = kind ? *kind : kind_of(text);
    const auto reader = make_reader(as, tally, at("2026-11-27T03:00:00Z"));
    Lines lines(as == LogKind::events_xml ? '>' : '\n');
    const auto visit = [&](std::string_view line, std::uint64_t number) {
      reader->line(line, number);
    };
    lines.feed(text, visit);
    lines.finish(visit);
    reader->finish();
    bad = reader->bad();
    causes = causes_of(tally);
  }

  Tally tally;
  std::vector<LogCause> causes;
  BadLines bad;
};

std::string file_text(const char* name) {
  std::ifstream in(std::string(CHAINMEND_SOURCE_DIR "/tests/proxy/diagnose/logs/") + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

constexpr const char* kHead =
    "#Software: Microsoft Internet Information Services 8.5\r\n#Version: 1.0\r\n"
    "#Date: 2016-12-21 00:00:00\r\n"
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip "
    "cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n";

TEST(LogReading, TheArticleOnMitelPhonesComesOutRight) {
  const Read read(file_text("mitel_phones_article.txt"));
  ASSERT_GE(read.causes.size(), 2U);
  const LogCause& untrusted = read.causes[0];
  EXPECT_EQ(untrusted.problem, Problem::client_certificate_untrusted);
  EXPECT_EQ(untrusted.clients, 1U);
  ASSERT_GE(untrusted.groups.size(), 1U);
  const FailureGroup& phone = *untrusted.groups[0];
  EXPECT_EQ(phone.client, "10.169.24.139");
  EXPECT_EQ(phone.client_type, "mitel_ip400");
  EXPECT_EQ(phone.path, "POST /shoreauth/certauth");
  EXPECT_EQ(phone.count, 6U);
  EXPECT_EQ(phone.said->written, "403.16");
  EXPECT_EQ(phone.why->name, "CERT_E_UNTRUSTEDROOT");
  EXPECT_EQ(phone.first, at("2016-12-21T15:01:37Z"));
  // The sentence that names the code belongs to the same story.
  EXPECT_EQ(untrusted.unnamed, 1U);
  const auto dns = std::ranges::find(read.causes, Problem::name_not_resolved, &LogCause::problem);
  ASSERT_NE(dns, read.causes.end());
  const FailureGroup& found = *dns->groups[0];
  EXPECT_EQ(found.client, "P105709FW16424D2D8B");
  EXPECT_EQ(found.path, "https://example.fqdn.com/shoreauth/certauth");
  EXPECT_EQ(found.first, at("2018-12-03T17:40:16Z"));
  EXPECT_EQ(read.bad.count, 0U);
}

TEST(LogReading, TheArticleOnLyncPhonesComesOutRight) {
  const Read read(file_text("lync_phone_article.txt"));
  ASSERT_EQ(read.causes.size(), 1U);
  EXPECT_EQ(read.causes[0].problem, Problem::chain_untrusted);
  EXPECT_EQ(read.causes[0].said[0].said->name, "ERROR_INTERNET_INVALID_CA");
  EXPECT_EQ(read.causes[0].groups[0]->path,
            "NAutoDiscover::DnsAutodiscoverTask::TryAutodiscoverUrls");
}

TEST(LogReading, APhoneThatNeverSendsCredentialsIsForbidden) {
  const std::string lines =
      "2013-11-02 10:00:00 10.0.0.5 POST /EWS/Exchange.asmx - 443 - 10.1.1.9 "
      "OCPhone/4.0.7577.4387+(Microsoft+Lync+2010+Phone+Edition) - 403 0 0 15\r\n"
      "2013-11-02 10:00:01 10.0.0.5 POST /EWS/Exchange.asmx - 443 CONTOSO\\a 10.1.1.8 "
      "Outlook - 403 0 0 15\r\n";
  const Read read(kHead + lines);
  ASSERT_EQ(read.causes.size(), 1U);
  EXPECT_EQ(read.causes[0].problem, Problem::not_authenticated);
  ASSERT_EQ(read.causes[0].groups.size(), 1U);  // the other one had logged on
  EXPECT_EQ(read.causes[0].groups[0]->client_type, "lync_phone_edition");
  EXPECT_EQ(read.tally.others(), (std::map<std::uint32_t, std::uint64_t>{{403, 1}}));
}

TEST(LogReading, W3cColumnsMayStandAnywhereAndChange) {
  const Read read(
      "#Fields: sc-status sc-substatus sc-win32-status c-ip cs-uri-stem time\n"
      "#Date: 2016-12-21 00:00:00\n"
      "403 16 2148204809 10.0.0.1 /a 10:00:00\n"
      "200 0 0 10.0.0.2 /a 10:00:01\n"
      "#Fields: date time c-ip cs-method cs-uri-stem sc-status sc-substatus sc-win32-status\n"
      "2016-12-22 11:00:00 10.0.0.1 GET /b 403 7 64\n");
  ASSERT_EQ(read.causes.size(), 2U);
  const auto& groups = read.tally.groups();
  ASSERT_EQ(groups.size(), 2U);
  EXPECT_EQ(groups[0].path, "/a");
  EXPECT_EQ(groups[0].first, at("2016-12-21T10:00:00Z"));
  EXPECT_EQ(groups[1].path, "GET /b");
  EXPECT_EQ(groups[1].problem, Problem::client_certificate_missing);
  EXPECT_EQ(groups[1].first, at("2016-12-22T11:00:00Z"));
}

TEST(LogReading, BehindAProxyTheForwardedAddressIsTheClient) {
  const Read read(
      "#Fields: date time c-ip cs-uri-stem sc-status sc-substatus sc-win32-status X-Forwarded-For\n"
      "2016-12-21 10:00:00 10.0.0.1 /a 403 16 2148204809 10.9.9.9,+10.0.0.2\n"
      "2016-12-21 10:00:00 10.0.0.1 /a 403 16 2148204809 -\n");
  ASSERT_EQ(read.tally.groups().size(), 2U);
  EXPECT_EQ(read.tally.groups()[0].client, "10.9.9.9");
  EXPECT_EQ(read.tally.groups()[1].client, "10.0.0.1");
}

TEST(LogReading, FusedStatusesAndWrappedLinesAreMended) {
  const std::string entry =
      "2016-12-21 15:01:37 10.169.24.10 POST /shoreauth/certauth - 443 - 10.169.24.139 M/5.0 - ";
  for (const std::string& head : {std::string(kHead), std::string()}) {
    for (const char* end : {"403 16 2148204809 730\n", "40316 2148204809 730\n",
                            "403 16\n2148204809 730\n", "\n403 16 2148204809 730\n"}) {
      const Read read(head + entry + end + entry + end);
      ASSERT_EQ(read.tally.groups().size(), 1U) << end;
      EXPECT_EQ(read.tally.groups()[0].count, 2U) << end;
      EXPECT_EQ(read.tally.groups()[0].client, "10.169.24.139") << end;
      EXPECT_EQ(read.bad.count, 0U) << end;
    }
  }
}

TEST(LogReading, WithoutFieldsOtherColumnsThanTheUsualAreNotGuessed) {
  const Read read(
      "2016-12-21 15:01:37 W3SVC1 10.0.0.1 POST /a - 443 - 10.0.0.9 M/5.0 - 403 16 2148204809 1\n"
      "2016-12-21 15:01:37 10.0.0.1 POST /a - 443 - - 10.0.0.9 M/5.0 - 403 16 2148204809 1\n");
  EXPECT_EQ(read.tally.count(), 0U);
  EXPECT_EQ(read.bad.count, 2U);
}

TEST(LogReading, WhoGetsThroughLaterIsNotStopped) {
  const std::string lines =
      "2016-12-21 10:00:00 1.1.1.1 POST /EWS/x - 443 - 10.0.0.1 a - 401 2 5 1\n"
      "2016-12-21 10:00:00 1.1.1.1 POST /EWS/x - 443 - 10.0.0.1 a - 401 1 2148074254 1\n"
      "2016-12-21 10:00:01 1.1.1.1 POST /ews/X - 443 u 10.0.0.1 a - 200 0 0 1\n"
      "2016-12-21 10:00:02 1.1.1.1 POST /EWS/x - 443 - 10.0.0.2 a - 401 1 2148074254 1\n"
      "2016-12-21 10:00:03 1.1.1.1 POST /other - 443 u 10.0.0.2 a - 200 0 0 1\n";
  const Read read(kHead + lines);
  ASSERT_EQ(read.causes.size(), 1U);
  EXPECT_EQ(read.causes[0].problem, Problem::logon_failed);
  EXPECT_EQ(read.causes[0].clients, 2U);
  EXPECT_EQ(read.causes[0].stopped, 1U);
}

TEST(LogReading, HttpSysNamesItsReasons) {
  const Read read(
      "#Software: Microsoft HTTP API 2.0\n"
      "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid "
      "s-reason s-queuename\n"
      "2016-12-21 10:00:00 10.0.0.1 50000 1.1.1.1 443 HTTP/1.1 POST /EWS/x 503 1 QueueFull Pool\n"
      "2016-12-21 10:00:01 10.0.0.1 50001 1.1.1.1 443 - - - - - Timer_ConnectionIdle -\n"
      "2016-12-21 10:00:02 10.0.0.1 50002 1.1.1.1 443 - - - - - Timer_HeaderWait\n");
  ASSERT_EQ(read.tally.groups().size(), 2U);  // idle connections are no failures
  EXPECT_EQ(read.tally.groups()[0].problem, Problem::server_unavailable);
  EXPECT_EQ(read.tally.groups()[1].problem, Problem::timed_out);
  EXPECT_EQ(read.bad.count, 0U);
}

TEST(LogReading, LinesOfServersNameClientTimeAndCause) {
  struct Case {
    const char* line;
    Problem problem;
    const char* client;
    const char* time;
  };
  const Case cases[] = {
      {"2026/11/27 02:29:23 [info] 12#12: *1 SSL_do_handshake() failed (SSL: error:0A000418:SSL "
       "routines::tlsv1 alert unknown ca:SSL alert number 48) while SSL handshaking, client: "
       "10.0.0.7, server: 0.0.0.0:443",
       Problem::chain_untrusted, "10.0.0.7", "2026-11-27T02:29:23Z"},
      {"2026/11/27 02:29:23 [info] 12#12: *7 client SSL certificate verify error: (18:self-signed "
       "certificate) while reading client request headers, client: ::1, server: x",
       Problem::client_certificate_untrusted, "::1", "2026-11-27T02:29:23Z"},
      {"Nov 27 02:29:23 lb haproxy[9]: 10.0.0.7:51234 [27/Nov/2026:02:29:23.123] in/1: SSL "
       "handshake failure (error:0A000418:SSL routines::tlsv1 alert unknown ca)",
       Problem::chain_untrusted, "10.0.0.7", "2026-11-27T02:29:23Z"},
      {"Jan 17 03:37:54 SV5-F5 warning tmm[23068]: 01260013:4: SSL Handshake failed for TCP "
       "10.160.23.133:50365 -> 10.156.1.150:443",
       Problem::handshake_refused, "10.160.23.133", "2026-01-17T03:37:54Z"},
      {"Dec  1 08:12:14 f5 warning tmm[9244]: 01260009:4: Connection error: "
       "ssl_select_suite:8181: no shared ciphers (40)",
       Problem::no_common_cipher, "", "2025-12-01T08:12:14Z"},  // December is not to come
      {"[2026-11-27 02:29:23.000][12][debug][connection] [C1] remote address:10.0.0.7:1,TLS_error:"
       "|268435581:SSL routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end",
       Problem::certificate_refused, "10.0.0.7", "2026-11-27T02:29:23Z"},
      {"03/05/2012|10:11:12.345 1A2C:0B18 ERROR :: SECURE_SOCKET: negotiation failed: 80090325",
       Problem::chain_untrusted, "", "2012-03-05T10:11:12Z"},
      {"javax.net.ssl.SSLHandshakeException: PKIX path building failed", Problem::chain_untrusted,
       "", nullptr},
  };
  for (const Case& one : cases) {
    const Read read(one.line);
    ASSERT_EQ(read.tally.groups().size(), 1U) << one.line;
    const FailureGroup& group = read.tally.groups()[0];
    EXPECT_EQ(group.problem, one.problem) << one.line;
    EXPECT_EQ(group.client, one.client) << one.line;
    EXPECT_EQ(group.first, one.time ? std::optional(at(one.time)) : std::nullopt) << one.line;
  }
}

TEST(LogReading, NginxTellsOfClientsThatLeftBetweenRequestsAndNothingFailed) {
  const std::string head =
      "2026/11/27 09:00:00 [info] 12#12: *1 recv() failed (104: Connection reset by peer) while ";
  const std::string tail = ", client: 10.0.0.1, server: 0.0.0.0:443\n";
  EXPECT_TRUE(Read(head + "waiting for request" + tail).causes.empty());
  EXPECT_TRUE(Read(head + "keepalive" + tail).causes.empty());
  const Read read(head + "SSL handshaking" + tail);
  ASSERT_EQ(read.causes.size(), 1U);
  EXPECT_EQ(read.causes[0].problem, Problem::connection_closed);
  EXPECT_EQ(read.causes[0].groups[0]->client, "10.0.0.1");
}

TEST(LogReading, StunnelTellsTheClientOnceForAThread) {
  const Read read(
      "2026.11.27 02:29:23 LOG5[0]: Service [a] accepted connection from 10.0.0.7:5555\n"
      "2026.11.27 02:29:23 LOG5[1]: Service [a] accepted connection from 10.0.0.8:5555\n"
      "2026.11.27 02:29:24 LOG3[0]: SSL_accept: ssl/record/rec_layer_s3.c:1584: error:0A000418:SSL "
      "routines::tlsv1 alert unknown ca\n");
  ASSERT_EQ(read.tally.groups().size(), 1U);
  EXPECT_EQ(read.tally.groups()[0].client, "10.0.0.7");
}

TEST(LogReading, SchannelEventsInEveryExport) {
  const char* const exports[] = {
      // The Event Viewer's CSV, and its text with tabs; in German, too.
      "Error,11/27/2026 2:29:23 AM,Schannel,36887,None,\"A fatal alert was received from the "
      "remote "
      "endpoint. The TLS protocol-defined fatal alert code is 48.\"\n",
      "Fehler\t27.11.2026 02:29:23\tSchannel\t36887\tKeine\t\"Es wurde eine schwerwiegende Warnung "
      "empfangen. Der im TLS-Protokoll definierte Code lautet: 48.\"\n",
      // wevtutil qe System /f:text
      "Event[0]:\n  Log Name: System\n  Source: Schannel\n  Date: 2026-11-27T02:29:23.000\n"
      "  Event ID: 36887\n  Task: N/A\n  Level: Error\n  Description: \n"
      "A fatal alert was received. The TLS protocol-defined fatal alert code is 48.\n",
      // Get-WinEvent | Format-List
      "TimeCreated  : 11/27/2026 2:29:23 AM\nProviderName : Schannel\nId           : 36887\n"
      "Message      : A fatal alert was received. The TLS fatal alert code is 48.\n",
      // XML: in one line, and with an element a line
      "<Events><Event xmlns='x'><System><Provider Name='Schannel' Guid='{1}'/>"
      "<EventID>36887</EventID><TimeCreated SystemTime='2026-11-27T02:29:23.1Z'/></System>"
      "<EventData><Data Name='AlertDesc'>48</Data></EventData></Event></Events>",
      "<?xml version=\"1.0\"?>\n<Events>\n<Event>\n<Provider Name=\"Schannel\"/>\n"
      "<EventID Qualifiers=\"0\">36887</EventID>\n<TimeCreated "
      "SystemTime=\"2026-11-27T02:29:23Z\"/>\n"
      "<Data Name=\"AlertDesc\">48</Data>\n</Event>\n</Events>\n",
  };
  for (const char* text : exports) {
    const Read read(text);
    ASSERT_EQ(read.tally.groups().size(), 1U) << text;
    const FailureGroup& group = read.tally.groups()[0];
    EXPECT_EQ(group.said->written, "36887") << text;
    ASSERT_NE(group.why, nullptr) << text;
    EXPECT_EQ(group.why->name, "unknown_ca") << text;
    EXPECT_EQ(group.problem, Problem::chain_untrusted) << text;
    EXPECT_EQ(group.first, at("2026-11-27T02:29:23Z")) << text;
  }
  const Read sent("Error,11/27/2026 2:29:23 AM,Schannel,36888,None,\"fatal alert code is 70.\"\n");
  EXPECT_EQ(sent.tally.groups().at(0).problem, Problem::no_common_version);
  // What this server said of a client's certificate.
  const Read refused(
      "Error,11/27/2026 2:29:23 AM,Schannel,36888,None,\"fatal alert code is 48.\"\n");
  EXPECT_EQ(refused.tally.groups().at(0).problem, Problem::client_certificate_untrusted);
  // An event without an alert takes nothing from the lines below it, and a port is no event.
  const Read others(
      "Event ID: 36874\ncurl: (60) SSL certificate problem\nID 7 at 10.0.0.1:36887\n");
  ASSERT_EQ(others.tally.groups().size(), 2U);
  EXPECT_EQ(others.tally.groups()[0].problem, Problem::no_common_cipher);
  EXPECT_EQ(others.tally.groups()[1].problem, Problem::certificate_refused);
  const Read info("Information,11/27/2026 2:29:23 AM,Schannel,36880,None,\"fine\"\n");
  EXPECT_EQ(info.tally.count(), 0U);
}

TEST(LogReading, OurOwnHandshakeLog) {
  const Read read(
      R"({"time":"2026-11-27T02:29:23.250Z","event":"handshake","peer":"10.0.0.7:51234","client_type":"lync_phone_edition","outcome":"failed","reason":"client_unknown_ca","alert_code":48,"sni":"mail"})"
      "\n"
      R"({"time":"2026-11-27T02:29:24.250Z","event":"handshake","peer":"[2001:db8::1]:5","outcome":"failed","reason":"no_shared_cipher"})"
      "\n"
      R"({"time":"2026-11-27T02:29:25.250Z","event":"handshake","peer":"10.0.0.7:9","outcome":"full","reason":"none","sni":"mail"})"
      "\n{\"time\":\n");
  ASSERT_EQ(read.tally.groups().size(), 2U);
  EXPECT_EQ(read.tally.groups()[0].client, "10.0.0.7");
  EXPECT_EQ(read.tally.groups()[0].problem, Problem::chain_untrusted);
  EXPECT_EQ(read.tally.groups()[0].why->name, "unknown_ca");
  EXPECT_TRUE(read.tally.groups()[0].recovered);
  EXPECT_EQ(read.tally.groups()[1].client, "2001:db8::1");
  EXPECT_EQ(read.bad.count, 1U);
  EXPECT_EQ(read.bad.first, 4U);
}

TEST(LogReading, OurOwnLogForPeople) {
  const Read read(
      "2026-11-27T02:29:23.250Z info handshake_failed conn=7 listener=exchange "
      "peer=10.0.0.7:51234 client_type=lync_phone_edition sni=\"\" offered=tls1.0 "
      "reason=client_unknown_ca stage=server_flight alert=unknown_ca direction=received hint=\"the "
      "client does not trust the chain\"\n"
      "2026-11-27T02:29:24.250Z info handshake_failed conn=8 listener=exchange peer=[::1]:5 "
      "client_type=tool sni=mail.contoso.com reason=no_shared_cipher hint=x\n");
  ASSERT_EQ(read.tally.groups().size(), 2U);
  EXPECT_EQ(read.tally.groups()[0].client, "10.0.0.7");
  EXPECT_EQ(read.tally.groups()[0].client_type, "lync_phone_edition");
  EXPECT_EQ(read.tally.groups()[0].said->name, "client_unknown_ca");
  EXPECT_EQ(read.tally.groups()[0].path, "");
  EXPECT_EQ(read.tally.groups()[0].first, at("2026-11-27T02:29:23Z"));
  EXPECT_EQ(read.tally.groups()[1].client, "::1");
  EXPECT_EQ(read.tally.groups()[1].path, "mail.contoso.com");
}

TEST(LogReading, WhatBothOurLogsTellOfCountsOnce) {
  const auto people = [](int port) {
    return "2026-11-27T02:29:23.250Z info handshake_failed conn=7 listener=a peer=10.0.0.7:" +
           std::to_string(port) + " client_type=tool sni=mail reason=no_shared_cipher hint=x\n";
  };
  const auto handshakes = [](int port) {
    return R"({"time":"2026-11-27T02:29:23.250Z","event":"handshake","peer":"10.0.0.7:)" +
           std::to_string(port) +
           R"(","outcome":"failed","reason":"no_shared_cipher","sni":"mail"})"
           "\n";
  };
  // Each log lacks what its rate limit left out.
  const Read read(people(1) + people(2) + handshakes(2) + handshakes(3) + people(3) + people(4) +
                  handshakes(1));
  ASSERT_EQ(read.tally.groups().size(), 1U);
  EXPECT_EQ(read.tally.groups()[0].count, 4U);
  // A port that a client uses again is another failure.
  EXPECT_EQ(Read(people(1) + people(1) + handshakes(1) + handshakes(1)).tally.count(), 2U);
}

TEST(LogReading, APhoneMayTellNothingButQtsNumber) {
  const Read read(
      "2018-12-03T10:40:16.156-07:00 P105709FW p8[240]: "
      "NetworkAccessManager::handleRequestFinished: "
      "ERROR ON REPLY qreply (0x1), reply (0x2): on url: https://hq/shoreauth/certauth, error code "
      "= "
      "6, unknown words\n");
  ASSERT_EQ(read.tally.groups().size(), 1U);
  EXPECT_EQ(read.tally.groups()[0].said->name, "SslHandshakeFailedError");
  EXPECT_EQ(read.tally.groups()[0].client, "P105709FW");
}

TEST(LogReading, FiltersByTimeAndClient) {
  std::string lines = kHead;
  for (int i = 0; i < 10; ++i) {
    lines += "2016-12-21 10:00:0" + std::to_string(i) + " 1.1.1.1 GET /a - 443 - 10.0.0." +
             std::to_string(i) + " a - 403 16 2148204809 1\n";
  }
  EXPECT_EQ(Read(lines).tally.count(), 10U);
  EXPECT_EQ(
      Read(lines, {at("2016-12-21T10:00:03Z"), at("2016-12-21T10:00:05Z"), "", {}}).tally.count(),
      3U);
  EXPECT_EQ(Read(lines, {{}, {}, "10.0.0.4", {}}).tally.count(), 1U);
  TallyFilter net{{}, {}, "10.0.0.8/31", config::Network{}};
  net.network->address = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 10, 0, 0, 8};
  net.network->prefix = 127;
  EXPECT_EQ(Read(lines, net).tally.count(), 2U);
  const Read undated("curl: (60) no time here", {at("2016-12-21"), {}, "", {}});
  EXPECT_EQ(undated.tally.count(), 0U);
  EXPECT_EQ(undated.tally.undated(), 1U);
}

TEST(LogReading, BadLinesAreCountedAndTheFirstIsKept) {
  const std::string good =
      "2016-12-21 10:00:00 1.1.1.1 GET /a - 443 - 10.0.0.1 a - 403 16 2148204809 1\n";
  const Read read(kHead + good + "\x01garbage\n" + good + "more garbage\n2016-12-21 10:00\n");
  EXPECT_EQ(read.tally.count(), 2U);
  EXPECT_EQ(read.bad.count, 3U);
  EXPECT_EQ(read.bad.first, 6U);
  EXPECT_EQ(read.bad.first_text, "\x01garbage");
}

}  // namespace
}  // namespace chainmend::diagnose

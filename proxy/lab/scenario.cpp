#include "proxy/lab/scenario.h"

#include <algorithm>

namespace chainmend::lab {

namespace {

// How an old phone that knows `roots` fares at a port.
Check probe(std::string_view title, std::string_view where, int broken, int fixed,
            std::string_view roots = "{pki}/{roots}",
            std::string_view client = "lync_phone_edition") {
  return {
      title, {"probe", where, "--sni", "{host}", "--roots", roots, "--as", client}, broken, fixed};
}

Check through_chainmend(int broken = 0) {
  return probe("the phone, through chainmend in front of that VIP", "{chainmend}", broken, 0);
}

// A log goes on telling of what was.
Check reads(std::string_view title, std::string_view file) {
  return {title, {"explain", file}, 1, 1};
}

constexpr LogLines kPhoneRefuses{
    "phone.clg",
    "{time} NAutoDiscover::DnsAutodiscoverTask::TryAutodiscoverUrls: Exception with this url. "
    "hr=0x80072f0d"};
constexpr LogLines kF5Failed{
    "f5-ltm.log",
    "{syslog} f5 warning tmm[23068]: 01260013:4: SSL Handshake failed for TCP 10.20.0.31:49811 -> "
    "10.0.0.1:443"};

Scenario lpe2012() {
  return {.name = "lpe2012",
          .summary = "the internal VIP sends the leaf alone, the external one the whole list",
          .broken =
              "The same certificate is served by two VIPs. The external one sends the "
              "intermediates with it, the internal one does not. Browsers fetch or remember "
              "what is missing; Lync Phone Edition knows the root, fetches nothing, and fails "
              "inside the company alone: 0x80072f0d.",
          .fix =
              "Assign the chain to the client-ssl profile of the internal VIP: here its list "
              "becomes leaf and intermediates.",
          .broken_list = "leaf.pem",
          .fixed_list = "full.pem",
          .checks = {probe("the phone, at the internal VIP", "{internal}", 1, 0),
                     probe("the phone, at the external VIP", "{external}", 0, 0),
                     through_chainmend(), reads("what the phone logged", "{logs}/phone.clg")},
          .logs = {kPhoneRefuses, kF5Failed}};
}

Scenario two_intermediates() {
  return {.name = "two-intermediates",
          .summary = "one of two intermediates is sent, and another authority has its name",
          .broken =
              "The leaf is two intermediates away from the root, and the VIP sends the "
              "nearest one only, as was right for the certificate before it. The missing one "
              "shares its name with another authority, whose key is another: who goes by "
              "names completes the list with the wrong one.",
          .fix =
              "Send both, and tell them by the key: the authority key id of the first is the "
              "subject key id of the second.",
          .broken_list = "one-intermediate.pem",
          .fixed_list = "full.pem",
          .checks = {probe("the phone, at the VIP", "{internal}", 1, 0), through_chainmend()},
          .logs = {kPhoneRefuses, kF5Failed}};
}

Scenario wrong_order() {
  return {.name = "wrong-order",
          .summary = "all certificates are sent, and not in the order of who signed whom",
          .broken =
              "The list has everything, with the upper intermediate before the lower one. "
              "Most clients sort; old phones and some appliances follow the list as TLS 1.2 "
              "demands it (RFC 5246 7.4.2: each certifies the one before it), and stop.",
          .fix = "Put the list into order: chainmend lint chain FILE --fix NEW writes it.",
          .broken_list = "wrong-order.pem",
          .fixed_list = "full.pem",
          .checks = {probe("the phone, at the VIP", "{internal}", 1, 0),
                     {"the file itself",
                      {"lint", "chain", "{pki}/wrong-order.pem", "--roots", "{pki}/root.pem"},
                      1,
                      1},
                     through_chainmend()},
          .logs = {kPhoneRefuses}};
}

Scenario expired_intermediate() {
  return {.name = "expired-intermediate",
          .summary = "the list holds an intermediate that has expired; a new one exists",
          .broken =
              "The authority renewed its intermediate with the same key; the VIP still "
              "sends the old certificate. The leaf is good for a year, and everybody looks "
              "at the leaf.",
          .fix = "Send the renewed intermediate in place of the expired one.",
          .broken_list = "expired-intermediate.pem",
          .fixed_list = "full.pem",
          .checks = {probe("the phone, at the VIP", "{internal}", 1, 0), through_chainmend()},
          .logs = {kPhoneRefuses, kF5Failed}};
}

Scenario cross_sign() {
  return {
      .name = "cross-sign",
      .summary = "the list ends in a new root; old phones have the one before it",
      .broken =
          "The authority moved to a new root, which an older one has signed as well. "
          "The VIP's list ends in the new root; phones that got their last update "
          "before it know the old root alone.",
      .fix =
          "Send the certificate that the old root gave to the new one, too: clients with "
          "either root find a way.",
      .broken_list = "full.pem",
      .fixed_list = "cross-signed.pem",
      .phone_roots = "old-root.pem",
      .checks = {probe("a phone that knows the old root, at the VIP", "{internal}", 1, 0),
                 probe("a client that knows the new root", "{internal}", 0, 0, "{pki}/root.pem"),
                 through_chainmend()},
      .logs = {kPhoneRefuses}};
}

Scenario aia_down() {
  return {
      .name = "aia-down",
      .summary = "chainmend has to fetch the intermediates, and their server is down",
      .broken =
          "Nobody has the intermediates at hand: they are at the URL that the leaf "
          "names (AIA), and the web server there answers nothing. chainmend serves what "
          "it has, with a warning, and /readyz says 503.",
      .fix =
          "Name the intermediates in chain.bundles, and that server is needed no more. (When it "
          "is back, chainmend asks it again by itself, some minutes after it failed.)",
      .broken_list = "leaf-aia.pem",
      .fixed_list = "leaf-aia.pem",
      .broken_key = "leaf-aia",
      .fixed_key = "leaf-aia",
      .aia_is_down = true,
      .fetches_by_aia = true,
      .checks = {probe("the phone, at the VIP", "{internal}", 1, 1), through_chainmend(1)},
      .logs = {kPhoneRefuses}};
}

Scenario tls10_off() {
  return {.name = "tls10-off",
          .summary = "TLS 1.0 was switched off, and the phones speak nothing newer",
          .broken =
              "The list is whole. The VIP takes TLS 1.2 and newer; Lync Phone Edition and "
              "old Mitel firmware offer TLS 1.0 (the fourth reason of Mitel's article).",
          .fix =
              "Allow TLS 1.0 to these phones alone, by a listener or a client type of their "
              "own: chainmend does so with tls.for_clients, while everybody else keeps 1.2.",
          .broken_list = "full.pem",
          .fixed_list = "full.pem",
          .broken_policy = "intermediate",
          .checks = {probe("the phone, at the VIP", "{internal}", 1, 0), through_chainmend()},
          .logs = {{"phone.clg",
                    "{time} NAutoDiscover::DnsAutodiscoverTask::TryAutodiscoverUrls: Exception "
                    "with this url. hr=0x80072f7d"},
                   kF5Failed}};
}

Scenario binding_mismatch() {
  return {.name = "binding-mismatch",
          .summary = "IIS shows another certificate than the keystore of Mitel Connect has",
          .broken =
              "Somebody bound a new certificate in IIS. Phones compare what they are shown "
              "with the keystore of the server (the second reason of Mitel's article).",
          .fix = "Bind the certificate of the keystore, or put the new one into both.",
          .broken_list = "renewed.pem",
          .fixed_list = "full.pem",
          .broken_key = "renewed",
          .checks = {{"keystore and binding",
                      {"lint", "keystore", "{dir}/keystore/certs", "{internal}", "--roots",
                       "{pki}/root.pem"},
                      1,
                      0},
                     reads("what the phone logged", "{logs}/mitel-phone.log")},
          .logs = {{"mitel-phone.log",
                    "{time} P105709FW16424D2D8B p8[240]: 342246.5 pri 0000,sl 01165,sf "
                    "src/networkaccessmanager.cpp,msg NetworkAccessManager::handleRequestFinished: "
                    "ERROR ON REPLY qreply (0x156a980), reply (0x169f010), id (0x15), cancelled "
                    "(0): on url: https://{host}/shoreauth/certauth, error code = 6, SSL handshake "
                    "failed"}}};
}

Scenario untrusted_hw_root() {
  return {.name = "untrusted-hw-root",
          .summary = "the server's root store makes IIS refuse the phones' certificates",
          .broken =
              "An intermediate was imported into Trusted Root Certification Authorities. "
              "Windows Server 2012 and newer then trusts no client certificate any more: "
              "403.16 with 2148204809 (the first reason of Mitel's article).",
          .fix =
              "Move what is not self-signed out of Root: chainmend lint root-store names it, "
              "with the PowerShell line.",
          .broken_list = "full.pem",
          .fixed_list = "full.pem",
          .checks = {{"the root store of the server",
                      {"lint", "root-store", "{dir}/root-store.pem"},
                      1,
                      0},
                     reads("what IIS logged", "{logs}/iis.log")},
          .logs = {{"iis.log",
                    "{date} {clock} 10.0.0.11 POST /shoreauth/certauth - 443 - 10.20.0.41 "
                    "Mozilla/5.0 - 403 16 2148204809 730",
                    "{date} {clock} 10.0.0.11 POST /shoreauth/certauth - 443 - 10.20.0.41 "
                    "Mozilla/5.0 - 200 0 0 12"}}};
}

Scenario dns() {
  return {.name = "dns",
          .summary = "the phone's DNS does not know the name of the server",
          .broken =
              "The phone asks for a name that its DNS server cannot resolve (the third "
              "reason of Mitel's article). No proxy can mend that; it never hears of it.",
          .fix =
              "Add the record to the DNS that the phones ask. Until then chainmend probe NAME "
              "--connect ADDRESS shows that the rest is well.",
          .broken_list = "full.pem",
          .fixed_list = "full.pem",
          .checks = {{"the name, as this machine's DNS has it",
                      {"probe", "{host}", "--roots", "{pki}/root.pem"},
                      2,
                      2},
                     {"the same without DNS",
                      {"probe", "{host}:{internal_port}", "--connect", "127.0.0.1", "--roots",
                       "{pki}/root.pem", "--as", "mitel_ip400"},
                      0,
                      0},
                     reads("what the phone logged", "{logs}/mitel-phone.log")},
          .logs = {{"mitel-phone.log",
                    "{time} P105709FW16424D2D8B p8[240]: 342246.5 pri 0000,sl 01165,sf "
                    "src/networkaccessmanager.cpp,msg NetworkAccessManager::handleRequestFinished: "
                    "ERROR ON REPLY qreply (0x156a980), reply (0x169f010), id (0x15), cancelled "
                    "(0): on url: https://{host}/shoreauth/certauth, error code = 3, Host not "
                    "found"}}};
}

Scenario no_credentials() {
  return {.name = "no-credentials",
          .summary = "the handshake is good, and the phone never sends its credentials",
          .broken =
              "After an update the CX600 completes the handshake and asks EWS without "
              "logging on: IIS answers 403, with no user in its log. The certificates are "
              "well; looking at them longer finds nothing.",
          .fix =
              "Bring the phone's firmware and the server's authentication to what goes "
              "together; the log shows a user name then.",
          .broken_list = "full.pem",
          .fixed_list = "full.pem",
          .checks = {probe("the phone's handshake, at the VIP", "{internal}", 0, 0),
                     reads("what IIS logged", "{logs}/iis.log")},
          .logs = {{"iis.log",
                    "{date} {clock} 10.0.0.11 POST /EWS/Exchange.asmx - 443 - 10.20.0.31 OCPhone/"
                    "4.0.7577.4387 - 403 0 0 15",
                    "{date} {clock} 10.0.0.11 POST /EWS/Exchange.asmx - 443 CONTOSO\\anna "
                    "10.20.0.31 OCPhone/4.0.7577.4387 - 200 0 0 31"}}};
}

}  // namespace

std::span<const Scenario> scenarios() {
  static const std::vector<Scenario> kAll{
      lpe2012(),    two_intermediates(), wrong_order(),   expired_intermediate(),
      cross_sign(), aia_down(),          tls10_off(),     binding_mismatch(),
      dns(),        untrusted_hw_root(), no_credentials()};
  return kAll;
}

const Scenario* find_scenario(std::string_view name) {
  const auto all = scenarios();
  const auto found = std::ranges::find(all, name, &Scenario::name);
  return found == all.end() ? nullptr : &*found;
}

}  // namespace chainmend::lab

#include "proxy/lab/answers.h"

#include <array>

#include "certs/file_text.h"
#include "config/values.h"

namespace chainmend::lab {

namespace {

constexpr std::string_view kEnvelope =
    R"(<?xml version="1.0" encoding="utf-8"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/)"
    R"(envelope/"><s:Header><ServerVersionInfo MajorVersion="15" MinorVersion="2"/></s:Header>)"
    "<s:Body/></s:Envelope>\n";
constexpr std::string_view kAutodiscover =
    R"(<?xml version="1.0" encoding="utf-8"?><Autodiscover><Response><Account><Protocol>)"
    "<Type>EXCH</Type><EwsUrl>https://mail.contoso.test/EWS/Exchange.asmx</EwsUrl></Protocol>"
    "</Account></Response></Autodiscover>\n";

// CHALLENGE_MESSAGE of [MS-NLMP] 2.2.1.2, without target name and information: enough for clients
// to go on with.
std::string ntlm_challenge() {
  constexpr std::array<std::uint8_t, 48> kMessage{
      'N', 'T', 'L', 'M', 'S', 'S', 'P', 0,   2, 0, 0, 0,  // signature, type
      0,   0,   0,   0,   48,  0,   0,   0,                // target name: empty
      1,   2,   8,   0,                                    // Unicode, NTLM
      1,   35,  69,  103, 137, 171, 205, 239,              // server challenge
      0,   0,   0,   0,   0,   0,   0,   0,                // reserved
      0,   0,   0,   0,   48,  0,   0,   0};               // target information: empty
  return certs::encode_base64(kMessage);
}

Answer unauthorized(std::string fields) {
  return {.status = 401,
          .type = "text/html",
          .body = "401 - Unauthorized: Access is denied due to invalid credentials.\n",
          .fields = std::move(fields)};
}

// Of a request without credentials, or in the midst of NTLM: what it is told. Else empty body and
// status 200.
Answer log_on(const http::RequestHead& request) {
  const http::Field* const field = request.find("Authorization");
  const std::string_view said = field != nullptr ? field->value : std::string_view();
  const std::string scheme = config::lower(said.substr(0, said.find(' ')));
  if (scheme == "basic") {
    return {.user = "CONTOSO\\basic"};
  }
  if (scheme == "ntlm" || scheme == "negotiate") {
    // "TlRMTVNTUAAD": the first bytes of an AUTHENTICATE_MESSAGE, in base64.
    if (said.find(" TlRMTVNTUAAD") != std::string_view::npos) {
      return {.user = "CONTOSO\\ntlm"};
    }
    return unauthorized("WWW-Authenticate: " + std::string(said.substr(0, said.find(' '))) + ' ' +
                        ntlm_challenge() + "\r\n");
  }
  return unauthorized(
      "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n"
      "WWW-Authenticate: Basic realm=\"mail.contoso.test\"\r\n");
}

Answer answer_of_ews(const http::RequestHead& request, std::string_view path) {
  Answer answer = log_on(request);
  if (answer.status != 200) {
    return answer;
  }
  answer.body = path.starts_with("/autodiscover/") ? kAutodiscover : kEnvelope;
  answer.pace = path == "/ews/streaming" ? Answer::Pace::in_pieces : Answer::Pace::at_once;
  return answer;
}

// What IIS says of a client certificate that did not come: 403.7.
Answer answer_of_certauth(const http::RequestHead& request) {
  const http::Field* const given = request.find("X-ARR-ClientCert");
  if (given != nullptr && !given->value.empty()) {
    return {.type = "text/plain", .body = "welcome\n"};
  }
  return {.status = 403,
          .type = "text/html",
          .body = "403.7 - Forbidden: the page needs a client certificate.\n"};
}

}  // namespace

Answer answer_of_exchange(const http::RequestHead& request) {
  const std::string path = config::lower(request.path);
  if (path.ends_with("/healthcheck.htm")) {
    return {.type = "text/html", .body = "200 OK<br/>LAB-CAS\n"};
  }
  if (path.starts_with("/ews/") || path.starts_with("/autodiscover/")) {
    return answer_of_ews(request, path);
  }
  if (path == "/shoreauth/certauth") {
    return answer_of_certauth(request);
  }
  if (path == "/getevents") {
    return {.type = "text/plain", .body = "no event\n", .pace = Answer::Pace::after_a_while};
  }
  return {.status = 404, .type = "text/plain", .body = "no such place\n"};
}

}  // namespace chainmend::lab

// What the servers of a lab answer: pure, from a request to an answer.
#pragma once

#include <string>
#include <string_view>

#include "proxy/http/head.h"

namespace chainmend::lab {

struct Answer {
  enum class Pace {
    at_once,
    after_a_while,  // a long poll
    in_pieces,      // one after the other, as streaming notifications come
  };
  unsigned status = 200;
  std::string type = "text/xml; charset=utf-8";
  std::string body;
  std::string fields = {};  // more field lines, each with its CRLF
  Pace pace = Pace::at_once;
  std::string user = {};  // who logged on, for the log
};

// As Exchange and Mitel Connect do where phones ask: EWS, Autodiscover and their health pages,
// streaming, a long poll, certauth. Whoever logs on by NTLM or Basic is let in, whatever the
// password.
Answer answer_of_exchange(const http::RequestHead& request);

}  // namespace chainmend::lab

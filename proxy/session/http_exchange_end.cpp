// HttpExchange: how it ended, and who is to blame.
#include "proxy/session/admission.h"
#include "proxy/session/http_exchange.h"

namespace chainmend::session {

using metrics::UpstreamFailure;
using net::IoError;

ExchangeEnd::Request HttpExchange::request_at_end(ExchangeEnd::Answer answer) const {
  using Request = ExchangeEnd::Request;
  if (x_.request_body.done()) {
    return Request::read;
  }
  const bool withheld = answer == ExchangeEnd::Answer::none
                            ? waits_for_body() && x_.from_client.empty()
                            : leave_ == Leave::refused && answer == ExchangeEnd::Answer::whole &&
                                  x_.request_body.payload() == 0;
  return withheld ? Request::withheld : Request::unread;
}

ExchangeEnd HttpExchange::conclude() {
  ExchangeEnd end;
  end.status = 502;
  if (is_final_sent()) {
    end.status = x_.response.status;
    end.answer = failure_ == Failure::none ? ExchangeEnd::Answer::whole : ExchangeEnd::Answer::cut;
  }
  end.request = request_at_end(end.answer);
  const bool whole = end.answer == ExchangeEnd::Answer::whole;
  end.keep_alive = whole && keep_alive_ && end.request != ExchangeEnd::Request::unread;
  end.client_gone = failure_ == Failure::client_gone || (upload_.read_error != IoError::none &&
                                                         upload_.read_error != IoError::cancelled);
  if (!end.client_gone) {
    blame(end);
  }
  if (whole) {
    link_.note_success();
  }
  // A request that was read whole and not written whole leaves the server waiting for its rest: the
  // next one would be taken for that.
  const bool fit =
      whole && answer_ != Answer::switched && end.request == ExchangeEnd::Request::read &&
      upload_.ok() && x_.response.keep_alive &&
      x_.response.framing.kind != http::Framing::Kind::until_close && x_.from_upstream.empty();
  if (!fit) {
    const bool withheld = whole && end.request == ExchangeEnd::Request::withheld;
    if (withheld ? link_.bound() : link_.pinned()) {
      end.link = ExchangeEnd::Link::identity_lost;
    }
    link_.close();
  }
  return end;
}

void HttpExchange::note_slowness() {
  Admission* const admission = connection_.worker.admission;
  const auto note = [&](const std::optional<net::Pace>& pace, metrics::CutReason reason) {
    if (pace && pace->too_slow() && admission != nullptr) {
      admission->note(connection_.worker, connection_.listener, reason, connection_.peer_text());
    }
  };
  note(upload_pace_, metrics::CutReason::request_rate);
  note(download_pace_, metrics::CutReason::answer_rate);
}

// Whose fault it is that there is no whole answer: decides what the client is told and what is
// counted.
void HttpExchange::blame(ExchangeEnd& end) {
  const bool late = connection_.deadline.expired() || (upload_pace_ && upload_pace_->too_slow());
  const bool client_stalled = upload_.read_error == IoError::cancelled && late && !waits_for_body();
  if (upload_.fault) {
    const unsigned status = upload_.fault == http::BodyFault::body_too_big ? 413 : 400;
    end.status = is_final_sent() ? end.status : status;
    end.text = http::text_of(*upload_.fault);
  } else if (client_stalled && !is_final_sent()) {
    end.status = 408;
    end.text = "The body of the request did not arrive in time";
  } else if (failure_ == Failure::timed_out) {
    end.status = is_final_sent() ? end.status : 504;
    end.text = "The server behind this proxy did not answer in time";
    link_.report_failure(UpstreamFailure::timeout, detail_);
  } else if (failure_ == Failure::bad_answer) {
    end.text = "The server behind this proxy gave an invalid answer";
    link_.report_failure(UpstreamFailure::protocol, detail_);
  } else if (failure_ == Failure::closed) {
    end.text = "The server behind this proxy closed the connection";
    if (link_.reused() && answer_ == Answer::none) {
      end.link = ExchangeEnd::Link::stale;
    } else {
      link_.report_failure(UpstreamFailure::reset, detail_);
    }
  }
}

}  // namespace chainmend::session

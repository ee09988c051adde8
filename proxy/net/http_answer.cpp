#include "proxy/net/http_answer.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>
#include <cstdint>
#include <utility>

namespace chainmend::net {

namespace http = boost::beast::http;
using certs::ErrorCode;
using certs::fail;
using certs::Result;

namespace {

constexpr std::size_t kMaxHeadBytes = std::size_t{16} * 1024;

certs::Error in_words(const boost::system::error_code& error) {
  if (error == http::error::body_limit) {
    return {ErrorCode::too_big, "the body is larger than allowed", {}, 0};
  }
  if (error == http::error::header_limit) {
    return {ErrorCode::too_big, "the head of the answer is larger than allowed", {}, 0};
  }
  if (error == http::error::partial_message || error == http::error::end_of_stream) {
    return {ErrorCode::network, "the answer ended early", {}, 0};
  }
  return {ErrorCode::network, "the answer is not proper HTTP: " + error.message(), {}, 0};
}

}  // namespace

struct HttpAnswer::Parser : http::response_parser<http::vector_body<std::uint8_t>> {};

HttpAnswer::HttpAnswer(std::size_t body_limit, bool to_head)
    : parser_(std::make_unique<Parser>()), may_arrive_(2 * (kMaxHeadBytes + body_limit)) {
  parser_->header_limit(kMaxHeadBytes);
  parser_->body_limit(body_limit);
  parser_->eager(true);
  parser_->skip(to_head);
}

HttpAnswer::~HttpAnswer() = default;

Result<void> HttpAnswer::put(certs::ByteView bytes) {
  if (bytes.size() > may_arrive_) {
    return fail(ErrorCode::too_big, "the answer is larger than allowed");
  }
  may_arrive_ -= bytes.size();
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());

  boost::system::error_code error;
  const std::size_t taken =
      parser_->put(boost::asio::buffer(pending_.data(), pending_.size()), error);
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(taken));
  if (error && error != http::error::need_more) {
    return tl::unexpected(in_words(error));
  }
  return {};
}

Result<void> HttpAnswer::end() {
  boost::system::error_code error = http::error::end_of_stream;
  if (parser_->got_some()) {
    parser_->put_eof(error);
  }
  if (error) {
    return tl::unexpected(in_words(error));
  }
  return {};
}

bool HttpAnswer::head_done() const { return parser_->is_header_done(); }

bool HttpAnswer::done() const { return parser_->is_done(); }

unsigned HttpAnswer::status() const { return parser_->get().result_int(); }

std::string HttpAnswer::location() const {
  return std::string(parser_->get()[http::field::location]);
}

std::string_view HttpAnswer::field(std::string_view name) const {
  const auto value = parser_->get()[boost::core::string_view(name.data(), name.size())];
  return {value.data(), value.size()};
}

std::string_view HttpAnswer::body_so_far() const { return certs::as_text(parser_->get().body()); }

certs::Bytes HttpAnswer::take_body() { return std::move(parser_->get().body()); }

}  // namespace chainmend::net

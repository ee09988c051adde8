#include "proxy/server/page/site.h"

#include <charconv>
#include <memory>
#include <utility>

#include "proxy/net/stream.h"
#include "proxy/server/page/assets.h"
#include "proxy/server/page/document.h"
#include "proxy/server/query.h"

namespace chainmend::server {

namespace {

constexpr std::chrono::seconds kPeriod{1};
// An overview is good for anybody who asks within this time.
constexpr std::chrono::milliseconds kFresh{500};
constexpr std::chrono::seconds kPatience{30};
// So often a viewer that is told nothing gets a line all the same: who went away is noticed.
constexpr unsigned kSilentPeriods = 15;

// No script, style or picture but ours, in no frame, and nothing told to other sites.
constexpr const char* kGuards =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

// Larger than any that an earlier process can have given: it gives one a second.
std::uint64_t first_number() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::milliseconds>(now).count());
}

std::uint64_t number_of(const std::string& text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size() ? number : 0;
}

Page asset_page(const Asset& asset, const http::RequestHead& head) {
  Page page;
  page.caching = "no-cache";  // asked for each time, and answered by 304
  page.fields = "ETag: \"" + std::string(asset.tag) + "\"\r\n" + kGuards;
  const http::Field* const known = head.find("If-None-Match");
  if (known != nullptr && known->value.find(asset.tag) != std::string_view::npos) {
    page.status = 304;
    return page;
  }
  page.type = asset.type;
  page.body = asset.gzip;
  page.fields += "Content-Encoding: gzip\r\n";
  return page;
}

// Of another site that a browser here has open.
bool is_embedded_elsewhere(const http::RequestHead& head) {
  const http::Field* const site = head.find("Sec-Fetch-Site");
  return site != nullptr && site->value != "same-origin";
}

}  // namespace

Site::Site(net::Loop& loop, Look look)
    : loop_(loop), look_(std::move(look)), feed_(first_number()) {}

void Site::refresh() {
  if (!shown_ || Clock::now() - shown_at_ >= kFresh) {
    shown_ = look_();
    shown_at_ = Clock::now();
    feed_.update(render(*shown_));
  }
}

std::vector<Section> Site::render(const Overview& overview) {
  const auto today = std::chrono::floor<std::chrono::days>(overview.now);
  if (lasting_of_ != overview.report || lasting_on_ != today) {
    lasting_ = lasting_sections(overview);
    lasting_of_ = overview.report;
    lasting_on_ = today;
  }
  return {clients_section(overview),   lasting_[0], listeners_section(overview),
          upstreams_section(overview), lasting_[1], process_section(overview)};
}

std::optional<Page> Site::page(const http::RequestHead& head) {
  if (head.path == "/") {
    return whole(head);
  }
  if (head.path == "/events") {
    return events(head);
  }
  if (const Asset* asset = find_asset(head.path)) {
    return asset_page(*asset, head);
  }
  return std::nullopt;
}

Page Site::whole(const http::RequestHead& head) {
  refresh();
  const DocumentFacts facts{parameter(head.query, "q").value_or(""), feed_.number(),
                            shown_->may_change};
  return {.type = "text/html; charset=utf-8",
          .body = document(feed_.sections(), *shown_, facts),
          .fields = kGuards};
}

Page Site::events(const http::RequestHead& head) {
  if (is_embedded_elsewhere(head)) {
    return {.status = 403, .body = "This is for the status page itself\n"};
  }
  if (*viewers_ >= kMaxViewers) {
    return {.status = 503, .body = "Too many watch already\n"};
  }
  const std::uint64_t seen = number_of(parameter(head.query, "since").value_or(""));
  return {.type = "text/event-stream",
          .fields = kGuards,
          .live = [this, seen](net::Stream& client, net::Deadline& deadline) {
            return tell(client, deadline, seen);
          }};
}

net::Task<void> Site::tell(net::Stream& client, net::Deadline& deadline, std::uint64_t seen) {
  const std::shared_ptr<void> counted(&++*viewers_, [viewers = viewers_](void*) { --*viewers; });
  net::Timer next(loop_.io);
  // Whoever watches says nothing more: what there is to read is the end.
  for (unsigned silent = 0; !client.has_input();) {
    refresh();
    std::string event;
    if (feed_.number() != seen) {
      event = "data: " + feed_.since(seen) + "\n\n";
      seen = feed_.number();
    } else if (++silent >= kSilentPeriods) {
      event = ":\n\n";
    }
    if (!event.empty()) {
      silent = 0;
      deadline.expires_after(kPatience);
      const net::IoError error = co_await client.write_all(event);
      if (error != net::IoError::none) {
        break;
      }
      deadline.clear();
    }
    // All wake at the same time, so that one look serves all.
    next.expires_at(std::chrono::floor<std::chrono::seconds>(net::Timer::clock_type::now()) +
                    kPeriod);
    co_await next.async_wait(net::kAsTuple);
  }
}

}  // namespace chainmend::server

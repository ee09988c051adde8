// Who cannot connect now, and why: a row for each type of client on each listener, those first that
// cannot; opened, it shows their last failures.
#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "proxy/clients/suites.h"
#include "proxy/server/page/parts.h"
#include "proxy/tls/explain.h"

namespace chainmend::server {

namespace {

// How it went in the last hour, worst first.
enum class Health : std::uint8_t { none_succeed, some_fail, well, quiet };

struct Judged {
  const ClientStanding* client;
  Minute hour;  // sums of the last hour
  Health health;
};

Judged judge(const ClientStanding& client) {
  Minute hour;
  for (const Minute& minute : client.minutes) {
    hour.good += minute.good;
    hour.failed += minute.failed;
  }
  const Health health = hour.failed > 0 ? hour.good > 0 ? Health::some_fail : Health::none_succeed
                        : hour.good > 0 ? Health::well
                                        : Health::quiet;
  return {&client, hour, health};
}

void mark_health(Html& html, Health health) {
  switch (health) {
    case Health::none_succeed:
      return mark(html, Mark::bad, "none get in");
    case Health::some_fail:
      return mark(html, Mark::warning, "some fail");
    case Health::well:
      return mark(html, Mark::good, "all get in");
    case Health::quiet:
      return mark(html, Mark::dim, "nobody called");
  }
}

// The most frequent reason of failures since the start.
tls::Reason top_reason(const metrics::ClientCounts& counts) {
  const auto most = std::ranges::max_element(counts.reasons);
  return *most == 0 ? tls::Reason::none : static_cast<tls::Reason>(most - counts.reasons.begin());
}

std::string percent(const Minute& sums) {
  const auto all = sums.good + sums.failed;
  return all == 0 ? "-"
                  : fmt::format("{:.0f} %",
                                100.0 * static_cast<double>(sums.good) / static_cast<double>(all));
}

// Bars of a minute each: good ones upwards, failed ones downwards.
void sparkline(Html& html, const Judged& one) {
  constexpr unsigned kHalf = 12;
  std::uint64_t most = 1;
  for (const Minute& minute : one.client->minutes) {
    most = std::max({most, minute.good, minute.failed});
  }
  std::string good;
  std::string failed;
  for (std::size_t i = 0; i < one.client->minutes.size(); ++i) {
    const auto height = [most](std::uint64_t count) {
      return count == 0 ? 0 : 1 + count * (kHalf - 1) / most;
    };
    const Minute& minute = one.client->minutes[i];
    if (minute.good > 0) {
      good += fmt::format("M{} {}v-{}", 2 * i + 1, kHalf, height(minute.good));
    }
    if (minute.failed > 0) {
      failed += fmt::format("M{} {}v{}", 2 * i + 1, kHalf, height(minute.failed));
    }
  }
  html.open("svg", {{"class", "spark"},
                    {"viewBox", fmt::format("0 0 {} {}", 2 * ClientHistory::kMinutes, 2 * kHalf)},
                    {"role", "img"},
                    {"aria-label", fmt::format("Last hour: {} succeeded, {} failed", one.hour.good,
                                               one.hour.failed)}});
  html.lone("path",
            {{"class", "axis"}, {"d", fmt::format("M0 {}H{}", kHalf, 2 * ClientHistory::kMinutes)}})
      .fixed(Html::Fixed("</path>"));
  html.lone("path", {{"class", "good"}, {"d", good.empty() ? "M0 0" : good}})
      .fixed(Html::Fixed("</path>"));
  html.lone("path", {{"class", "bad"}, {"d", failed.empty() ? "M0 0" : failed}})
      .fixed(Html::Fixed("</path>"));
  html.close();
}

void fact(Html& html, std::string_view name, std::string_view value) {
  html.open("div").element("dt", name).element("dd", value).close();
}

std::string listed(const std::vector<std::uint16_t>& numbers, std::string (*name)(std::uint16_t)) {
  std::string text;
  for (const std::uint16_t number : numbers) {
    text.append(text.empty() ? "" : ", ").append(name(number));
  }
  return text.empty() ? "none" : text;
}

std::string alert_of(const logs::LastFailure& failure) {
  if (!failure.alert) {
    return "none";
  }
  return fmt::format("{} ({}), {}", tls::alert_name(failure.alert->code), failure.alert->code,
                     failure.alert->direction == tls::AlertDirection::received
                         ? "sent by the client"
                         : "sent to the client");
}

std::string served_of(const logs::LastFailure& failure) {
  if (failure.certificate.empty()) {
    return "nothing of ours";
  }
  return fmt::format(
      "{}, chain {}: {} certificates, {} {}", failure.certificate, failure.chain, failure.length,
      failure.complete ? "complete up to the root" : "incomplete, missing:", failure.chain_issuer);
}

void failure_item(Html& html, const logs::LastFailure& failure) {
  html.open("li");
  html.open("p").element("time", when(failure.time)).text(" from ").element("b", failure.peer);
  html.text(": ").element("code", tls::to_string(failure.reason)).close();
  html.element("p", failure.hint, {{"class", "hint"}});
  html.open("dl", {{"class", "facts"}});
  fact(html, "Asked for", failure.server_name.empty() ? "no name" : failure.server_name);
  fact(html, "Offered versions", listed(failure.versions, [](std::uint16_t version) {
         return std::string(clients::version_label(version));
       }));
  fact(html, "Alert", alert_of(failure));
  fact(html, "Came as far as", tls::to_string(failure.stage));
  fact(html, "Chain, sent or due", served_of(failure));
  fact(html, "Offered suites", listed(failure.suites, clients::suite_name));
  html.close().close();
}

void failures_list(Html& html, const Overview& overview, const metrics::ClientCounts& counts) {
  html.open("ol", {{"class", "failures"}});
  std::size_t shown = 0;
  for (const logs::LastFailure& failure : overview.failures) {
    if (failure.listener == counts.listener && failure.client_type == counts.type.name()) {
      failure_item(html, failure);
      ++shown;
    }
  }
  html.close();
  if (shown == 0) {
    html.element("p", "No failed handshake is remembered.");
  }
}

Row row_of(const Overview& overview, const Judged& one) {
  const metrics::ClientCounts& counts = one.client->counts;
  const tls::Reason reason = top_reason(counts);
  const std::string_view reason_name = reason == tls::Reason::none ? "" : tls::to_string(reason);
  Row row{id_of({"client", counts.listener, counts.type.name()}),
          findable({counts.listener, counts.type.name(), reason_name}),
          {}};
  Html html;
  html.open("details", {{"id", row.id}, {"class", "row"}, {"data-find", row.find}});
  html.open("summary");
  mark_health(html, one.health);
  html.element("strong", counts.type.name());
  html.element("span", "on " + counts.listener, {{"class", "dim"}});
  sparkline(html, one);
  const Minute all = sum_of(counts);
  html.element("span",
               fmt::format("{} of the last hour, {} since the start ({} of {})", percent(one.hour),
                           percent(all), all.good, all.good + all.failed));
  if (reason != tls::Reason::none) {
    html.open("span", {{"class", "reason"}}).text("mostly ").element("code", reason_name);
    html.text(fmt::format(" ({}): ", counts.reasons[static_cast<std::size_t>(reason)]));
    html.text(tls::hint(reason)).close();
  }
  html.close();
  html.element("p", "Last success: " + when(counts.last_success));
  failures_list(html, overview, counts);
  html.close();
  row.html = html.take();
  return row;
}

}  // namespace

Section clients_section(const Overview& overview) {
  std::vector<Judged> judged;
  judged.reserve(overview.clients.size());
  for (const ClientStanding& client : overview.clients) {
    judged.push_back(judge(client));
  }
  std::ranges::sort(judged, {}, [](const Judged& one) {
    return std::tuple(one.health, ~one.hour.failed, one.client);  // else as they were
  });
  Section section{"clients", "Who cannot connect now", {}, {}, {}};
  std::size_t out = 0;
  for (const Judged& one : judged) {
    out += one.health == Health::none_succeed ? 1 : 0;
    section.rows.push_back(row_of(overview, one));
  }
  section.intro = intro(
      section.id, judged.empty() ? "No client has said hello since the start."
                  : out == 0
                      ? "Every type of client that called in the last hour got in, at least partly."
                      : fmt::format("{} of {} types of clients: none of theirs got in within the "
                                    "last hour. A row opens to the last failures.",
                                    out, judged.size()));
  return section;
}

}  // namespace chainmend::server

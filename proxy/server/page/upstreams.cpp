// The servers behind: how they stand, and what the last check and the last failure said.
#include <fmt/format.h>

#include "proxy/server/page/parts.h"

namespace chainmend::server {

namespace {

Mark mark_of(metrics::ServerState state) {
  using metrics::ServerState;
  switch (state) {
    case ServerState::up:
      return Mark::good;
    case ServerState::draining:
    case ServerState::disabled:
      return Mark::warning;
    default:
      return Mark::bad;
  }
}

std::string check_text(const upstream::CheckState& check) {
  return fmt::format("{}: {}{}{}, {}", upstream::name_of_scope(check.scope),
                     metrics::to_string(check.outcome), check.detail.empty() ? "" : ": ",
                     check.detail, when(check.at));
}

void trouble(Html& html, const ServerStanding& server) {
  html.open("ul");
  for (const upstream::CheckState& check : server.checks) {
    html.element("li", check_text(check), {{"class", check.well ? "dim" : "hint"}});
  }
  if (server.last_failure) {
    html.element("li", fmt::format("last failure {}: {}", when(server.last_failure->at),
                                   server.last_failure->text));
  }
  html.element("li", "last success " + when(server.last_success), {{"class", "dim"}});
  html.close();
}

std::string time_text(const ServerStanding& server) {
  if (!server.median) {
    return "no answer yet";
  }
  const auto within = [](std::chrono::nanoseconds time) {
    return fmt::format("{:g} ms", std::chrono::duration<double, std::milli>(time).count());
  };
  return "half within " + within(*server.median) +
         (server.slow ? ", 95 % within " + within(*server.slow) : ", some very slow");
}

// What the script sends, when somebody has given the token.
void buttons(Html& html, const std::string& upstream, const ServerStanding& server) {
  html.open("td", {{"class", "changes"}});
  for (const char* action : {"drain", "disable", "enable"}) {
    html.element("button", action,
                 {{"type", "button"},
                  {"hidden"},
                  {"data-change", std::string("/upstreams/") + action},
                  {"data-upstream", upstream},
                  {"data-server", server.name},
                  {"aria-label", std::string(action) + " " + server.name}});
  }
  html.close();
}

Row row_of(const Overview& overview, const std::string& upstream, const ServerStanding& server) {
  using metrics::UpstreamState;
  Row row{id_of({"server", upstream, server.name}),
          findable({upstream, server.name, metrics::to_string(server.state)}),
          {}};
  Html html;
  html.open("tr", {{"id", row.id}, {"data-find", row.find}});
  html.element("th", server.name, {{"scope", "row"}}).element("td", upstream).open("td");
  mark(html, mark_of(server.state), metrics::to_string(server.state));
  html.close();
  html.element(
      "td", fmt::format("{} active, {} idle, {} pinned", server.connections[UpstreamState::active],
                        server.connections[UpstreamState::idle],
                        server.connections[UpstreamState::pinned]));
  html.element("td", time_text(server));
  html.open("td");
  trouble(html, server);
  html.close();
  if (overview.may_change) {
    buttons(html, upstream, server);
  }
  html.close();
  row.html = html.take();
  return row;
}

}  // namespace

Section upstreams_section(const Overview& overview) {
  Section section{
      "upstreams",
      "Servers behind",
      {},
      {"Server", "Upstream", "State", "Connections", "First byte", "What was said last"},
      {}};
  if (overview.may_change) {
    section.columns.emplace_back("Change");
  }
  for (const UpstreamStanding& upstream : overview.upstreams) {
    for (const ServerStanding& server : upstream.servers) {
      section.rows.push_back(row_of(overview, upstream.name, server));
    }
  }
  section.intro =
      intro(section.id,
            section.rows.empty() ? "There are none." : "As traffic and health checks found them.");
  return section;
}

}  // namespace chainmend::server

#include "proxy/server/page/feed.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace chainmend::server {

std::string holder_of(const Section& section) { return section.id + "-rows"; }

void Feed::update(std::vector<Section> sections) {
  const std::uint64_t next = number_ + 1;
  bool changed = false;
  std::map<std::string, Piece> pieces;
  const auto take = [&](const std::string& id, const Markup& html) {
    const auto before = pieces_.find(id);
    const bool same = before != pieces_.end() && before->second.html == html;
    pieces[id] = same ? std::move(before->second) : Piece{html, next};
    changed = changed || !same;
  };
  for (const Section& section : sections) {
    take(section.id + "-intro", section.intro);
    std::vector<std::string> ids;
    for (const Row& row : section.rows) {
      take(row.id, row.html);
      ids.push_back(row.id);
    }
    Order& order = orders_[holder_of(section)];
    if (order.changed == 0 || order.ids != ids) {
      order = {std::move(ids), next};
      changed = true;
    }
  }
  pieces_ = std::move(pieces);
  sections_ = std::move(sections);
  if (changed) {
    number_ = next;
    written_.clear();
  }
}

const std::string& Feed::since(std::uint64_t number) {
  const auto [at, is_new] = written_.try_emplace(number);
  if (is_new) {
    nlohmann::json set = nlohmann::json::object();
    for (const auto& [id, piece] : pieces_) {
      if (piece.changed > number) {
        set[id] = piece.html.str();
      }
    }
    nlohmann::json orders = nlohmann::json::object();
    for (const auto& [id, order] : orders_) {
      if (order.changed > number) {
        orders[id] = order.ids;
      }
    }
    at->second =
        nlohmann::json{{"number", number_}, {"set", std::move(set)}, {"order", std::move(orders)}}
            .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  }
  return at->second;
}

}  // namespace chainmend::server

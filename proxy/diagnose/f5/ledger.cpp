#include "proxy/diagnose/f5/ledger.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "proxy/diagnose/f5/known_properties.h"

namespace chainmend::diagnose::f5 {

namespace {

LedgerLine line_for(const Object& object, const Statement& property, Outcome outcome,
                    std::string how, bool guards) {
  return {outcome,     object.kind,   object.name,    std::string(property.key()),
          object.file, property.line, std::move(how), guards};
}

// A nearer object says the same property.
bool is_overridden(const Configuration& config, const Object& nearest, const Object& object,
                   std::string_view key) {
  for (const Object* one : config.line_of(nearest)) {
    if (one == &object) {
      return false;
    }
    if (one->statement.find(key) != nullptr) {
      return true;
    }
  }
  return false;
}

bool is_off(const Statement& property) {
  const std::string value = property.value();
  return value == "none" || value == "disabled" || (property.has_body && property.body.empty());
}

}  // namespace

void Ledger::reach(const Object& object) {
  if (is_reached_.insert(&object).second) {
    reached_.push_back(&object);
  }
}

void Ledger::say(const Object& object, const Statement& property, Outcome outcome, std::string how,
                 bool guards) {
  std::vector<LedgerLine>& lines = said_[&property];
  LedgerLine line = line_for(object, property, outcome, std::move(how), guards);
  const bool is_known = std::ranges::any_of(lines, [&line](const LedgerLine& one) {
    return one.outcome == line.outcome && one.how == line.how;
  });
  if (!is_known) {
    lines.push_back(std::move(line));
  }
}

void Ledger::say(const Property& property, Outcome outcome, std::string how, bool guards) {
  if (property.is_said()) {
    say(*property.from, *property.statement, outcome, std::move(how), guards);
  }
}

void Ledger::say(const Object& object, Outcome outcome, std::string how, bool guards) {
  reach(object);
  say(object, object.statement, outcome, std::move(how), guards);
}

LedgerLine Ledger::unsaid(const Object& object, const Statement& property,
                          const Object& nearest) const {
  const std::string_view key = property.key();
  const auto with = [&](Outcome outcome, std::string how, bool guards = false) {
    return line_for(object, property, outcome, std::move(how), guards);
  };
  if (const auto whole = said_.find(&object.statement); whole != said_.end()) {
    const LedgerLine& first = whole->second.front();
    if (first.outcome == Outcome::not_mapped || first.outcome == Outcome::refused) {
      return with(first.outcome, "as the whole", false);
    }
  }
  if (is_overridden(config_, nearest, object, key)) {
    return with(Outcome::not_needed, nearest.name + " says otherwise");
  }
  if (const KnownProperty* const known = known_property(object.kind, key)) {
    const bool is_set =
        !is_off(property) && (known->harmless.empty() || property.value() != known->harmless);
    return is_set ? with(known->outcome, std::string(known->how), known->guards)
                  : with(Outcome::not_needed, "is off, or the default");
  }
  if (is_off(property)) {
    return with(Outcome::not_needed, "is off");
  }
  return with(Outcome::not_mapped,
              "chainmend knows no property of this name: look up what it does");
}

void Ledger::close(const Object& object, const Statement& of, const std::string& prefix,
                   const Object& nearest, std::vector<LedgerLine>& out) const {
  for (const Statement& property : of.body) {
    const std::string name = prefix + std::string(property.key());
    const std::size_t first = out.size();
    const bool counts = of.find(property.key()) == &property || property.key().empty();
    if (const auto said = said_.find(&property); said != said_.end()) {
      out.insert(out.end(), said->second.begin(), said->second.end());
    } else if (!counts) {
      out.push_back(line_for(object, property, Outcome::not_needed,
                             "the same stands further down, and counts", false));
    } else if (!open_.contains(&property)) {
      out.push_back(unsaid(object, property, nearest));
    }
    for (std::size_t i = first; i < out.size(); ++i) {
      out[i].property = name;
    }
    if (open_.contains(&property)) {
      close(object, property, name + " ", nearest, out);
    }
  }
}

std::vector<LedgerLine> Ledger::close() const {
  std::vector<LedgerLine> out;
  std::set<const Object*> done;
  for (const Object* object : reached_) {
    if (const auto whole = said_.find(&object->statement); whole != said_.end()) {
      for (LedgerLine line : whole->second) {
        line.property.clear();
        out.push_back(std::move(line));
      }
    }
    for (const Object* one : config_.line_of(*object)) {
      if (!one->is_default && done.insert(one).second) {
        close(*one, one->statement, "", *object, out);
      }
    }
  }
  return out;
}

}  // namespace chainmend::diagnose::f5

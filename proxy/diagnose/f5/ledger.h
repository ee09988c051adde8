// Ledger: what becomes of each property of each object that an import reaches. Nothing gets lost:
// what no mapping spoke of is looked up among the properties that are known to have no equal, and
// is told as unknown when it is not among them either.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "proxy/diagnose/f5/configuration.h"
#include "proxy/enums/names.h"

namespace chainmend::diagnose::f5 {

enum class Outcome : std::uint8_t {
  mapped,        // has its equal
  approximated,  // has something like it; `how` says what is different
  not_mapped,    // has no equal; `how` says what clients will see of that
  not_needed,    // makes no difference: off, a default, or of the machine
  refused,       // stands in the way of the whole virtual
};
inline constexpr enums::Names<Outcome> kOutcomeNames{"mapped", "approximated", "not mapped",
                                                     "not needed", "refused"};
constexpr const char* to_string(Outcome outcome) { return kOutcomeNames[outcome]; }

struct LedgerLine {
  Outcome outcome = Outcome::mapped;
  std::string kind, object;  // "ltm pool", "/Common/cas"
  std::string property;      // "members /Common/10.0.0.1:443"; empty: the object as a whole
  std::string file;
  std::size_t line = 0;
  std::string how;      // a clause without full stop
  bool guards = false;  // it keeps somebody out, or did
};

class Ledger {
 public:
  explicit Ledger(const Configuration& config) : config_(config) {}

  // The object counts, with all that it inherits.
  void reach(const Object& object);
  void say(const Object& object, const Statement& property, Outcome outcome, std::string how,
           bool guards = false);
  // Of a property that counts for an object; one that nobody wrote needs no line.
  void say(const Property& property, Outcome outcome, std::string how, bool guards = false);
  // Of the object as a whole.
  void say(const Object& object, Outcome outcome, std::string how, bool guards = false);
  // The entries of this property are told one by one.
  void open(const Statement& property) { open_.insert(&property); }

  // Everything that was said, and everything that was not, in the order in which objects were
  // reached.
  std::vector<LedgerLine> close() const;

 private:
  void close(const Object& object, const Statement& of, const std::string& prefix,
             const Object& nearest, std::vector<LedgerLine>& out) const;
  LedgerLine unsaid(const Object& object, const Statement& property, const Object& nearest) const;

  const Configuration& config_;
  std::vector<const Object*> reached_;
  std::set<const Object*> is_reached_;
  std::set<const Statement*> open_;
  std::unordered_map<const Statement*, std::vector<LedgerLine>> said_;
};

}  // namespace chainmend::diagnose::f5

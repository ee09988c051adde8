#include "proxy/clients/hello_rules.h"

#include <vector>

namespace chainmend::clients {
namespace {

using Span = std::span<const std::uint16_t>;

// A list of a hello as rules look at it: without GREASE and the fallback signal. What is beyond
// kMost entries, more than any known client sends, is not looked at.
class Offered {
 public:
  static constexpr std::size_t kMost = 256;

  explicit Offered(const std::vector<std::uint16_t>& list) {
    constexpr std::uint16_t kFallback = 0x5600;  // RFC 7507: not of the client but of this try
    for (const std::uint16_t code : list) {
      if (size_ < kMost && code != kFallback && !is_grease(code)) {
        codes_[size_++] = code;
      }
    }
  }
  Span span() const { return Span(codes_).first(size_); }

 private:
  std::array<std::uint16_t, kMost> codes_;
  std::size_t size_ = 0;
};

bool contains(Span all, std::uint16_t one) { return std::ranges::find(all, one) != all.end(); }

bool begins(Span all, Span with) {
  return all.size() >= with.size() && std::ranges::equal(all.first(with.size()), with);
}

bool ends(Span all, Span with) {
  return all.size() >= with.size() && std::ranges::equal(all.last(with.size()), with);
}

bool has_run(Span all, Span run) { return run.empty() || !std::ranges::search(all, run).empty(); }

bool in_order(Span all, Span order) {
  if (order.empty()) {
    return true;
  }
  const auto first = std::ranges::find(all, order[0]);
  return first != all.end() && first < std::ranges::find(all, order[1]);
}

bool has_shape(Span all, const ListShape& shape) {
  const auto is_in = [all](std::uint16_t code) { return contains(all, code); };
  const auto is_allowed = [&](std::uint16_t code) { return contains(shape.within.span(), code); };
  return begins(all, shape.begins.span()) && ends(all, shape.ends.span()) &&
         has_run(all, shape.run.span()) && in_order(all, shape.order.span()) &&
         std::ranges::all_of(shape.with.span(), is_in) &&
         std::ranges::none_of(shape.without.span(), is_in) &&
         (shape.within.empty() || std::ranges::all_of(all, is_allowed));
}

bool sends_grease(const ClientHello& hello) {
  return std::ranges::any_of(hello.suites, is_grease) ||
         std::ranges::any_of(hello.extensions, is_grease);
}

struct Facts {
  const ClientHello& hello;
  Offered suites{hello.suites};
  Offered extensions{hello.extensions};
  std::uint16_t version = hello.max_version();
  bool grease = sends_grease(hello);
};

bool fits(const HelloRule& rule, const Facts& facts) {
  return (!rule.format || *rule.format == facts.hello.format) && facts.version <= rule.at_most &&
         (rule.grease == Grease::any || facts.grease == (rule.grease == Grease::sent)) &&
         (rule.block == Extensions::any || !facts.hello.has_extensions) &&
         has_shape(facts.suites.span(), rule.suites) &&
         has_shape(facts.extensions.span(), rule.extensions);
}

// The types of the rules, looked up once.
struct Types {
  struct OfRule {
    ClientType type;
    ClientType before_tls12;
  };
  std::array<OfRule, kHelloRules.size()> rules;
  std::array<ClientType, kKnownPrints.size()> prints;
  ClientType tls10 = ClientType::named("unknown_tls10");
  ClientType tls11 = ClientType::named("unknown_tls11");
  ClientType tls12 = ClientType::named("unknown_tls12");
  ClientType tls13 = ClientType::named("unknown_tls13");

  Types() {
    for (std::size_t i = 0; i < rules.size(); ++i) {
      const HelloRule& rule = kHelloRules[i];
      const auto older = rule.type_before_tls12.empty() ? rule.type : rule.type_before_tls12;
      rules[i] = {ClientType::named(rule.type), ClientType::named(older)};
    }
    for (std::size_t i = 0; i < prints.size(); ++i) {
      prints[i] = ClientType::named(kKnownPrints[i].type);
    }
  }
};

const Types& types() {
  static const Types all;
  return all;
}

Classification by_version(std::uint16_t version) {
  const Types& all = types();
  const ClientType type = version <= kTls10   ? all.tls10
                          : version == kTls11 ? all.tls11
                          : version == kTls12 ? all.tls12
                                              : all.tls13;
  return {type, Confidence::none, "version"};
}

}  // namespace

Classification classify_hello(const ClientHello& hello, const Ja4& ja4) {
  for (std::size_t i = 0; i < kKnownPrints.size(); ++i) {
    if (text_of(ja4) == kKnownPrints[i].ja4) {
      return {types().prints[i], Confidence::high, "known_hello"};
    }
  }
  const Facts facts{.hello = hello};
  for (std::size_t i = 0; i < kHelloRules.size(); ++i) {
    if (fits(kHelloRules[i], facts)) {
      const auto& of_rule = types().rules[i];
      return {facts.version < kTls12 ? of_rule.before_tls12 : of_rule.type,
              kHelloRules[i].confidence, kHelloRules[i].name};
    }
  }
  return by_version(facts.version);
}

}  // namespace chainmend::clients

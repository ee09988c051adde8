#include "proxy/diagnose/f5/import.h"

#include <algorithm>
#include <set>
#include <utility>

#include "config/yaml_text.h"
#include "proxy/diagnose/f5/known_properties.h"
#include "proxy/diagnose/f5/mapping.h"

namespace chainmend::diagnose::f5 {

namespace {

std::vector<const Object*> chosen(const Configuration& config, const ImportOptions& options,
                                  Import& out) {
  if (options.virtuals.empty()) {
    return config.all("ltm virtual");
  }
  std::vector<const Object*> chosen;
  for (const std::string& name : options.virtuals) {
    if (const Object* const found = config.find("ltm virtual", name)) {
      chosen.push_back(found);
    } else {
      out.unknown.push_back(name);
    }
  }
  return chosen;
}

// Properties of the virtual that guard it by what they are.
void add_known_guards(const Object& object, std::vector<Objection>& out) {
  for (const Statement& property : object.statement.body) {
    const KnownProperty* const known = known_property(object.kind, property.key());
    const std::string value = property.value();
    if (known != nullptr && known->guards && value != "none" && value != "disabled") {
      out.push_back({&object, &property, std::string(known->how)});
    }
  }
}

std::string joined(const std::vector<Objection>& objections) {
  std::string out;
  for (const Objection& one : objections) {
    out += (out.empty() ? "" : "; ") + one.text;
  }
  return out;
}

class Importing {
 public:
  Importing(Mapping& mapping, Import& out) : in_(mapping), out_(out) {}

  void take(const Object& object) {
    const VirtualServer of = look_up(in_.config, object);
    if (of.is_disabled && in_.options.virtuals.empty()) {
      leave_out(object, {{&object, object.statement.find("disabled"),
                          "is disabled; name it by --virtual to have it"}});
      return;
    }
    auto against = refusals(in_.config, of);
    add_address_refusals(of, against);
    if (!against.empty()) {
      leave_out(object, against);
      return;
    }
    auto guarding = guards(in_.config, of);
    add_known_guards(object, guarding);
    for (const Object* profile : of.client_ssl) {
      for (const Object* one : in_.config.line_of(*profile)) {
        add_known_guards(*one, guarding);
      }
    }
    if (!guarding.empty() && !in_.options.i_know) {
      leave_out(object, guarding, true);
      return;
    }
    map_listener(in_, of, guarding);
    ++out_.taken;
  }

 private:
  void add_address_refusals(const VirtualServer& of, std::vector<Objection>& against) {
    if (!of.destination) {
      return;
    }
    const Statement* const said = of.object->statement.find("destination");
    const std::string address = here(in_, of.destination->address);
    if (of.destination->route_domain != 0 && address == of.destination->address) {
      against.push_back({of.object, said,
                         "is in a route domain: give it an address here by --map " +
                             of.destination->address + "=ADDRESS"});
    }
    const std::string place = host_and_port(address, of.destination->port);
    if (against.empty() && !places_.insert(place).second) {
      against.push_back({of.object, said, "another virtual listens on " + place + " already"});
    }
  }

  void leave_out(const Object& object, const std::vector<Objection>& why, bool guards = false) {
    if (why.front().property != nullptr && why.front().object == &object) {
      in_.ledger.say(object, Outcome::refused, "is left out", guards);
    }
    for (const Objection& one : why) {
      const std::string text = one.text + (guards ? "; --i-know takes it without that" : "");
      if (one.property == nullptr || one.object != &object) {
        in_.ledger.say(object, Outcome::refused, text, guards);
      } else {
        in_.ledger.reach(object);
        in_.ledger.say(object, *one.property, Outcome::refused, text, guards);
      }
    }
    out_.left_out.push_back(object.name + ": " + joined(why));
    if (guards) {
      out_.left_out.back() += " (--i-know takes it all the same)";
    }
  }

  Mapping& in_;
  Import& out_;
  std::set<std::string> places_;
};

std::string scalars(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& one : words) {
    out += (out.empty() ? "" : ", ") + config::scalar(one);
  }
  return out;
}

std::string write(const Mapping& in) {
  Yaml out;
  out.note(0, "Made by chainmend import-f5" +
                  (in.config.version_text().empty()
                       ? ""
                       : " of a configuration of TMOS " + in.config.version_text()) +
                  (in.options.as_is
                       ? ", with the certificate lists as the BIG-IP sends them: to see it fail."
                       : "."));
  out.note(0, "Behind each value stands which object of the BIG-IP it comes from.");
  std::vector<std::string> bundles = in.bundles;
  bundles.insert(bundles.end(), in.options.bundles.begin(), in.options.bundles.end());
  if (!bundles.empty() || !in.options.trust.empty()) {
    out.line(0, "chain:");
  }
  if (!bundles.empty()) {
    out.line(1, "bundles: [" + scalars(bundles) + "]", "chains of client-ssl profiles");
  }
  if (!in.options.trust.empty()) {
    out.line(1, "trust: [system, " + scalars(in.options.trust) + "]");
  }
  const std::pair<const char*, const Yaml*> sections[] = {{"certificates:", &in.certificates},
                                                          {"tls_policies:", &in.policies},
                                                          {"listeners:", &in.listeners},
                                                          {"upstreams:", &in.upstreams}};
  for (const auto& [name, section] : sections) {
    if (!section->empty()) {
      out.line(0, name);
      out.add(*section);
    }
  }
  return out.text();
}

}  // namespace

Import import_f5(const Configuration& config, const CertificateStore& store,
                 const ImportOptions& options) {
  Import out;
  Mapping mapping{config, store, options};
  Importing importing(mapping, out);
  for (const Object* object : chosen(config, options, out)) {
    importing.take(*object);
  }
  if (out.taken > 0) {
    out.yaml = write(mapping);
  }
  for (const auto& [address, ignored] : options.addresses) {
    if (!mapping.used_addresses.contains(address)) {
      out.unused_addresses.push_back(address);
    }
  }
  out.lines = mapping.ledger.close();
  out.files = std::move(mapping.files);
  return out;
}

}  // namespace chainmend::diagnose::f5

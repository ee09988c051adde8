#include "proxy/diagnose/f5/virtual_server.h"

#include <algorithm>

namespace chainmend::diagnose::f5 {

namespace {

// Profiles of all kinds that a virtual may name.
const Object* find_profile(const Configuration& config, std::string_view name, const Object& near) {
  for (const char* kind : {"ltm profile", "apm profile", "security", "asm", "pem", "ilx"}) {
    if (const Object* const found = config.find(kind, name, &near)) {
      return found;
    }
  }
  return nullptr;
}

void sort_profile(const Object& profile, const Statement& entry, VirtualServer& out) {
  const std::string& kind = profile.kind;
  if (kind == "ltm profile client-ssl") {
    out.client_ssl.push_back(&profile);
  } else if (kind == "ltm profile server-ssl") {
    out.server_ssl.push_back(&profile);
  } else if (kind == "ltm profile http") {
    out.http = &profile;
  } else if (kind == "ltm profile tcp" || kind == "ltm profile fastl4") {
    const Statement* const context = entry.find("context");
    if (context == nullptr || context->value() != "serverside") {
      out.tcp = &profile;
    } else {
      out.other_profiles.push_back(&profile);
    }
  } else if (kind == "ltm profile one-connect") {
    out.one_connect = &profile;
  } else if (kind == "ltm profile ntlm") {
    out.ntlm = &profile;
  } else {
    out.other_profiles.push_back(&profile);
  }
}

std::string without_blanks(std::string_view text) {
  std::string out;
  std::ranges::copy_if(text, std::back_inserter(out), [](char c) { return c > ' '; });
  return out;
}

bool redirects_all(const Object& rule) {
  const std::string text = without_blanks(rule.statement.raw);
  return text.starts_with("whenHTTP_REQUEST{HTTP::redirecthttps://[") &&
         text.find("[HTTP::uri]") != std::string::npos && text.find("if{") == std::string::npos &&
         text.find("switch") == std::string::npos;
}

// The words that a statement and all in it have.
bool has_word(const Statement& in, std::string_view word) {
  return std::ranges::find(in.words, word) != in.words.end() ||
         std::ranges::any_of(in.body, [word](const Statement& one) { return has_word(one, word); });
}

std::string code_of(const Object& rule) {
  std::string code;
  const std::string_view raw = rule.statement.raw;
  for (std::size_t from = 0; from < raw.size();) {
    const std::size_t end = std::min(raw.find('\n', from), raw.size());
    const std::string_view line = raw.substr(from, end - from);
    const auto first = line.find_first_not_of(" \t");
    if (first != std::string_view::npos && line[first] != '#') {
      code += " " + std::string(line) + " ";
    }
    from = end + 1;
  }
  return code;
}

bool is_word_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':';
}

// The command as a whole word; "HTTP::" is the beginning of one.
bool calls(const std::string& code, std::string_view command) {
  for (auto at = code.find(command); at != std::string::npos; at = code.find(command, at + 1)) {
    const std::size_t end = at + command.size();
    if ((at == 0 || !is_word_char(code[at - 1])) &&
        (command.ends_with(':') || end >= code.size() || !is_word_char(code[end]))) {
      return true;
    }
  }
  return false;
}

struct Deed {
  std::string_view command;
  std::string_view text;
  bool denies = false;
};
constexpr Deed kDeeds[] = {
    {"reject", "resets connections", true},
    {"drop", "drops connections", true},
    {"discard", "drops connections", true},
    {"TCP::close", "closes connections", true},
    {"HTTP::disable", "stops looking at requests", true},
    {"ACCESS::", "asks APM who somebody is", true},
    {"AUTH::", "asks who somebody is", true},
    {"ASM::", "asks ASM", true},
    {"SSL::verify_result", "judges certificates of clients", true},
    {"SSL::cert", "reads certificates of clients", true},
    {"HTTP::respond", "answers by itself", true},
    {"pool", "chooses a pool", false},
    {"node", "chooses a server", false},
    {"persist", "chooses who stays with which server", false},
    {"HTTP::redirect", "redirects", false},
    {"HTTP::header", "reads or changes header fields", false},
    {"HTTP::uri", "reads or changes the path", false},
    {"SSL::", "changes TLS", false},
    {"ONECONNECT::", "decides which connections are shared", false},
};

constexpr std::string_view kNotExecuted = "is not executed";

}  // namespace

std::string deeds_of(const Object& rule) {
  const std::string code = code_of(rule);
  std::string text;
  for (const Deed& deed : kDeeds) {
    if (calls(code, deed.command) && text.find(deed.text) == std::string::npos) {
      text += (text.empty() ? "" : ", ") + std::string(deed.text);
    }
  }
  return text;
}

VirtualServer look_up(const Configuration& config, const Object& object) {
  VirtualServer out;
  out.object = &object;
  out.is_disabled = object.statement.find("disabled") != nullptr;
  out.destination = read_destination(object.value("destination"));
  if (out.destination && !out.destination->address.empty() &&
      !is_address(out.destination->address)) {
    if (const Object* const address =
            config.find("ltm virtual-address", out.destination->address, &object)) {
      out.destination->address =
          without_route_domain(address->value("address"), out.destination->route_domain);
    }
  }
  if (const Statement* const profiles = object.statement.find("profiles")) {
    for (const Statement& entry : profiles->body) {
      for (const std::string& name : entry.words) {  // "{ http tcp }" has several in one entry
        if (const Object* const profile = find_profile(config, name, object)) {
          sort_profile(*profile, entry, out);
        } else {
          out.unknown_profiles.push_back(&entry);
        }
      }
    }
  }
  out.pool = config.find("ltm pool", object.value("pool"), &object);
  if (const Statement* const persist = object.statement.find("persist")) {
    const std::string name =
        persist->body.empty() ? persist->value() : std::string(persist->body[0].key());
    out.persistence = config.find("ltm persistence", name, &object);
  }
  if (const Statement* const rules = object.statement.find("rules")) {
    for (const std::string& name : rules->list()) {
      if (const Object* const rule = config.find("ltm rule", name, &object)) {
        out.rules.push_back(rule);
        out.is_redirect = out.is_redirect || redirects_all(*rule);
      }
      out.is_redirect = out.is_redirect || full_name(name) == "/Common/_sys_https_redirect";
    }
  }
  if (const Statement* const policies = object.statement.find("policies")) {
    for (const Statement& entry : policies->body) {
      for (const std::string& name : entry.words) {
        if (const Object* const policy = config.find("ltm policy", name, &object)) {
          out.policies.push_back(policy);
        }
      }
    }
  }
  return out;
}

std::vector<Objection> refusals(const Configuration& config, const VirtualServer& of) {
  const Object& object = *of.object;
  std::vector<Objection> out;
  const auto refuse = [&](std::string_view key, std::string text) {
    out.push_back({&object, object.statement.find(key), std::move(text)});
  };
  constexpr std::pair<const char*, const char*> kForms[] = {
      {"ip-forward", "forwards packets, and is no proxy"},
      {"l2-forward", "forwards frames, and is no proxy"},
      {"reject", "refuses connections by design"},
      {"dhcp-relay", "relays DHCP"},
      {"traffic-matching-criteria", "takes its addresses from a list of traffic-matching-criteria"},
  };
  for (const auto& [key, text] : kForms) {
    if (const Statement* const found = object.statement.find(key);
        found != nullptr && found->value() != "none" && found->value() != "disabled") {
      refuse(key, text);
    }
  }
  if (object.statement.find("internal") != nullptr) {
    refuse("internal", "is for ICAP and the like, inside the machine");
  }
  const std::string protocol = object.value("ip-protocol");
  if (!protocol.empty() && protocol != "tcp" && protocol != "6" && protocol != "any") {
    refuse("ip-protocol", "speaks " + protocol + ", and chainmend TCP alone");
  }
  if (object.statement.find("destination") != nullptr && !of.destination) {
    refuse("destination", "its port cannot be told");
  } else if (!of.destination || of.destination->port == 0) {
    refuse("destination", "is for any port: give a listener one");
  } else if (!of.destination->address.empty() && !is_address(of.destination->address)) {
    refuse("destination", "no file tells the address of " + of.destination->address);
  }
  if (object.value("translate-address") == "disabled") {
    refuse("translate-address",
           "servers get packets for the address of the virtual (direct return)");
  }
  for (const Object* profile : of.client_ssl) {
    for (const char* key : {"ssl-forward-proxy", "proxy-ssl"}) {
      if (config.property(*profile, key).value == "enabled") {
        out.push_back(
            {&object, nullptr, profile->name + " makes it a TLS proxy for others (" + key + ")"});
      }
    }
  }
  if (of.pool == nullptr && !of.is_redirect) {
    const bool says_one =
        object.statement.find("pool") != nullptr && object.value("pool") != "none";
    const bool has_program = !of.rules.empty() || !of.policies.empty();
    refuse("pool", says_one ? "no file has its pool " + object.value("pool")
                   : has_program
                       ? "has no pool: an iRule or a policy chooses one, and neither is executed"
                       : "has no pool");
  }
  return out;
}

std::vector<Objection> guards(const Configuration& config, const VirtualServer& of) {
  const Object& object = *of.object;
  std::vector<Objection> out;
  if (const Property source = config.property(object, "source");
      source.is_said() && source.value != "0.0.0.0/0" && source.value != "::/0" &&
      source.value != "0.0.0.0%0/0") {
    out.push_back({source.from, source.statement,
                   "only " + source.value + " may come, and chainmend asks nobody"});
  }
  if (object.statement.find("vlans-enabled") != nullptr) {
    out.push_back({&object, object.statement.find("vlans-enabled"),
                   "only clients on some VLANs may come: listen on an address of theirs"});
  }
  for (const Object* profile : of.other_profiles) {
    if (!profile->kind.starts_with("ltm profile") || profile->kind == "ltm profile web-security" ||
        profile->kind == "ltm profile websecurity") {
      out.push_back({profile, nullptr, profile->kind + " guards it, and nothing of that happens"});
    }
  }
  for (const Statement* entry : of.unknown_profiles) {
    out.push_back(
        {&object, entry, "no file has this profile, so that nobody knows whether it guards"});
  }
  for (const Object* profile : of.client_ssl) {
    const Property mode = config.property(*profile, "peer-cert-mode");
    if (mode.value == "require" || mode.value == "request" || mode.value == "always") {
      out.push_back(
          {mode.from, mode.statement, "clients are asked for a certificate (" + mode.value + ")"});
    }
  }
  for (const Object* rule : of.rules) {
    const std::string code = code_of(*rule);
    for (const Deed& deed : kDeeds) {
      if (deed.denies && calls(code, deed.command)) {
        out.push_back(
            {rule, nullptr, std::string(deed.text) + ", and " + std::string(kNotExecuted)});
        break;
      }
    }
  }
  for (const Object* policy : of.policies) {
    for (const char* word : {"reset", "drop", "asm", "shutdown", "deny", "access"}) {
      if (has_word(policy->statement, word)) {
        out.push_back(
            {policy, nullptr,
             "has '" + std::string(word) + "' among its rules, and " + std::string(kNotExecuted)});
        break;
      }
    }
  }
  return out;
}

}  // namespace chainmend::diagnose::f5

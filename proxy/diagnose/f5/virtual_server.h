// VirtualServer: what a virtual of a BIG-IP is made of, with its profiles looked up, and what
// stands in the way of serving it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "proxy/diagnose/f5/address.h"
#include "proxy/diagnose/f5/configuration.h"

namespace chainmend::diagnose::f5 {

struct VirtualServer {
  const Object* object = nullptr;
  std::optional<Destination> destination;  // with the address looked up
  std::vector<const Object*> client_ssl, server_ssl;
  const Object* http = nullptr;
  const Object* tcp = nullptr;  // of the client's side
  const Object* one_connect = nullptr;
  const Object* ntlm = nullptr;
  const Object* pool = nullptr;
  const Object* persistence = nullptr;
  std::vector<const Object*> other_profiles;
  std::vector<const Statement*> unknown_profiles;  // no file has them, and F5 has none of the name
  std::vector<const Object*> rules, policies;
  bool is_redirect = false;  // to https, by F5's own rule or one that does the same
  bool is_disabled = false;
};

VirtualServer look_up(const Configuration& config, const Object& object);

// What is said against it, with the property that says it.
struct Objection {
  const Object* object = nullptr;
  const Statement* property = nullptr;  // null: the object as a whole
  std::string text;                     // a clause without full stop
};

// Why it cannot be a listener at all.
std::vector<Objection> refusals(const Configuration& config, const VirtualServer& of);
// What of it keeps somebody out, and would not any more.
std::vector<Objection> guards(const Configuration& config, const VirtualServer& of);

// What an iRule does, by the commands that stand in it: "chooses a pool, redirects". Empty: nothing
// of that kind.
std::string deeds_of(const Object& rule);

}  // namespace chainmend::diagnose::f5

// What to write where, so that a server sends the whole list: one recipe for each product that
// stands in front of Exchange or Mitel. Pure.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "proxy/diagnose/probe/client_verdict.h"
#include "proxy/diagnose/served_list.h"

namespace chainmend::diagnose {

struct Recipe {
  std::string product;             // "F5 BIG-IP"
  std::vector<std::string> notes;  // what the reader has to know or replace
  std::string text;                // commands or configuration, as they are typed; ends a line
};

// The files that the recipes speak of.
struct FixFiles {
  std::string list;                // the whole list, leaf first: pem_of()
  std::string chain;               // the same without the leaf: chain_pem_of()
  std::vector<std::string> roots;  // of a private authority, as given; empty: the system's
};

// What chainmend in front of the server has to know.
struct Front {
  std::string server;       // as probed: "10.0.0.5:443"
  std::string server_name;  // of its certificate; empty: not known
  // Client types, as their hello tells them, that the default policy leaves out, and the policy
  // that serves them.
  std::map<std::string, std::string> policies;
};

// The policies for those clients that fail for the list alone: chainmend shall serve them.
std::map<std::string, std::string> policies_for(const std::vector<ClientVerdict>& clients,
                                                const certs::Certificate& leaf);

std::vector<Recipe> recipes(const Front& front, const FixFiles& files);

// PEM of the list as it should be; without the root. Empty: no way to a root is known.
std::string pem_of(const ListVerdict& verdict);
std::string chain_pem_of(const ListVerdict& verdict);

}  // namespace chainmend::diagnose

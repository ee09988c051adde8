// What to write where, so that a server sends the whole list: one recipe for each product that
// stands in front of Exchange or Mitel. Pure.
#pragma once

#include <string>
#include <vector>

#include "proxy/diagnose/probe/target.h"
#include "proxy/diagnose/served_list.h"

namespace chainmend::diagnose {

struct Recipe {
  std::string product;             // "F5 BIG-IP"
  std::vector<std::string> notes;  // what the reader has to know or replace
  std::string text;                // commands or configuration, as they are typed; ends a line
};

// The files that the recipes speak of.
struct FixFiles {
  std::string list;   // the whole list, leaf first: pem_of()
  std::string chain;  // the same without the leaf: chain_pem_of()
  std::string roots;  // of a private authority, as given by the caller; empty: the system's
};

std::vector<Recipe> recipes(const Target& target, const std::string& server_name,
                            const FixFiles& files);

// PEM of the list as it should be; without the root. Empty: no way to a root is known.
std::string pem_of(const ListVerdict& verdict);
std::string chain_pem_of(const ListVerdict& verdict);

}  // namespace chainmend::diagnose

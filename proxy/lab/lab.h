// Lab: a scenario on loopback: a VIP that does something wrong, one that does not, chainmend in
// front of the first, the servers behind, and the files that go with them. The VIPs are chainmend
// as well, told to serve a list as it is given.
//
// Ports from the base on, by place:
//   1 {internal}   the VIP of the scenario       5 the web server of the authority
//   2 {external}   one with the whole list       6 admin listener of the VIPs
//   3 {chainmend}  chainmend before {internal}   7 that of chainmend
//   4 the server behind
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "certs/result.h"
#include "proxy/lab/backend.h"
#include "proxy/lab/child.h"
#include "proxy/lab/scenario.h"

namespace chainmend::lab {

inline constexpr int kPorts = 7;

// Where the parts of a lab are: enough to change it from another process.
struct Site {
  std::filesystem::path folder;  // absolute
  std::uint16_t base = 0;        // ports base + 1 to base + kPorts
  const Scenario* scenario = nullptr;

  std::string at(int part) const;  // "127.0.0.1:8451"
  // With the places and times in it filled in.
  std::string filled(std::string_view text) const;
  std::vector<std::string> filled(const std::vector<std::string_view>& words) const;
};

// The lab in this folder. Fails when there is none.
certs::Result<Site> find_site(const std::filesystem::path& folder);

// Makes certificates, configurations and logs, broken, in place of a lab that was there before.
// Fails when the folder holds something else.
certs::Result<void> prepare(const Site& site);

// Breaks or fixes it, and has what runs there take it. Fails when nothing runs there.
certs::Result<void> change(const Site& site, State state);

class Lab {
 public:
  // What was prepared; program: chainmend. Returns when all of it serves.
  static certs::Result<Lab> start(const Site& site, const std::string& program);
  // Empty, or which part ended by itself, with the end of its log.
  std::string fallen();

 private:
  struct Part {
    std::string name;
    std::filesystem::path log;
    Child child;
  };
  std::unique_ptr<Backend> backend_;
  std::vector<Part> parts_;
};

}  // namespace chainmend::lab

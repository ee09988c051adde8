// What was learned of clients, on disk: one line per address, hello and type, so that a damaged
// line costs itself alone. Waits for the disk: not for a worker.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "proxy/clients/learned.h"

namespace chainmend::clients {

struct LearnedFile {
  std::vector<LearnedClients::Entry> entries;
  std::string problem;  // empty: read whole, or there is no such file yet
};

LearnedFile read_learned(const std::filesystem::path& file);
// Whole or not at all, readable by us alone: it holds addresses. Returns the problem; empty: none.
std::string write_learned(const std::filesystem::path& file,
                          const std::vector<LearnedClients::Entry>& entries);

}  // namespace chainmend::clients

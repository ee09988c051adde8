// Prompt: questions to a person at a terminal, with defaults.
#pragma once

#include <functional>
#include <string>

namespace chainmend::cli {

// True when standard input and output are both a terminal, so that somebody can be asked.
bool can_ask();

// Says what is wrong with an answer; empty: nothing.
using Judge = std::function<std::string(const std::string& answer)>;

// Asks until the answer will do. An empty answer is the default. At the end of the input the answer
// is the default, or the program ends when that will not do.
std::string ask(const std::string& question, const std::string& otherwise, const Judge& judge);

}  // namespace chainmend::cli

// nearest: the word that was probably meant, for "did you mean".
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace chainmend::config {

// The candidate closest to word: a few typing errors away, or one the beginning of the other; case
// and - or _ make no difference. Nothing when none is close. The result borrows from candidates; of
// equals the first wins.
std::optional<std::string_view> nearest(std::string_view word,
                                        const std::vector<std::string_view>& candidates);

}  // namespace chainmend::config

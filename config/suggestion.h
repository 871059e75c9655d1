#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace steer::config {

// How many single-letter changes (insert, delete, replace, swap neighbours) lie between two words;
// at most `kWordSizeMax` letters of each are looked at.
inline constexpr std::size_t kWordSizeMax = 64;
std::size_t edit_distance(std::string_view a, std::string_view b);

// The candidate that `word` is most likely a slip for, or nothing if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> candidates);

// "; did you mean 'x'?" or an empty text.
std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates);

}  // namespace steer::config

#pragma once

#include <span>
#include <string>
#include <string_view>

namespace steer::admin {

// What somebody who wrote `word` probably meant: the member of `known` that a few typing mistakes
// or another prefix ("dispatcher.list" for "sipsteer.list") away. Empty if none is near.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known);

// "a, b, c": for the same message, all that would have been understood.
std::string listed(std::span<const std::string_view> words);

}  // namespace steer::admin

#include "admin/nearest_word.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

#include "config/suggestion.h"

namespace steer::admin {
namespace {

constexpr std::size_t kSizePerMistake = 3;  // One mistake is forgiven for so many letters.

std::string_view after_last_dot(std::string_view word) {
  const std::size_t dot = word.rfind('.');
  return dot == std::string_view::npos ? word : word.substr(dot + 1);
}

}  // namespace

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > config::kWordSizeMax) return {};
  std::string_view nearest;
  constexpr std::size_t kFar = std::numeric_limits<std::size_t>::max();
  std::pair least{kFar, kFar};  // Of two equal ends the one whose whole is nearer.
  for (const std::string_view each : known) {
    if (each.size() > config::kWordSizeMax) continue;
    const std::string_view tail = after_last_dot(word);
    const std::size_t whole = config::edit_distance(word, each);
    const std::size_t tails = config::edit_distance(tail, after_last_dot(each));
    const bool near =
        whole * kSizePerMistake <= word.size() || tails * kSizePerMistake <= tail.size();
    const std::pair distance{std::min(whole, tails), whole};
    if (near && distance < least) {
      least = distance;
      nearest = each;
    }
  }
  return nearest;
}

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

}  // namespace steer::admin

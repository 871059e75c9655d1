#include "admin/nearest_word.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>

namespace steer::admin {
namespace {

constexpr std::size_t kWordSizeMax = 64;    // A longer word is not a typing mistake.
constexpr std::size_t kSizePerMistake = 3;  // One mistake is forgiven for so many letters.

// Levenshtein's distance, one row at a time.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::size_t, kWordSizeMax + 1> row{};
  for (std::size_t j = 0; j <= b.size(); ++j) {
    row[j] = j;
  }
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({row[j] + 1, row[j + 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

std::string_view after_last_dot(std::string_view word) {
  const std::size_t dot = word.rfind('.');
  return dot == std::string_view::npos ? word : word.substr(dot + 1);
}

}  // namespace

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> known) {
  if (word.empty() || word.size() > kWordSizeMax) return {};
  std::string_view nearest;
  std::size_t least = std::numeric_limits<std::size_t>::max();
  for (const std::string_view each : known) {
    if (each.size() > kWordSizeMax) continue;
    const std::string_view tail = after_last_dot(word);
    const std::size_t whole = distance(word, each);
    const std::size_t tails = distance(tail, after_last_dot(each));
    const bool near =
        whole * kSizePerMistake <= word.size() || tails * kSizePerMistake <= tail.size();
    if (near && std::min(whole, tails) < least) {
      least = std::min(whole, tails);
      nearest = each;
    }
  }
  return nearest;
}

}  // namespace steer::admin

#include "admin/nearest_word.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <limits>
#include <numeric>

namespace steer::admin {
namespace {

constexpr std::size_t kWordSizeMax = 64;    // A longer word is not a typing mistake.
constexpr std::size_t kSizePerMistake = 3;  // One mistake is forgiven for so many letters.

// Letters inserted, left out, replaced, or swapped with their neighbour; the last three rows of the
// usual table, numbered modulo three.
std::size_t distance(std::string_view a, std::string_view b) {
  std::array<std::array<std::size_t, kWordSizeMax + 1>, 3> rows{};
  std::iota(rows[0].begin(), rows[0].end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const auto& second_above = rows[(i + 1) % 3];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({row[j - 1] + 1, above[j] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], second_above[j - 2] + 1);
    }
  }
  return rows[a.size() % 3][b.size()];
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

std::string listed(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

}  // namespace steer::admin

#include "tools/sipsteerctl/layout.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <utility>

#include <fmt/format.h>

namespace steer::ctl {
namespace {

constexpr std::string_view kCut = "...";

bool is_continuation(char each) {
  return (static_cast<unsigned char>(each) & 0xc0U) == 0x80U;
}

// The first `count` characters.
std::string_view first(std::string_view text, std::size_t count) {
  std::size_t seen = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!is_continuation(text[i]) && seen++ == count) return text.substr(0, i);
  }
  return text;
}

std::string_view last(std::string_view text, std::size_t count) {
  const std::string_view front = first(text, width(text) - std::min(count, width(text)));
  return text.substr(front.size());
}

}  // namespace

std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char each) { return !is_continuation(each); }));
}

std::string cut_end(std::string_view text, std::size_t size_max) {
  if (size_max == 0 || width(text) <= size_max) return std::string{text};
  return std::string{first(text, size_max - kCut.size())}.append(kCut);
}

std::string cut_middle(std::string_view text, std::size_t size_max) {
  if (width(text) <= size_max) return std::string{text};
  const std::size_t kept = size_max - kCut.size();
  const std::string_view end = last(text, kept / 2);
  return std::string{first(text, kept - kept / 2)}.append(kCut).append(end);
}

std::string left(std::string text, std::size_t size) {
  const std::size_t used = width(text);
  return text.append(size - std::min(size, used), ' ');
}

std::string_view colour_of(std::string_view state) {
  if (state == "active") return "\x1b[32m";
  if (state == "inactive") return "\x1b[31m";
  if (state == "probing" || state == "draining") return "\x1b[33m";
  return "\x1b[2m";
}

std::string paragraph(std::string_view text, std::size_t indent, std::size_t columns) {
  const std::size_t room = columns - std::min(columns, indent);
  std::string lines;
  while (!text.empty()) {
    std::string_view line = text;
    if (room != 0 && width(text) > room) {
      line = first(text, room);
      // The octet after the line may be the space that ends its last word.
      const std::size_t space = text.substr(0, line.size() + 1).rfind(' ');
      if (space != std::string_view::npos && space != 0) line = text.substr(0, space);
    }
    lines += fmt::format("{}{}\n", std::string(indent, ' '), line);
    text.remove_prefix(line.size());
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
  }
  return lines;
}

std::string age(WallTime since, WallTime now) {
  if (since == WallTime{}) return "-";
  const std::int64_t seconds =
      std::max<std::int64_t>(0, std::chrono::floor<std::chrono::seconds>(now - since).count());
  constexpr std::array<std::pair<std::int64_t, char>, 3> kUnits = {
      {{86'400, 'd'}, {3'600, 'h'}, {60, 'm'}}};
  for (const auto& [length, letter] : kUnits) {
    if (seconds >= length) return fmt::format("{}{}", seconds / length, letter);
  }
  return fmt::format("{}s", seconds);
}

std::string printable(std::string_view text) {
  std::string clean{text};
  for (std::size_t i = 0; i < clean.size(); ++i) {
    const auto octet = static_cast<unsigned char>(clean[i]);
    if (octet < 0x20 || octet == 0x7f) clean[i] = '?';
    // U+0080 to U+009F, which terminals obey as well.
    const bool c1 =
        octet == 0xc2 && i + 1 < clean.size() && static_cast<unsigned char>(clean[i + 1]) < 0xa0;
    if (c1) clean.replace(i, 2, "?");
  }
  return clean;
}

}  // namespace steer::ctl

#include "config/diagnostic.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "config/visible_text.h"
#include "core/base/limits.h"

namespace steer::config {
namespace {

constexpr std::size_t kQuotedSizeMax = 60;
constexpr std::string_view kHexDigits = "0123456789abcdef";

}  // namespace

std::string_view name_of(Severity severity) noexcept {
  switch (severity) {
    case Severity::kError: return "error";
    case Severity::kWarning: return "warning";
    case Severity::kNote: return "note";
  }
  return "?";
}

std::string format(const Diagnostic& diagnostic) {
  const Place& place = diagnostic.place;
  return visible_text(place.file) + ":" + std::to_string(std::max(place.line, 1U)) + ":" +
         std::to_string(std::max(place.column, 1U)) + ": " +
         std::string{name_of(diagnostic.severity)} + ": " + visible_text(diagnostic.text);
}

std::string quote(std::string_view text) {
  std::string out = "'";
  for (const char c : text.substr(0, kQuotedSizeMax)) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet >= 0x20 && octet < 0x7f) {
      out += c;
    } else {
      out += "\\x";
      out += kHexDigits[octet >> 4];
      out += kHexDigits[octet & 0xf];
    }
  }
  if (text.size() > kQuotedSizeMax) out += "…";
  return out + "'";
}

void Diagnostics::add(Diagnostic diagnostic) {
  const bool is_error = diagnostic.severity == Severity::kError;
  if (is_error) ++error_count_;
  if (diagnostic.severity == Severity::kWarning) ++warning_count_;
  if (diagnostic.severity == Severity::kNote) ++note_count_;
  if (kept_.size() == kDiagnosticCountMax) {
    ++left_out_count_;
    if (!is_error || !make_room_for_error()) return;
  }
  if (is_error) ++kept_error_count_;
  keep(std::move(diagnostic));
}

void Diagnostics::keep(Diagnostic diagnostic) {
  const auto key = [this](const Diagnostic& each) {
    return std::tuple{rank_of(each.place.file), each.place.line, each.place.column};
  };
  const auto after = std::ranges::upper_bound(kept_, key(diagnostic), {}, key);
  kept_.insert(after, std::move(diagnostic));
}

std::size_t Diagnostics::rank_of(const std::string& file) {
  const auto found = std::ranges::find(files_, file);
  const auto rank = static_cast<std::size_t>(found - files_.begin());
  if (found == files_.end()) files_.push_back(file);
  return rank;
}

void Diagnostics::error(Place place, std::string text) {
  add({.severity = Severity::kError, .place = std::move(place), .text = std::move(text)});
}

void Diagnostics::warning(Place place, std::string text) {
  add({.severity = Severity::kWarning, .place = std::move(place), .text = std::move(text)});
}

void Diagnostics::note(Place place, std::string text) {
  add({.severity = Severity::kNote, .place = std::move(place), .text = std::move(text)});
}

bool Diagnostics::make_room_for_error() {
  if (kept_error_count_ == kept_.size()) return false;
  const auto last = std::find_if(kept_.rbegin(), kept_.rend(), [](const Diagnostic& each) {
    return each.severity != Severity::kError;
  });
  kept_.erase(std::prev(last.base()));
  return true;
}

std::vector<std::string> Diagnostics::lines() const {
  std::vector<std::string> lines;
  lines.reserve(kept_.size() + 1);
  for (const Diagnostic& each : kept_) {
    lines.push_back(format(each));
  }
  if (left_out_count_ != 0) {
    lines.push_back("… and " + std::to_string(left_out_count_) +
                    " more; mend these first and check again");
  }
  return lines;
}

}  // namespace steer::config

#include "admin/fault.h"

#include <algorithm>
#include <cstddef>

#include <fmt/format.h>

namespace steer::admin {
namespace {

constexpr std::size_t kQuotedSizeMax = 80;

}  // namespace

Fault fault_of(const Refusal& refusal) {
  switch (refusal.kind) {
    case RefusalKind::kFailed: return {RpcError::kFailed, refusal.text, refusal.details};
    case RefusalKind::kNoSuchDestination:
      return {RpcError::kNoSuchDestination, refusal.text, refusal.details};
    case RefusalKind::kUnsafe: return {RpcError::kUnsafe, refusal.text, refusal.details};
  }
  return {RpcError::kInternal, "a refusal of an unknown kind", {}};
}

Fault not_available(std::string_view method) {
  return {RpcError::kFailed,
          fmt::format("{} is not available: this daemon was built or started without it; \"which\" "
                      "lists the methods, sipsteer.info says what runs",
                      method),
          {}};
}

std::string in_quotes(std::string_view text) {
  const bool cut = text.size() > kQuotedSizeMax;
  return fmt::format("\"{}{}\"", text.substr(0, kQuotedSizeMax), cut ? "..." : "");
}

bool is_one_line(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char each) {
    const auto octet = static_cast<unsigned char>(each);
    return octet < 0x20 || octet == 0x7f;
  });
}

}  // namespace steer::admin

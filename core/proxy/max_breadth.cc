// HOT: runs once per datagram.
#include "core/proxy/max_breadth.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <system_error>

#include "core/sip/words.h"

namespace steer::proxy {
namespace {

const sip::HeaderField* field_of(const sip::Message& message) noexcept {
  for (const sip::HeaderField& field : message.fields) {
    if (field.id != sip::HeaderId::kOther) continue;
    if (sip::is_word(message.name_of_field(field), "max-breadth")) return &field;
  }
  return nullptr;
}

}  // namespace

std::uint16_t max_breadth_of(const sip::Message& request) noexcept {
  const sip::HeaderField* field = field_of(request);
  if (field == nullptr) return kNoMaxBreadth;
  const std::string_view text = request.value_of(*field);
  std::uint32_t value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem == std::errc::result_out_of_range) return kNoMaxBreadth - 1;
  if (problem != std::errc{} || end != text.data() + text.size()) return kNoMaxBreadth;
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(value, kNoMaxBreadth - 1));
}

void set_max_breadth(const sip::Message& sent, std::uint16_t value, std::span<char> out) noexcept {
  const sip::HeaderField* field = field_of(sent);
  if (field == nullptr) return;
  for (std::size_t at = field->value_end; at > field->value_begin; --at) {
    const bool is_digit = value > 0 || at == field->value_end;
    out[at - 1] = is_digit ? static_cast<char>('0' + value % 10) : ' ';
    value /= 10;
  }
}

}  // namespace steer::proxy

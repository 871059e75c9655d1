// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "core/sip/message.h"

namespace steer::proxy {

// Where the first field of each kind stands in a message, found in one pass: most questions about a
// message are about fields that it does not have.
class FieldPlaces {
 public:
  explicit FieldPlaces(const sip::Message& message) noexcept : message_{message} {
    for (std::size_t i = message.fields.size(); i > 0; --i) {
      const auto id = static_cast<std::size_t>(message.fields[i - 1].id);
      first_[id] = static_cast<std::uint16_t>(i - 1);
      present_ |= 1U << id;
      via_count_ += id == static_cast<std::size_t>(sip::HeaderId::kVia) ? 1 : 0;
    }
  }

  bool has(sip::HeaderId id) const noexcept {
    return (present_ >> static_cast<unsigned>(id) & 1U) != 0;
  }
  // Null: there is none.
  const sip::HeaderField* first(sip::HeaderId id) const noexcept {
    return has(id) ? &message_.fields[first_[static_cast<std::size_t>(id)]] : nullptr;
  }
  std::size_t via_count() const noexcept { return via_count_; }

 private:
  static constexpr std::size_t kIdCount = static_cast<std::size_t>(sip::HeaderId::kCount);
  static_assert(kIdCount <= 32);

  const sip::Message& message_;
  std::uint32_t present_ = 0;                  // Bit n: HeaderId n.
  std::size_t via_count_ = 0;                  // Fields, not values.
  std::array<std::uint16_t, kIdCount> first_;  // Filled where present_ says so.
};

}  // namespace steer::proxy

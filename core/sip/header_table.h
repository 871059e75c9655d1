// HOT: runs once per datagram.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "core/sip/chars.h"
#include "core/sip/message.h"

namespace steer::sip {

// Header field names in lower case, long and compact form. Common names that we do not tell apart
// are here too: a name found in the table need not be checked octet by octet.
struct HeaderName {
  std::string_view text;
  HeaderId id;
};
inline constexpr auto kHeaderNames = std::to_array<HeaderName>({
    {"via", HeaderId::kVia},
    {"v", HeaderId::kVia},
    {"from", HeaderId::kFrom},
    {"f", HeaderId::kFrom},
    {"to", HeaderId::kTo},
    {"t", HeaderId::kTo},
    {"call-id", HeaderId::kCallId},
    {"i", HeaderId::kCallId},
    {"cseq", HeaderId::kCseq},
    {"max-forwards", HeaderId::kMaxForwards},
    {"content-length", HeaderId::kContentLength},
    {"l", HeaderId::kContentLength},
    {"route", HeaderId::kRoute},
    {"record-route", HeaderId::kRecordRoute},
    {"proxy-require", HeaderId::kProxyRequire},
    {"authorization", HeaderId::kAuthorization},
    {"proxy-authorization", HeaderId::kProxyAuthorization},
    {"user-agent", HeaderId::kUserAgent},
    {"contact", HeaderId::kContact},
    {"m", HeaderId::kContact},
    {"retry-after", HeaderId::kRetryAfter},
    {"content-type", HeaderId::kOther},
    {"c", HeaderId::kOther},
    {"allow", HeaderId::kOther},
    {"supported", HeaderId::kOther},
    {"k", HeaderId::kOther},
    {"expires", HeaderId::kOther},
    {"require", HeaderId::kOther},
    {"server", HeaderId::kOther},
    {"date", HeaderId::kOther},
    {"accept", HeaderId::kOther},
    {"privacy", HeaderId::kOther},
    {"subject", HeaderId::kOther},
    {"session-expires", HeaderId::kOther},
    {"min-se", HeaderId::kOther},
    {"allow-events", HeaderId::kOther},
    {"event", HeaderId::kOther},
});

inline constexpr std::size_t kHeaderSlotCount = 256;
inline constexpr std::size_t kWideNameSize = 16;

struct HeaderTable {
  std::uint32_t factor = 0;
  // Index into kHeaderNames plus one; 0: no name hashes here.
  std::array<std::uint8_t, kHeaderSlotCount> slots{};
};

// The first two octets and the size tell all our names apart; a colon stands for a second octet
// that is not there.
constexpr std::size_t header_slot(char first, char second, std::size_t size,
                                  std::uint32_t factor) noexcept {
  const std::uint32_t octets = static_cast<std::uint32_t>(static_cast<std::uint8_t>(first)) |
                               static_cast<std::uint32_t>(static_cast<std::uint8_t>(second)) << 8U;
  const std::uint32_t key = (octets | 0x2020U) | static_cast<std::uint32_t>(size) << 16U;
  return (key * factor) >> 24U;
}
constexpr std::size_t header_slot(std::string_view name, std::uint32_t factor) noexcept {
  return header_slot(name[0], name.size() == 1 ? ':' : name[1], name.size(), factor);
}

// Tries factors until no two names share a slot; when compiled, so that it costs nothing.
consteval HeaderTable make_header_table() noexcept {
  HeaderTable table;
  for (std::uint32_t factor = 0x9e37'79b1;; factor += 2) {
    table = {.factor = factor, .slots = {}};
    bool unique = true;
    for (std::size_t i = 0; i < kHeaderNames.size() && unique; ++i) {
      const std::string_view name = kHeaderNames[i].text;
      std::uint8_t& slot = table.slots[header_slot(name, factor)];
      unique = slot == 0;
      slot = static_cast<std::uint8_t>(i + 1);
    }
    if (unique) return table;
  }
}
inline constexpr HeaderTable kHeaderTable = make_header_table();

// The names of at most 16 octets in the order of the slots, for a comparison in one step.
struct alignas(kWideNameSize) WideName {
  std::array<char, kWideNameSize> text{};
  std::uint32_t size = kWideNameSize + 1;  // No name here: no size is equal to it.
  std::uint32_t bits = 0;                  // One for each octet of the name.
  HeaderId id = HeaderId::kOther;
};
consteval std::array<WideName, kHeaderSlotCount> make_wide_names() noexcept {
  std::array<WideName, kHeaderSlotCount> names{};
  for (std::size_t slot = 0; slot < names.size(); ++slot) {
    if (kHeaderTable.slots[slot] == 0) continue;
    const HeaderName& name = kHeaderNames[kHeaderTable.slots[slot] - 1U];
    if (name.text.size() > kWideNameSize) continue;
    for (std::size_t i = 0; i < name.text.size(); ++i) {
      names[slot].text[i] = name.text[i];
    }
    names[slot].size = static_cast<std::uint32_t>(name.text.size());
    names[slot].bits = (1U << name.text.size()) - 1U;
    names[slot].id = name.id;
  }
  return names;
}
inline constexpr std::array<WideName, kHeaderSlotCount> kWideNames = make_wide_names();

// True and the id if the name, of at least one octet, is in the table, whatever its case.
constexpr bool find_header(std::string_view name, HeaderId& id) noexcept {
  const std::uint8_t slot = kHeaderTable.slots[header_slot(name, kHeaderTable.factor)];
  if (slot == 0) return false;
  const HeaderName& proposed = kHeaderNames[slot - 1U];
  if (!equals_ignoring_case(proposed.text, name)) return false;
  id = proposed.id;
  return true;
}

}  // namespace steer::sip

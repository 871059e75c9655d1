#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "admin/service.h"

// What the tools of old want to know of a destination, found in its row.

namespace steer::admin {

// "k=v;k2": the attributes as a list has them. Empty if there are none.
std::string attributes_text(const DestinationRow& row);
// Empty: no such attribute.
std::string_view attribute(const DestinationRow& row, std::string_view name);
std::uint32_t number_attribute(const DestinationRow& row, std::string_view name);  // 0: none.

struct RowAddress {
  std::string_view transport;  // "udp"
  std::string_view host;       // Without brackets.
  std::uint16_t port = 0;
};
RowAddress address_of(const DestinationRow& row);

// Host of the URI as written, without its port and brackets kept.
std::string_view uri_host(std::string_view uri);
// "udp", "tcp", … of ;transport=; empty if the URI does not say.
std::string_view uri_transport(std::string_view uri);

// True if probes really go there, so that its letter says so.
bool is_probed(const DestinationRow& row);

// A state as people write it for the tools of old: its letter, its letter with p or x behind, or
// the whole word, in any case.
bool says_state(std::string_view text, char letter, std::string_view word);
// A sentence with the cure if the list itself keeps the destination out, so that no word of an
// operator makes it active; empty if it does not.
std::string why_list_keeps_out(std::uint32_t set, const DestinationRow& row);

// As the tools of old compare URIs.
bool same_but_for_case(std::string_view a, std::string_view b);

}  // namespace steer::admin

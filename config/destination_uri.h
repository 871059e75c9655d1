#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "config/list_rule.h"
#include "config/settings.h"
#include "core/base/address.h"

namespace steer::config {

// The URI of a list's column 2, taken apart. Values, not views.
struct DestinationUri {
  std::string text;  // As listed; with "sip:" in front if that was missing.
  Transport transport = Transport::kUdp;
  std::string user;        // Empty: none.
  std::string host;        // Lower case; IPv6 in brackets.
  std::uint16_t port = 0;  // 0: not given.
  bool is_literal = false;
  Address address;  // If is_literal, with the port that applies (5060 if none is given).
  bool scheme_added = false;
};

struct UriMistake {
  ListRule rule = ListRule::kUriGrammar;
  std::size_t offset = 0;  // Of the octet to look at.
  std::string text;        // Ends with what to write instead.
};

// Kamailio's dialect puts "sip:" before a URI without scheme; OpenSIPS refuses it, and so do we.
[[nodiscard]] std::expected<DestinationUri, UriMistake> parse_destination_uri(std::string_view text,
                                                                              Dialect dialect);

}  // namespace steer::config

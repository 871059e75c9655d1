#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace steer::siplab {

// A quick look at a message, for a generator that trusts what it talks to: where the fields are
// that an answer copies. It checks nothing; the dispatcher's parser does. Views into the datagram.
struct Scan {
  static constexpr std::size_t kCopiedMax =
      32;  // Via and Record-Route fields; more are not copied.

  std::string_view start_line;                    // Without CRLF.
  std::array<std::string_view, kCopiedMax> vias;  // Whole fields with CRLF, as the rest below.
  std::size_t via_count = 0;
  std::array<std::string_view, kCopiedMax> record_routes;
  std::size_t record_route_count = 0;
  std::string_view from, to, call_id, cseq, contact, server;

  std::span<const std::string_view> via() const noexcept { return {vias.data(), via_count}; }
  std::span<const std::string_view> record_route() const noexcept {
    return {record_routes.data(), record_route_count};
  }
};

// False unless start line, Via, From, To, Call-ID and CSeq are there.
[[nodiscard]] bool scan(std::string_view datagram, Scan& out) noexcept;

// The value of a field: what follows the colon, without blanks at the ends and without CRLF.
std::string_view value_of(std::string_view field) noexcept;
// The URI between < and >, or the whole value up to a ';'.
std::string_view uri_of(std::string_view field) noexcept;
// The tag parameter of a From or To field; empty: none.
std::string_view tag_of(std::string_view field) noexcept;
// The branch of a Via field; empty: none.
std::string_view branch_of(std::string_view field) noexcept;

}  // namespace steer::siplab

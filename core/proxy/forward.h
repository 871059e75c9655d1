// HOT: runs once per datagram.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "core/proxy/field_places.h"
#include "core/proxy/own_addresses.h"
#include "core/proxy/route_header.h"
#include "core/sip/message.h"
#include "core/sip/reply.h"

namespace steer::proxy {

// What changes in a request on its way through us; everything else goes out as it came in
// (RFC 3261 §16.6).
struct RequestEdits {
  std::string_view via_line;               // Ours, with its CRLF.
  sip::ViaStamp stamp;                     // For the client's Via.
  std::uint32_t max_forwards = 0;          // The value to send.
  std::span<const sip::Cut> own_routes{};  // Ascending.
  std::string_view record_routes{};        // Whole fields with their CRLF; empty: none.
  std::string_view request_uri{};          // In place of the one there; empty: it stays.
  std::string_view last_route{};           // A URI to be the last Route value; empty: none.
};

// Copies `request` once into `out` with the edits. Returns its size; 0 if it does not fit.
// `places` are those of `request`.
[[nodiscard]] std::size_t write_request(const sip::Message& request, const FieldPlaces& places,
                                        const RequestEdits& edits, std::span<char> out) noexcept;

// Copies `response` without its topmost Via value. Returns its size; 0 if it does not fit.
[[nodiscard]] std::size_t write_response(const sip::Message& response,
                                         std::span<char> out) noexcept;

}  // namespace steer::proxy

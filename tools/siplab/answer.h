#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/base/address.h"
#include "tools/siplab/scan.h"

namespace steer::siplab {

// What one port of `siplab uas` puts into its answers, made once.
struct Identity {
  explicit Identity(const Address& address);

  std::string tag;      // ";tag=uas-127.0.0.1-7000": the same for every call, tells who answered.
  std::string contact;  // "Contact: <sip:uas@127.0.0.1:7000>\r\n".
  std::string server;   // "Server: siplab-uas 127.0.0.1:7000\r\n".
};

// Writes the answer with `status` to the request that `request` describes: Via, From, To, Call-ID
// and CSeq as they came (RFC 3261 §8.2.6), our tag where there is none, Record-Route and Contact
// where a dialog begins (§12.1.1). Returns its size; 0: it does not fit.
[[nodiscard]] std::size_t write_answer(const Scan& request, std::uint16_t status,
                                       const Identity& identity, std::span<char> out) noexcept;

std::string_view method_of(const Scan& request) noexcept;

// The key under which `siplab uac` counts who answered: the tag's text after "uas-", else Server,
// else the Contact; empty: unknown.
std::string_view who_answered(const Scan& response) noexcept;

}  // namespace steer::siplab

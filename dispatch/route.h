#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dispatch/address_index.h"
#include "dispatch/packet_context.h"
#include "dispatch/picker.h"

namespace steer::dispatch {

inline constexpr std::size_t kStatusEnd = 700;

// True if `text` fits `pattern`, where * stands for any octets and ? for one. Linear but for
// several stars, then bounded by text * pattern.
bool glob_matches(std::string_view pattern, std::string_view text) noexcept;

// When a request goes to the next destination.
struct FailoverRules {
  bool on_timeout = false;
  bool on_transport = false;
  bool forward_503 = false;
  std::uint16_t tries = 1;
  Duration try_timeout{};      // Zero: a try has no time limit of its own.
  std::bitset<kStatusEnd> on;  // Final responses.
};

// One rule of the configuration, made fast to ask. Immutable; part of a snapshot.
struct Route {
  // What must hold; what is empty always holds.
  std::uint32_t methods = 0;               // Bit n: sip::Method n. 0: any method.
  std::vector<std::string> other_methods;  // Methods that we have no number for.
  std::vector<Network> sources;
  std::string request_uri_user;
  std::optional<Transport> transport;
  std::optional<SetId> from_set;
  bool matches_all = true;  // None of the above is there.

  // What it leads to.
  std::uint32_t set_index = 0;  // In Snapshot::sets.
  Picker picker;
  AlgorithmKind algorithm = AlgorithmKind::kCallId;
  PanicMode panic = PanicMode::kNone;
  RouteMode mode = RouteMode::kStateful;
  bool repeatable = true;  // The same request always gets the same choice: neither turns nor dice.
  Duration completed{};
  FailoverRules failover;
  bool record_route = false;  // Stays in the path of dialogs that begin here.
  bool path = false;          // Stays in the path to who registers.
};

Route make_route(const RouteDefinition& definition, std::uint32_t set_index, Seed random_salt);

// What of a rule does not hold for a request; the first that does not.
enum class Mismatch : std::uint8_t {
  kNone,
  kMethod,
  kSource,
  kTransport,
  kFromSet,
  kRequestUriUser
};
Mismatch mismatch_of(const Route& route, const PacketContext& context,
                     const AddressIndex& addresses) noexcept;

inline bool matches(const Route& route, const PacketContext& context,
                    const AddressIndex& addresses) noexcept {
  if (route.matches_all) {
    [[likely]] return true;
  }
  return mismatch_of(route, context, addresses) == Mismatch::kNone;
}

}  // namespace steer::dispatch

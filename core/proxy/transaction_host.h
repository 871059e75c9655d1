// HOT: runs once per datagram.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "core/base/address.h"
#include "core/base/datagram.h"
#include "core/proxy/branch.h"
#include "core/sip/message.h"

// What transactions ask of whoever knows routes and destinations: the engine, or a test.

namespace steer::proxy {

// Octets that a transaction carries for its host and never looks into: which set and route, how
// often tried, which destinations. Trivially copyable things go in and out by memcpy.
inline constexpr std::size_t kUserDataSize = 64;
struct alignas(8) UserData {
  std::array<std::byte, kUserDataSize> octets{};

  template <class T>
  T as() const noexcept {
    static_assert(sizeof(T) <= kUserDataSize && std::is_trivially_copyable_v<T>);
    T value;
    std::memcpy(&value, octets.data(), sizeof value);
    return value;
  }
  template <class T>
  void set(const T& value) noexcept {
    static_assert(sizeof(T) <= kUserDataSize && std::is_trivially_copyable_v<T>);
    std::memcpy(octets.data(), &value, sizeof value);
  }
};

// One request to be written towards one destination.
struct Attempt {
  const sip::Message& request;  // As it came from the client.
  const Address& source;        // Where from: for received and rport.
  ListenerIndex came_by;
  const NextHop& hop;
  std::string_view branch;  // For our Via.
  std::uint16_t number = 0;
  const UserData& user;
};

struct Written {
  std::size_t size = 0;    // 0: it does not fit.
  ListenerIndex listener;  // The socket it leaves by.
};

enum class TryFailure : std::uint8_t {
  kTimeout,      // Nothing but a 100 within the time of a try, or nothing at all.
  kUnreachable,  // ICMP, a refused send, or the request could not be written.
  kStatus,       // A final response of 300 to 699.
};

// How a try ended that did not succeed.
struct FailedTry {
  TryFailure failure = TryFailure::kTimeout;
  std::uint16_t status = 0;  // With kStatus.
  std::uint16_t number = 0;  // Which try, from 0.
  const NextHop& hop;
  // RFC 3261 §16.7: another try is allowed. It is not after 101 to 199, a CANCEL or a 6xx, nor for
  // a try that was left behind before.
  bool may_go_on = false;
};

template <class T>
concept TransactionHost =
    requires(T host, const Attempt& attempt, std::span<char> out, const FailedTry& failed,
             UserData& user, const NextHop& hop, const Address& source) {
      // Writes the request as it is to be sent to attempt.hop. The same attempt, the same octets.
      { host.write(attempt, out) } -> std::same_as<Written>;
      // Told of each failed try once, in the order of time; says who is asked next. Nothing: no
      // other candidate, or this failure is no reason for one. Ignored unless `failed.may_go_on`.
      { host.next(failed, user) } -> std::same_as<std::optional<NextHop>>;
      // True if a response to what went to `hop` may come from `source`.
      { host.accepts(hop, source) } -> std::same_as<bool>;
    };

// A reference to a host. Three plain functions, so that the machine is compiled once and not per
// host; the host outlives the call it is given to.
class HostRef {
 public:
  template <TransactionHost Host>
  explicit(false) HostRef(Host& host) noexcept
      : host_{&host},
        write_{[](void* self, const Attempt& attempt, std::span<char> out) noexcept {
          return static_cast<Host*>(self)->write(attempt, out);
        }},
        next_{[](void* self, const FailedTry& failed, UserData& user) noexcept {
          return static_cast<Host*>(self)->next(failed, user);
        }},
        accepts_{[](void* self, const NextHop& hop, const Address& source) noexcept {
          return static_cast<Host*>(self)->accepts(hop, source);
        }} {}

  Written write(const Attempt& attempt, std::span<char> out) const noexcept {
    return write_(host_, attempt, out);
  }
  std::optional<NextHop> next(const FailedTry& failed, UserData& user) const noexcept {
    return next_(host_, failed, user);
  }
  bool accepts(const NextHop& hop, const Address& source) const noexcept {
    return accepts_(host_, hop, source);
  }

 private:
  using Write = Written (*)(void*, const Attempt&, std::span<char>) noexcept;
  using Next = std::optional<NextHop> (*)(void*, const FailedTry&, UserData&) noexcept;
  using Accepts = bool (*)(void*, const NextHop&, const Address&) noexcept;

  void* host_;
  Write write_;
  Next next_;
  Accepts accepts_;
};

}  // namespace steer::proxy

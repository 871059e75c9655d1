#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace steer::net {

// Which kernel interface serves: `io = auto|io_uring|epoll`.
enum class IoKind : std::uint8_t { kAuto, kUring, kEpoll };

std::string_view name_of(IoKind kind) noexcept;
std::optional<IoKind> parse_io_kind(std::string_view text) noexcept;

struct IoChoice {
  IoKind kind = IoKind::kEpoll;  // kUring or kEpoll.
  std::string note;              // Why it is this one, for one line of the log.
};

// Decides once at boot. kAuto takes io_uring if the kernel lets us and says why when it does not;
// kUring says no then.
Result<IoChoice> choose_io(IoKind wanted);

}  // namespace steer::net

#include "core/net/choose_io.h"

#include "core/net/uring_io.h"

namespace steer::net {

std::string_view name_of(IoKind kind) noexcept {
  switch (kind) {
    case IoKind::kAuto: return "auto";
    case IoKind::kUring: return "io_uring";
    case IoKind::kEpoll: return "epoll";
  }
  return "?";
}

std::optional<IoKind> parse_io_kind(std::string_view text) noexcept {
  for (const IoKind kind : {IoKind::kAuto, IoKind::kUring, IoKind::kEpoll}) {
    if (text == name_of(kind)) return kind;
  }
  return std::nullopt;
}

Result<IoChoice> choose_io(IoKind wanted) {
  if (wanted == IoKind::kEpoll) return IoChoice{IoKind::kEpoll, "epoll, as configured"};
  const Result<UringFeatures> features = probe_uring();
  if (features) return IoChoice{IoKind::kUring, "io_uring of kernel " + features->kernel};
  if (wanted == IoKind::kUring) return std::unexpected(features.error());
  return IoChoice{IoKind::kEpoll, features.error().text()};
}

}  // namespace steer::net

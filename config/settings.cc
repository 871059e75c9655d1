#include "config/settings.h"

namespace steer::config {

std::string_view name_of(SpreadChoice spread) noexcept {
  return spread == SpreadChoice::kChance ? "chance" : "source";
}

std::string_view name_of(IoChoice io) noexcept {
  switch (io) {
    case IoChoice::kAuto: return "auto";
    case IoChoice::kIoUring: return "io_uring";
    case IoChoice::kEpoll: return "epoll";
  }
  return "?";
}

std::string_view name_of(Dialect dialect) noexcept {
  switch (dialect) {
    case Dialect::kKamailio: return "kamailio";
    case Dialect::kOpensips: return "opensips";
  }
  return "?";
}

std::string_view name_of(LogLevel level) noexcept {
  switch (level) {
    case LogLevel::kDebug: return "debug";
    case LogLevel::kInfo: return "info";
    case LogLevel::kWarning: return "warning";
    case LogLevel::kError: return "error";
  }
  return "?";
}

Place Settings::place_of(std::string_view key) const {
  const auto found = places.find(key);
  return found == places.end() ? Place{file, 1, 1} : found->second;
}

}  // namespace steer::config

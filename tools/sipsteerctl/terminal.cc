#include "tools/sipsteerctl/terminal.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include <sys/ioctl.h>
#include <unistd.h>

namespace steer::ctl {
namespace {

constexpr std::size_t kColumnsMin = 60;  // A narrower table is unreadable however it is cut.
constexpr std::size_t kColumnsUsual = 80;

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::size_t columns(bool is_terminal) {
  const std::string_view wish = environment("COLUMNS");
  std::size_t count = 0;
  std::from_chars(wish.data(), wish.data() + wish.size(), count);
  winsize size{};
  if (count == 0 && is_terminal) {
    count = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col != 0 ? size.ws_col
                                                                               : kColumnsUsual;
  }
  if (count == 0) return 0;
  return count < kColumnsMin ? kColumnsMin : count;
}

}  // namespace

Terminal look_at_terminal() {
  const bool is_terminal = ::isatty(STDOUT_FILENO) == 1;
  const bool plain = !environment("NO_COLOR").empty() || environment("TERM") == "dumb";
  return {.columns = columns(is_terminal), .colour = is_terminal && !plain};
}

}  // namespace steer::ctl

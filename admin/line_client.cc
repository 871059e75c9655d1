#include "admin/line_client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <sys/socket.h>

#include "core/base/limits.h"

namespace steer::admin {
namespace {

constexpr std::size_t kReceiveSize = 16 * kKiB;
constexpr std::size_t kInputSizeMax = kControlLineSizeMax + 2;  // CR LF.

std::string_view without_carriage_return(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

}  // namespace

LineClient::LineClient(net::Descriptor descriptor, Instant now)
    : descriptor_{std::move(descriptor)}, last_progress_{now} {}

void LineClient::receive(Instant now) {
  input_.erase(0, std::exchange(taken_, 0));
  while (input_.size() < kInputSizeMax) {
    std::array<char, kReceiveSize> chunk;
    const std::size_t wanted = std::min(chunk.size(), kInputSizeMax - input_.size());
    const ssize_t count = ::recv(fd(), chunk.data(), wanted, MSG_DONTWAIT);
    if (count == 0) ended_ = true;
    if (count < 0 && errno != EAGAIN && errno != EINTR) broken_ = true;
    if (count <= 0) return;
    input_.append(chunk.data(), static_cast<std::size_t>(count));
    last_progress_ = now;
  }
}

std::optional<std::string_view> LineClient::next_line() {
  const std::string_view rest = pending();
  const std::size_t end = rest.find('\n');
  if (end != std::string_view::npos) {
    taken_ += end + 1;
    return without_carriage_return(rest.substr(0, end));
  }
  if (!ended_ || rest.empty()) return std::nullopt;
  taken_ += rest.size();
  return without_carriage_return(rest);
}

bool LineClient::has_line() const noexcept {
  const std::string_view rest = pending();
  return rest.find('\n') != std::string_view::npos || (ended_ && !rest.empty());
}

bool LineClient::is_line_too_long() const noexcept {
  const std::string_view rest = pending();
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  return without_carriage_return(rest.substr(0, end)).size() > kControlLineSizeMax;
}

void LineClient::answer(std::string text, Instant now) {
  text += '\n';
  if (output_.empty()) {
    output_ = std::move(text);
  } else {
    output_ += text;
  }
  flush(now);
}

void LineClient::flush(Instant now) {
  while (sent_ < output_.size() && !broken_) {
    const ssize_t count =
        ::send(fd(), output_.data() + sent_, output_.size() - sent_, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno != EAGAIN) broken_ = true;
    if (count <= 0) return;
    sent_ += static_cast<std::size_t>(count);
    last_progress_ = now;
  }
  // A large answer's memory goes back at once.
  output_ = {};
  sent_ = 0;
}

bool LineClient::wants_input() const noexcept {
  return !ended_ && !finishing_ && !broken_ && unsent() == 0 && !has_line();
}

bool LineClient::is_done() const noexcept {
  if (broken_) return true;
  return unsent() == 0 && (finishing_ || (ended_ && !has_line()));
}

}  // namespace steer::admin

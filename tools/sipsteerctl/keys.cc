#include "tools/sipsteerctl/keys.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <string_view>
#include <thread>

#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include "core/net/descriptor.h"

namespace steer::ctl {
namespace {

using Clock = std::chrono::steady_clock;

// Whoever changes a terminal's mode from the background is stopped.
bool is_ours() {
  if (::isatty(STDIN_FILENO) != 1) return false;
  const pid_t foreground = ::tcgetpgrp(STDIN_FILENO);
  return foreground == -1 || foreground == ::getpgrp();
}

// Single keys, unseen, while it lives. Signals that would end the program wait meanwhile: they make
// `signals` readable, and are delivered when the terminal is as it was.
class SingleKeys {
 public:
  SingleKeys() {
    sigset_t ends;
    sigemptyset(&ends);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGTSTP}) {
      sigaddset(&ends, signal);
    }
    sigprocmask(SIG_BLOCK, &ends, &mask_);
    signals = net::Descriptor{::signalfd(-1, &ends, SFD_CLOEXEC)};
    changed_ = ::tcgetattr(STDIN_FILENO, &modes_) == 0;
    termios single = modes_;
    single.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    if (changed_) changed_ = ::tcsetattr(STDIN_FILENO, TCSANOW, &single) == 0;
  }
  SingleKeys(const SingleKeys&) = delete;
  SingleKeys& operator=(const SingleKeys&) = delete;
  ~SingleKeys() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSANOW, &modes_);
    sigprocmask(SIG_SETMASK, &mask_, nullptr);
  }

  net::Descriptor signals;

 private:
  termios modes_{};
  sigset_t mask_{};
  bool changed_ = false;
};

enum class Waited : std::uint8_t { kTime, kSignal, kQ };

Waited wait_for_key(Clock::time_point end) {
  const SingleKeys keys;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    if (left.count() <= 0) return Waited::kTime;
    std::array<pollfd, 2> watched{{{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0},
                                   {.fd = keys.signals.get(), .events = POLLIN, .revents = 0}}};
    constexpr std::int64_t kPollMax = 60'000;
    ::poll(watched.data(), watched.size(), static_cast<int>(std::min(left.count(), kPollMax)));
    if (watched[1].revents != 0) return Waited::kSignal;
    if (watched[0].revents == 0) continue;
    std::array<char, 64> typed{};
    const ssize_t size = ::read(STDIN_FILENO, typed.data(), typed.size());
    if (size <= 0) return Waited::kSignal;  // The terminal is gone.
    const std::string_view text{typed.data(), static_cast<std::size_t>(size)};
    if (text.find_first_of("qQ") != std::string_view::npos) return Waited::kQ;
  }
}

}  // namespace

bool wait_for_q(Duration duration) {
  const Clock::time_point end = Clock::now() + duration;
  // A signal that did not end us (Ctrl-Z, and back) may come a few times; then only time counts.
  constexpr int kRoundCountMax = 16;
  for (int round = 0; round < kRoundCountMax && is_ours(); ++round) {
    const Waited waited = wait_for_key(end);
    if (waited != Waited::kSignal) return waited == Waited::kQ;
  }
  std::this_thread::sleep_until(end);
  return false;
}

}  // namespace steer::ctl

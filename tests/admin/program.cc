#include "tests/admin/program.h"

#include <array>
#include <cstdlib>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/assert.h"
#include "core/net/descriptor.h"

namespace steer::admin::test {
namespace {

struct Ends {
  net::Descriptor ours;
  net::Descriptor its;
};

Ends make_pipe() {
  std::array<int, 2> ends{};
  STEER_ASSERT(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return {net::Descriptor{ends[0]}, net::Descriptor{ends[1]}};
}

Ends make_terminal() {
  Ends ends{net::Descriptor{::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)}, {}};
  STEER_ASSERT(::grantpt(ends.ours.get()) == 0 && ::unlockpt(ends.ours.get()) == 0);
  ends.its = net::Descriptor{::open(::ptsname(ends.ours.get()), O_RDWR | O_NOCTTY | O_CLOEXEC)};
  const winsize size{.ws_row = 25, .ws_col = 80, .ws_xpixel = 0, .ws_ypixel = 0};
  STEER_ASSERT(ends.its && ::ioctl(ends.its.get(), TIOCSWINSZ, &size) == 0);
  return ends;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> list;
  for (std::string& text : texts) {
    list.push_back(text.data());
  }
  list.push_back(nullptr);
  return list;
}

// False at the end; a pseudo terminal says EIO then.
bool take(const net::Descriptor& from, std::string& text) {
  std::array<char, 65'536> chunk;
  const ssize_t count = ::read(from.get(), chunk.data(), chunk.size());
  if (count <= 0) return false;
  text.append(chunk.data(), static_cast<std::size_t>(count));
  return true;
}

}  // namespace

ProgramResult run_sipsteerctl(const std::vector<std::string>& arguments,
                              const ProgramOptions& options) {
  Ends output = options.terminal ? make_terminal() : make_pipe();
  Ends errors = make_pipe();
  std::vector<std::string> words = {"sipsteerctl"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> environment = options.environment;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_adddup2(&actions, output.its.get(), STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, errors.its.get(), STDERR_FILENO);
  pid_t child = 0;
  const int failed = ::posix_spawn(&child, STEER_SIPSTEERCTL, &actions, nullptr,
                                   pointers(words).data(), pointers(environment).data());
  ::posix_spawn_file_actions_destroy(&actions);
  STEER_ASSERT(failed == 0);
  output.its = {};
  errors.its = {};

  ProgramResult result;
  std::array<pollfd, 2> looks = {pollfd{output.ours.get(), POLLIN, 0},
                                 pollfd{errors.ours.get(), POLLIN, 0}};
  while (looks[0].fd >= 0 || looks[1].fd >= 0) {
    STEER_ASSERT(::poll(looks.data(), looks.size(), -1) > 0);
    if (looks[0].revents != 0 && !take(output.ours, result.output)) looks[0].fd = -1;
    if (looks[1].revents != 0 && !take(errors.ours, result.errors)) looks[1].fd = -1;
  }
  int status = 0;
  STEER_ASSERT(::waitpid(child, &status, 0) == child);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  return result;
}

}  // namespace steer::admin::test

#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <string>

#include "tools/sipsteerctl/exit_code.h"

namespace steer::ctl {

enum class Verb : std::uint8_t { kList, kReload, kDisable, kEnable, kReady, kInfo, kVersion };

struct Options {
  Verb verb = Verb::kList;
  std::string socket = "/run/sipsteer/ctl.sock";
  std::chrono::milliseconds timeout = std::chrono::seconds{10};
  bool json = false;
  std::string destination;
  std::string reason;
  bool force = false;
};

// What the operator wrote. If it was a wish for help, or a mistake, that has been printed and the
// answer is how to exit.
std::expected<Options, ExitCode> parse_command_line(int argc, char** argv);

}  // namespace steer::ctl

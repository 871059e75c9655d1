#include <cstdio>
#include <cstring>
#include <span>

#include "config/source.h"
#include "tools/sipsteerctl/command_line.h"
#include "tools/sipsteerctl/commands.h"

// sipsteerctl: asks and tells a running sipsteer; docs/cli.md.

int main(int argc, char** argv) {
  using steer::ctl::ExitCode;
  const auto options = steer::ctl::parse_command_line(argc, argv);
  for (char* const argument : std::span{argv, static_cast<std::size_t>(argc)}) {
    steer::config::mask_password({argument, std::strlen(argument)});
  }
  if (!options) return static_cast<int>(options.error());
  const ExitCode code = steer::ctl::run(*options);
  // A full disk behind a redirection must not look like success.
  const bool written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (!written) std::perror("sipsteerctl: cannot write the output");
  return static_cast<int>(written ? code : ExitCode::kFailed);
}

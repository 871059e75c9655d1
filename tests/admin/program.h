#pragma once

#include <string>
#include <vector>

namespace steer::admin::test {

struct ProgramResult {
  int exit_code = -1;
  std::string output;
  std::string errors;
};

struct ProgramOptions {
  std::vector<std::string> environment;  // "NAME=value"; nothing else is passed on.
  bool terminal = false;                 // Standard output is a pseudo terminal of 80 columns.
};

// Runs the built sipsteerctl to its end.
ProgramResult run_sipsteerctl(const std::vector<std::string>& arguments,
                              const ProgramOptions& options = {});

}  // namespace steer::admin::test

#include <cstring>
#include <span>

#include "config/source.h"
#include "tools/sipsteer/configuration.h"
#include "tools/sipsteer/control.h"
#include "tools/sipsteer/options.h"

int main(int argc, char** argv) {
  int exit_code = 0;
  const std::optional<steer::Options> options = steer::read_options(argc, argv, exit_code);
  for (char* const argument : std::span{argv, static_cast<std::size_t>(argc)}) {
    steer::config::mask_password({argument, std::strlen(argument)});
  }
  if (!options) return exit_code;
  if (options->check) return steer::check_configuration(*options);
  if (options->print_config) return steer::print_configuration(*options);
  const std::unique_ptr<steer::Control> control = steer::Control::start(*options);
  return control ? control->run() : 1;
}

#include "tools/sipsteer/configuration.h"
#include "tools/sipsteer/control.h"
#include "tools/sipsteer/options.h"

int main(int argc, char** argv) {
  int exit_code = 0;
  const std::optional<steer::Options> options = steer::read_options(argc, argv, exit_code);
  if (!options) return exit_code;
  if (options->check) return steer::check_configuration(*options);
  if (options->print_config) return steer::print_configuration(*options);
  const std::unique_ptr<steer::Control> control = steer::Control::start(*options);
  return control ? control->run() : 1;
}

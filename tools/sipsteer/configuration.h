#pragma once

#include <optional>
#include <string_view>

#include "config/diagnostic.h"
#include "config/settings.h"
#include "tools/sipsteer/options.h"

namespace steer {

// The settings that the command line and its file ask for: at start, for a check and at each
// reload. Nothing: the file cannot be read, see `diagnostics`.
std::optional<config::Settings> settings_of(const Options& options,
                                            config::Diagnostics& diagnostics);

// Where the settings ask for this listener, as in "udp:192.0.2.1:5060": for what is wrong with it.
dispatch::Place place_of_listener(const config::Settings& settings, std::string_view listener);

// `sipsteer -c` and `--print-config`: says everything on standard output and error, starts nothing;
// returns the exit code.
int check_configuration(const Options& options);
int print_configuration(const Options& options);

// Each mistake on a line of standard error.
void print(const config::Diagnostics& diagnostics);

}  // namespace steer

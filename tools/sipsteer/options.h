#pragma once

#include <optional>
#include <string>
#include <vector>

namespace steer {

// What the command line says.
struct Options {
  std::string config_file = "/etc/sipsteer/sipsteer.toml";
  bool config_given = false;
  std::string list_file;               // --list: run with this list alone.
  std::string socket;                  // --socket: in place of admin.socket.
  std::vector<std::string> listeners;  // -l: more listeners, or the only ones of --list.
  bool check = false;
  bool strict = false;
  bool print_config = false;
};

// Reads the command line. Nothing: end with `exit_code` (help, version, or a mistake, already
// told).
std::optional<Options> read_options(int argc, char** argv, int& exit_code);

}  // namespace steer

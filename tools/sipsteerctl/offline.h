#pragma once

#include <expected>
#include <vector>

#include "config/settings.h"
#include "dispatch/definition.h"
#include "tools/sipsteerctl/ask.h"
#include "tools/sipsteerctl/command_line.h"

namespace steer::ctl {

// A configuration as the daemon would read it, without a daemon.
struct OfflineConfiguration {
  config::Settings settings;
  dispatch::Definition definition;
  bool has_key = false;  // False: the choice of each call is another one than the daemon's.
};

// Reads list or sipsteer.toml; the failure's details hold every mistake. Writes nothing, opens no
// socket, but asks the DNS for names as the daemon would.
Outcome<OfflineConfiguration> load_offline(const OfflineOptions& options);

// For people whose output is about single calls; empty if all is as the daemon would do it.
std::string warning_without_key(const OfflineConfiguration& configuration);

}  // namespace steer::ctl

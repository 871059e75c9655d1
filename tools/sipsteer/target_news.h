#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "core/base/time.h"
#include "dispatch/registry.h"

namespace steer {

// Why a target is as it is, and since when, in the operator's words. Control thread only.
struct TargetNews {
  std::string reason;
  WallTime since;
  bool known = false;          // A probe has come to a verdict.
  std::string paused_because;  // Empty: it does not pause.
};

// What people are told besides the bare states.
struct News {
  std::map<dispatch::TargetKey, TargetNews> targets;
  WallTime started;
};

}  // namespace steer

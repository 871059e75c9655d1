#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "admin/service.h"

namespace steer::admin::test {

// A daemon of two sets that remembers what it was asked. `service()` refers to the object, which
// must outlive it.
class FakeDaemon {
 public:
  FakeDaemon();
  Service service();

  ListAnswer list;
  InfoAnswer info;
  Answer<ReloadAnswer> reload;
  std::vector<StateChange> changes;  // Each set_state that was asked for.

 private:
  Answer<std::string> set_state(const StateChange& change);
};

// A list of `count` destinations in one set.
ListAnswer large_list(std::size_t count);

}  // namespace steer::admin::test

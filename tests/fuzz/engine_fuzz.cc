#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/engine_entry.h"

namespace {

// Made at the first input; the engine keeps nothing between two datagrams but its counters.
steer::test::World& world() {
  static steer::test::World only{steer::fuzz::engine_definition()};
  return only;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  steer::fuzz::check_engine(world(), std::string_view{reinterpret_cast<const char*>(data), size});
  return 0;
}

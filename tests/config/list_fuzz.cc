#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "config/settings_reader.h"
#include "tests/config/list_fixture.h"

// libFuzzer: the first octet chooses what the rest is: a list in one of the dialects, or a
// sipsteer.toml. Nothing may crash, and what is taken without an error must be whole.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using steer::config::Dialect;
  if (size == 0) return 0;
  const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
  if (data[0] % 3 == 2) {
    const steer::config::test::Read read{text};
    if (!read.settings && !read.diagnostics.has_errors()) __builtin_trap();
    return 0;
  }
  const Dialect dialect = data[0] % 3 == 0 ? Dialect::kKamailio : Dialect::kOpensips;
  const steer::config::test::CheckedList list{text, dialect};
  for (const steer::dispatch::SetDefinition& set : list.sets) {
    if (set.destinations.empty()) __builtin_trap();
    for (const steer::dispatch::DestinationDefinition& each : set.destinations) {
      if (each.address.port == 0 || steer::is_unroutable(each.address)) __builtin_trap();
    }
  }
  return 0;
}

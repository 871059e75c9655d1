#include <cstddef>
#include <cstdint>

#include "tests/fuzz/db_text_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  steer::fuzz::check_db_text({reinterpret_cast<const char*>(data), size});
  return 0;
}

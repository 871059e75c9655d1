#include <cstddef>
#include <cstdint>
#include <string_view>

#include "tests/fuzz/transactions_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  steer::fuzz::check_transactions(std::string_view{reinterpret_cast<const char*>(data), size});
  return 0;
}

#pragma once

#include <cstddef>
#include <string_view>

namespace steer::test {

// Memory whose last octet lies next to an unmapped page: reading one octet too far is a crash.
class GuardedBuffer {
 public:
  explicit GuardedBuffer(std::size_t size_max);
  ~GuardedBuffer();
  GuardedBuffer(const GuardedBuffer&) = delete;
  GuardedBuffer& operator=(const GuardedBuffer&) = delete;

  // Copies `text` to the very end of the buffer; the view lives until the next call.
  std::string_view hold(std::string_view text);

 private:
  char* mapping_ = nullptr;
  std::size_t usable_ = 0;
  std::size_t mapped_ = 0;
};

}  // namespace steer::test

#include "tests/support/guarded_buffer.h"

#include <cstring>

#include <sys/mman.h>

#include "core/base/assert.h"
#include "core/base/limits.h"

namespace steer::test {

GuardedBuffer::GuardedBuffer(std::size_t size_max) {
  usable_ = (size_max / kPageSize + 1) * kPageSize;
  mapped_ = usable_ + kPageSize;
  void* mapping =
      mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  STEER_ASSERT(mapping != MAP_FAILED);
  mapping_ = static_cast<char*>(mapping);
  STEER_ASSERT(mprotect(mapping_ + usable_, kPageSize, PROT_NONE) == 0);
}

GuardedBuffer::~GuardedBuffer() {
  munmap(mapping_, mapped_);
}

std::string_view GuardedBuffer::hold(std::string_view text) {
  STEER_ASSERT(text.size() <= usable_);
  char* at = mapping_ + usable_ - text.size();
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  return {at, text.size()};
}

}  // namespace steer::test

#include "tests/support/alloc_guard.h"

#include <cstdlib>
#include <new>

namespace steer::test {
namespace {

// RULE-EXCEPTION(threads): test support; the replaced operator new has no other place to count.
thread_local std::size_t allocations = 0;

}  // namespace

AllocGuard::AllocGuard() noexcept : before_{allocations} {}
std::size_t AllocGuard::count() const noexcept {
  return allocations - before_;
}

// NOLINTBEGIN(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory): this is operator new.
namespace {

void* allocate(std::size_t size, std::size_t alignment) {
  ++allocations;
  if (alignment <= alignof(std::max_align_t)) {
    if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  } else if (void* memory =
                 std::aligned_alloc(alignment, (size + alignment - 1) / alignment * alignment)) {
    return memory;
  }
  std::abort();
}

}  // namespace
}  // namespace steer::test

void* operator new(std::size_t size) {
  return steer::test::allocate(size, alignof(std::max_align_t));
}
void* operator new[](std::size_t size) {
  return steer::test::allocate(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return steer::test::allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return steer::test::allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept {
  std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc,cppcoreguidelines-owning-memory)

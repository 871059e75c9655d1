#include "core/net/pages.h"

#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/mman.h>

namespace steer::net {

Pages::~Pages() {
  release();
}

Pages::Pages(Pages&& other) noexcept
    : data_{std::exchange(other.data_, nullptr)}, size_{std::exchange(other.size_, 0)} {}

Pages& Pages::operator=(Pages&& other) noexcept {
  if (this != &other) {
    release();
    data_ = std::exchange(other.data_, nullptr);
    size_ = std::exchange(other.size_, 0);
  }
  return *this;
}

void Pages::release() noexcept {
  if (data_ != nullptr) ::munmap(data_, size_);
  data_ = nullptr;
  size_ = 0;
}

Result<Pages> Pages::map(std::size_t size) {
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    return std::unexpected(Error{
        "", "cannot map " + std::to_string(size) + " bytes for buffers: " + std::strerror(errno) +
                "; raise the memory limit (ulimit -v) or run fewer shards"});
  }
  Pages pages;
  pages.data_ = static_cast<char*>(memory);
  pages.size_ = size;
  return pages;
}

}  // namespace steer::net

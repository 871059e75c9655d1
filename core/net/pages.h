#pragma once

#include <cstddef>
#include <span>

#include "core/base/result.h"

namespace steer::net {

// Zeroed memory straight from the kernel, page aligned. A page costs nothing until it is touched,
// so buffers may be as large as the largest datagram. Moved, never copied.
class Pages {
 public:
  Pages() noexcept = default;
  ~Pages();
  Pages(Pages&& other) noexcept;
  Pages& operator=(Pages&& other) noexcept;
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;

  // Says no when the process may not map so much (ulimit -v, a container's limit).
  static Result<Pages> map(std::size_t size);

  char* data() const noexcept { return data_; }
  std::span<char> view() const noexcept { return {data_, size_}; }

 private:
  void release() noexcept;

  char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace steer::net

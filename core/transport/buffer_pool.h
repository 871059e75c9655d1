#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/limits.h"

namespace steer::transport {

// The octets that all connections of a shard hold together: bounded, and from buffers that were
// somebody else's before, so that steady traffic allocates nothing. One thread.
class BufferPool {
 public:
  explicit BufferPool(std::size_t size_max = kStreamBytesMax) : size_max_{size_max} {}

  // Appends to the buffer. False: too many octets are held already, and it is as it was.
  [[nodiscard]] bool add(std::string& buffer, std::string_view octets) {
    if (held_ + octets.size() > size_max_) return false;
    if (buffer.empty() && buffer.capacity() < octets.size() && !spare_.empty()) {
      buffer = std::move(spare_.back());
      spare_.pop_back();
    }
    buffer += octets;
    held_ += octets.size();
    return true;
  }

  // Takes the first octets away.
  void cut(std::string& buffer, std::size_t size) {
    buffer.erase(0, size);
    held_ -= size;
  }

  // Empties the buffer and takes its memory.
  void clear(std::string& buffer) {
    held_ -= buffer.size();
    const bool is_useful = buffer.capacity() > kUselessSize && buffer.capacity() <= kSpareSizeMax;
    if (is_useful && spare_.size() < kBufferPoolSize) {
      buffer.clear();
      spare_.push_back(std::move(buffer));
    }
    buffer = std::string{};
  }

  std::size_t held() const noexcept { return held_; }

 private:
  static constexpr std::size_t kUselessSize = 64;  // Near what lies in the string itself.
  static constexpr std::size_t kSpareSizeMax = 2 * kStreamReadSize;

  std::size_t size_max_;
  std::size_t held_ = 0;
  std::vector<std::string> spare_;
};

}  // namespace steer::transport

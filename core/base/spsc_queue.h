#pragma once

#include <cstddef>

#include <readerwriterqueue/readerwriterqueue.h>

namespace steer {

// A bounded queue between exactly two threads, the only door between a shard and the control
// thread. Neither side waits or allocates; a full queue says no. The one place that includes
// readerwriterqueue.
template <class T>
class SpscQueue {
 public:
  explicit SpscQueue(std::size_t depth) : queue_{depth} {}

  [[nodiscard]] bool push(const T& value) noexcept { return queue_.try_enqueue(value); }
  [[nodiscard]] bool pop(T& value) noexcept { return queue_.try_dequeue(value); }

 private:
  moodycamel::ReaderWriterQueue<T> queue_;
};

}  // namespace steer

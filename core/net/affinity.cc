#include "core/net/affinity.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <string>

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

namespace steer::net {

namespace {

// Room for 8,192 processors, what the kernel's largest configuration has; one cpu_set_t holds
// 1,024.
constexpr std::size_t kSetCount = 8;
using CpuSet = std::array<cpu_set_t, kSetCount>;

}  // namespace

std::vector<int> allowed_cpus() {
  CpuSet set{};
  std::vector<int> out;
  if (::sched_getaffinity(0, sizeof(set), set.data()) == 0) {
    for (int cpu = 0; cpu < static_cast<int>(kSetCount) * CPU_SETSIZE; ++cpu) {
      if (CPU_ISSET_S(static_cast<std::size_t>(cpu), sizeof(set), set.data())) out.push_back(cpu);
    }
  }
  if (out.empty()) out.push_back(0);
  return out;
}

Result<void> pin_this_thread(int cpu) {
  CpuSet set{};
  if (cpu >= 0 && cpu < static_cast<int>(kSetCount) * CPU_SETSIZE) {
    CPU_SET_S(static_cast<std::size_t>(cpu), sizeof(set), set.data());
    if (::sched_setaffinity(0, sizeof(set), set.data()) == 0) return {};
  } else {
    errno = EINVAL;
  }
  return std::unexpected(Error{"cpu " + std::to_string(cpu),
                               std::string{"cannot pin a thread: "} + std::strerror(errno) +
                                   "; see the allowed ones with 'taskset -cp $$'"});
}

void stand_back() noexcept {
  constexpr int kNice = 5;  // A weight of 335 against 1,024.
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_BATCH, &none);
  const auto self = static_cast<id_t>(::gettid());
  ::setpriority(PRIO_PROCESS, self, ::getpriority(PRIO_PROCESS, self) + kNice);
}

}  // namespace steer::net

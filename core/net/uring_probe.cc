#include <cerrno>
#include <cstring>
#include <utility>

#include <sys/utsname.h>

#include "core/net/pages.h"
#include "core/net/uring_adapter.h"
#include "core/net/uring_io.h"

namespace steer::net {

namespace {

constexpr unsigned kProbeEntries = 4;
constexpr const char* kEpollServes = "; epoll serves everywhere, at about the same speed";

std::string kernel_release() {
  utsname name{};
  return ::uname(&name) == 0 ? name.release : "unknown";
}

Error refusal(int error, const std::string& kernel) {
  std::string what;
  switch (error) {
    case EPERM:
    case EACCES:
      what =
          "not permitted: the container's seccomp profile or sysctl kernel.io_uring_disabled "
          "forbids "
          "it; allow io_uring_setup, io_uring_enter and io_uring_register in the profile, or set "
          "the "
          "sysctl to 0";
      break;
    case ENOSYS:
      what = "not there: kernel " + kernel +
             " is built without it or a seccomp profile hides it; allow io_uring_setup, "
             "io_uring_enter and io_uring_register in the profile";
      break;
    case EINVAL:
    case EOPNOTSUPP: what = "kernel " + kernel + " is too old; use Linux 6.1 or later"; break;
    case ENOMEM: what = "no locked memory left; raise 'ulimit -l' (systemd: LimitMEMLOCK)"; break;
    case EMFILE:
    case ENFILE: what = "too many open files; raise 'ulimit -n' (systemd: LimitNOFILE)"; break;
    default: what = std::string{std::strerror(error)} + "; see the kernel's log"; break;
  }
  return {"io_uring", what + kEpollServes};
}

class TrialRing {
 public:
  TrialRing() noexcept = default;
  TrialRing(const TrialRing&) = delete;
  TrialRing& operator=(const TrialRing&) = delete;
  ~TrialRing() {
    if (open_) io_uring_queue_exit(&ring_);
  }

  // Each answers 0 or an errno.
  int open() noexcept {
    io_uring_params parameters{};
    parameters.flags = kUringSetupFlags | IORING_SETUP_R_DISABLED;
    const int result = io_uring_queue_init_params(kProbeEntries, &ring_, &parameters);
    open_ = result == 0;
    // Waiting with a time limit needs the extended argument, else liburing would spend a request.
    if (open_ && (parameters.features & IORING_FEAT_EXT_ARG) == 0) return EINVAL;
    return -result;
  }

  int try_buffers(Pages& memory) noexcept {
    io_uring_buf_reg registration{};
    registration.ring_addr = reinterpret_cast<std::uintptr_t>(memory.data());
    registration.ring_entries = kProbeEntries;
    return -io_uring_register_buf_ring(&ring_, &registration, 0);
  }

  int try_opcodes() noexcept {
    io_uring_probe* const probe = io_uring_get_probe_ring(&ring_);
    if (probe == nullptr) return EOPNOTSUPP;
    const bool all = io_uring_opcode_supported(probe, IORING_OP_RECVMSG) != 0 &&
                     io_uring_opcode_supported(probe, IORING_OP_SEND) != 0 &&
                     io_uring_opcode_supported(probe, IORING_OP_POLL_ADD) != 0;
    io_uring_free_probe(probe);
    return all ? 0 : EOPNOTSUPP;
  }

  int try_enable() noexcept { return -enable_ring(ring_); }

  // A policy may let us make a ring and then forbid to use it.
  int try_enter() noexcept {
    io_uring_sqe* const entry = io_uring_get_sqe(&ring_);
    if (entry == nullptr) return EINVAL;
    io_uring_prep_nop(entry);
    const int result = io_uring_submit_and_wait(&ring_, 1);
    return result < 0 ? -result : 0;
  }

 private:
  io_uring ring_{};
  bool open_ = false;
};

}  // namespace

Result<UringFeatures> probe_uring() {
  UringFeatures features{.kernel = kernel_release()};
  Result<Pages> memory = Pages::map(kPageSize);
  if (!memory) return std::unexpected(memory.error());
  TrialRing ring;
  int error = ring.open();
  if (error == 0) error = ring.try_buffers(*memory);
  if (error == 0) error = ring.try_opcodes();
  if (error == 0) error = ring.try_enable();
  if (error == 0) error = ring.try_enter();
  if (error != 0) return std::unexpected(refusal(error, features.kernel));
  return features;
}

}  // namespace steer::net

#pragma once

#include <cstddef>
#include <string>

#include <sys/types.h>

#include "core/base/result.h"
#include "core/net/descriptor.h"

namespace steer::admin {

// A listening Unix stream socket and its file. Owns both: the file goes away with the object,
// unless somebody else has put another one in its place. Control thread only.
class UnixListener {
 public:
  // Listens on `path`, mode 0660. A file that a dead process left is replaced; a living one's is
  // not, nor anything that is no socket. Says no with the cause and the cure.
  static Result<UnixListener> open(const std::string& path);

  UnixListener(UnixListener&&) noexcept = default;
  UnixListener& operator=(UnixListener&&) = delete;
  ~UnixListener();

  int fd() const noexcept { return descriptor_.get(); }

  enum class Accept { kClient, kNobody, kNoResources };
  // Takes one waiting client, never blocks. kNoResources: out of descriptors or memory; trying
  // again at once is no use.
  [[nodiscard]] Accept accept(net::Descriptor& client) const;

 private:
  UnixListener(net::Descriptor descriptor, std::string path);

  net::Descriptor descriptor_;
  std::string path_;
  dev_t device_ = 0;  // Which file is ours.
  ino_t inode_ = 0;
};

}  // namespace steer::admin

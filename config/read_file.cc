#include "config/read_file.h"

#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace steer::config {
namespace {

// Closes what it owns.
class File {
 public:
  explicit File(int descriptor) : descriptor_{descriptor} {}
  ~File() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

std::unexpected<Error> refuse(const std::string& path, std::string what) {
  return std::unexpected{Error{path, std::move(what)}};
}

std::string kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "it is a directory; name a file in it";
  return "it is no regular file; name one";
}

}  // namespace

std::string file_problem(int problem) {
  const std::string text = std::generic_category().message(problem);
  if (problem == ENOENT) return text + "; create it or correct the path";
  if (problem == EACCES || problem == EPERM) {
    return text + "; give the user that runs sipsteer the right to it";
  }
  return text;
}

Result<std::string> read_text_file(const std::string& path, std::size_t size_max) {
  // Without O_NONBLOCK a FIFO without writer would hold us here.
  const File file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)};
  if (file.descriptor() < 0) return refuse(path, "cannot be read: " + file_problem(errno));
  struct stat status{};
  if (fstat(file.descriptor(), &status) != 0) {
    return refuse(path, "cannot be read: " + file_problem(errno));
  }
  if (!S_ISREG(status.st_mode)) return refuse(path, "cannot be read: " + kind_of(status.st_mode));
  std::string text;
  std::size_t size = 0;
  while (size <= size_max) {  // It may grow while it is read: the limit counts, not its status.
    constexpr std::size_t kPiece = 256 * 1'024;
    text.resize(size + kPiece);
    const ssize_t count = read(file.descriptor(), text.data() + size, kPiece);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return refuse(path, "cannot be read: " + file_problem(errno));
    if (count == 0) break;
    size += static_cast<std::size_t>(count);
  }
  if (size > size_max) {
    return refuse(
        path, "is larger than " + std::to_string(size_max) + " octets; is this the right file?");
  }
  text.resize(size);
  return text;
}

}  // namespace steer::config

#include "config/write_file.h"

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/read_file.h"

namespace steer::config {
namespace {

namespace fs = std::filesystem;

// A temporary file that goes with the object unless it has been renamed.
class Temporary {
 public:
  explicit Temporary(std::string path) : path_{std::move(path)} {
    descriptor_ = mkostemp(path_.data(), O_CLOEXEC);
  }
  ~Temporary() {
    if (descriptor_ < 0) return;
    close(descriptor_);
    if (!kept_) unlink(path_.c_str());
  }
  Temporary(const Temporary&) = delete;
  Temporary& operator=(const Temporary&) = delete;

  int descriptor() const { return descriptor_; }
  bool put_at(const std::string& path) {
    kept_ = rename(path_.c_str(), path.c_str()) == 0;
    return kept_;
  }

 private:
  std::string path_;
  int descriptor_ = -1;
  bool kept_ = false;
};

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return true;
}

std::unexpected<Error> refuse(const std::string& path) {
  return std::unexpected{Error{path, "cannot be written: " + file_problem(errno)}};
}

// So that the new name, too, is there after a loss of power.
void sync_folder(const std::string& folder) {
  const int descriptor = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) return;
  fsync(descriptor);
  close(descriptor);
}

}  // namespace

Result<void> write_file(const std::string& path, std::string_view text, mode_t mode) {
  std::error_code ignored;
  const fs::path real = fs::weakly_canonical(path, ignored);
  const std::string place = real.empty() ? path : real.string();
  struct stat status{};
  const bool exists = stat(place.c_str(), &status) == 0;
  if (exists && !S_ISREG(status.st_mode)) {
    return std::unexpected{Error{path, "is no regular file; name one"}};
  }
  constexpr mode_t kPermissions = 07777;
  Temporary file{place + ".XXXXXX"};
  if (file.descriptor() < 0) return refuse(path);
  if (fchmod(file.descriptor(), exists ? status.st_mode & kPermissions : mode) != 0 ||
      !write_all(file.descriptor(), text) || fsync(file.descriptor()) != 0 || !file.put_at(place)) {
    return refuse(path);
  }
  sync_folder(fs::path{place}.parent_path().string());
  return {};
}

}  // namespace steer::config

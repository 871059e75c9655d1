#include "tools/sipsteer/file_watch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <utility>

#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

namespace steer {
namespace {

namespace fs = std::filesystem;

constexpr int kLinkCountMax = 40;  // As the kernel follows.
constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE |
                                  IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF |
                                  IN_ONLYDIR;

std::int64_t nanoseconds(const timespec& time) {
  constexpr std::int64_t kSecond = 1'000'000'000;
  return std::int64_t{time.tv_sec} * kSecond + time.tv_nsec;
}

std::optional<FileSignature> signature_of(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return FileSignature{.device = status.st_dev,
                       .inode = status.st_ino,
                       .size = static_cast<std::uint64_t>(status.st_size),
                       .modified = nanoseconds(status.st_mtim),
                       .changed = nanoseconds(status.st_ctim)};
}

// The next symbolic link on the way to `path`, with its folder; nothing: there is none.
std::optional<fs::path> first_link(const fs::path& path) {
  fs::path so_far;
  std::error_code ignored;
  for (const fs::path& part : path) {
    so_far /= part;
    if (fs::is_symlink(so_far, ignored)) return so_far;
  }
  return std::nullopt;
}

void add_folder(fs::path folder, std::set<std::string>& folders) {
  std::error_code ignored;
  while (!fs::is_directory(folder, ignored) && folder.has_relative_path()) {
    folder = folder.parent_path();
  }
  folders.insert(folder.string());
}

}  // namespace

std::vector<std::string> folders_on_the_way(const std::string& path) {
  std::error_code ignored;
  fs::path at = fs::absolute(path, ignored).lexically_normal();
  std::set<std::string> folders;
  for (int links = 0; links < kLinkCountMax; ++links) {
    const std::optional<fs::path> link = first_link(at);
    if (!link) break;
    add_folder(link->parent_path(), folders);
    const fs::path target = fs::read_symlink(*link, ignored);
    const fs::path rest = at.lexically_relative(*link);
    at = ((target.is_absolute() ? target : link->parent_path() / target) / rest).lexically_normal();
    if (!at.has_filename()) at = at.parent_path();
  }
  add_folder(at.parent_path(), folders);
  add_folder(at.parent_path().parent_path(), folders);
  return {folders.begin(), folders.end()};
}

Result<FileWatch> FileWatch::open(const std::string& path) {
  net::Descriptor inotify{inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  if (!inotify) {
    return std::unexpected{Error{path, std::string{"cannot be watched: "} + std::strerror(errno) +
                                           "; raise fs.inotify.max_user_instances, or write watch "
                                           "= false"}};
  }
  FileWatch watch{path, std::move(inotify)};
  watch.arm();
  watch.note_reading();
  return watch;
}

void FileWatch::note_reading() {
  noted_ = signature_of(path_);
}

// Watches anew what is on the way now. What has not changed keeps its watch.
void FileWatch::arm() {
  std::vector<int> now;
  for (const std::string& folder : folders_on_the_way(path_)) {
    const int watch = inotify_add_watch(inotify_.get(), folder.c_str(), kEvents);
    if (watch >= 0) now.push_back(watch);
  }
  for (const int old : watched_) {
    if (std::ranges::find(now, old) == now.end()) inotify_rm_watch(inotify_.get(), old);
  }
  watched_ = std::move(now);
}

// True: something has happened in one of the folders.
bool FileWatch::drain() {
  alignas(inotify_event) std::array<char, 4'096> events{};
  bool any = false;
  constexpr int kReadsMax = 64;  // What is left is there at the next look.
  for (int i = 0; i < kReadsMax; ++i) {
    const ssize_t size = ::read(inotify_.get(), events.data(), events.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    any = true;
  }
  return any;
}

bool FileWatch::changed(Instant now) {
  if (drain()) {
    if (!first_) first_ = now;
    last_ = now;
  }
  if (!first_ || (now - last_ < kQuiet && now - *first_ < kBurstMax)) return false;
  first_.reset();
  arm();
  const std::optional<FileSignature> present = signature_of(path_);
  // A file that is gone for a moment is no news: what was read of it serves on.
  return present && present != noted_;
}

}  // namespace steer

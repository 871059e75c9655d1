#include "tools/sipsteer/journal_file.h"

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config/read_file.h"
#include "core/base/hash.h"

namespace steer {
namespace {

constexpr int kAsideNameCountMax = 1'000;

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(descriptor, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
  return fsync(descriptor) == 0;
}

// A rename is on the disk when its folder is.
int sync_folder(const std::string& folder) {
  const net::Descriptor directory{open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!directory) return errno;
  return fsync(directory.get()) == 0 ? 0 : errno;
}

// 0 or errno.
int replace_file(const std::string& folder, const std::string& path, std::string_view text) {
  const std::string temporary = path + ".new";
  {
    // The lock is ours, so that what lies there is left over from a crash.
    const net::Descriptor file{
        open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600)};
    if (!file) return errno;
    if (!write_all(file.get(), text)) {
      const int problem = errno;
      unlink(temporary.c_str());
      return problem;
    }
  }
  if (rename(temporary.c_str(), path.c_str()) != 0) {
    const int problem = errno;
    unlink(temporary.c_str());
    return problem;
  }
  return sync_folder(folder);
}

int remove_file(const std::string& folder, const std::string& path) {
  if (unlink(path.c_str()) != 0) return errno == ENOENT ? 0 : errno;
  return sync_folder(folder);
}

bool exists(const std::string& path) {
  struct stat status{};
  return lstat(path.c_str(), &status) == 0;
}

}  // namespace

JournalFile::JournalFile(std::string folder, const std::string& name)
    : folder_{std::move(folder)}, path_{folder_ + "/" + name} {}

Result<void> JournalFile::lock() {
  if (lock_) return {};
  if (!exists(folder_)) {
    return std::unexpected{Error{"", "there is no folder " + folder_ + ": create it and make " +
                                         folder_ + " writable for sipsteer"}};
  }
  const std::string path = path_ + ".lock";
  net::Descriptor file{open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (!file) {
    return std::unexpected{
        Error{path, config::file_problem(errno) + "; make " + folder_ + " writable for sipsteer"}};
  }
  if (flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
    return std::unexpected{Error{path_,
                                 "another sipsteer holds it; give this one a "
                                 "state_directory of its own"}};
  }
  lock_ = std::move(file);
  return {};
}

// What became of the file, in words.
std::string JournalFile::keep_aside() const {
  for (int i = 1; i <= kAsideNameCountMax; ++i) {
    const std::string aside = fmt::format("{}.kept-{}", path_, i);
    if (exists(aside)) continue;
    if (rename(path_.c_str(), aside.c_str()) != 0) {
      return "it cannot be kept aside either: " + config::file_problem(errno);
    }
    return "it is kept as " + aside;
  }
  return "it stays where it is, because there are too many kept ones: remove some";
}

JournalFile::Found JournalFile::read() {
  if (!exists(path_)) return {};
  // Without the lock it can still be read: a folder without rights must not cost the words.
  const Result<void> locked = lock();
  if (!locked && locked.error().where == path_) {
    return {std::nullopt, locked.error().text() + "; the operators' words in it are not taken"};
  }
  const Result<std::string> text = config::read_text_file(path_, admin::kJournalSizeMax);
  Result<admin::Journal> journal =
      text ? admin::read_journal(*text) : Result<admin::Journal>{std::unexpected{text.error()}};
  if (journal) return {std::move(*journal), {}};
  return {std::nullopt, "the operators' words in " + path_ + " cannot be used (" +
                            journal.error().what + "): none is in force; " + keep_aside()};
}

Result<void> JournalFile::write(const admin::Journal& journal) {
  const bool is_empty = journal.entries.empty() && journal.additions.empty();
  if (is_empty && !exists(path_)) return {};
  if (const Result<void> locked = lock(); !locked) return locked;
  const int problem = is_empty ? remove_file(folder_, path_)
                               : replace_file(folder_, path_, admin::write_journal(journal));
  if (problem == 0) return {};
  return std::unexpected{
      Error{path_, config::file_problem(problem) + "; make " + folder_ + " writable for sipsteer"}};
}

std::string journal_name(const std::string& list_alone_path) {
  if (list_alone_path.empty()) return "intents.json";
  std::error_code ignored;
  const std::filesystem::path whole = std::filesystem::absolute(list_alone_path, ignored);
  constexpr Seed kSeed{0x6c69'7374'2070'6174};
  return fmt::format("intents-{:016x}.json", TableHasher{kSeed}(whole.string()));
}

}  // namespace steer

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/result.h"
#include "core/base/time.h"
#include "core/net/descriptor.h"

namespace steer {

// What tells one state of a file from another, also within the same second and with its old times
// put back.
struct FileSignature {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // Nanoseconds.
  std::int64_t changed = 0;   // Likewise; nobody can set this one.

  friend bool operator==(const FileSignature&, const FileSignature&) = default;
};

// Notices that another text stands behind a path, however it came there: written in place, renamed
// into it, or by a symbolic link on the way that points elsewhere now. Looks at folders (inotify),
// so the file may be missing for a while. Control thread only.
class FileWatch {
 public:
  static constexpr Duration kQuiet = std::chrono::milliseconds{200};  // Ends a burst of changes.
  static constexpr Duration kBurstMax = std::chrono::seconds{1};      // However long it goes on.

  [[nodiscard]] static Result<FileWatch> open(const std::string& path);

  const std::string& path() const { return path_; }

  // Before the file is read: what is found different later is a change.
  void note_reading();

  // True once for each burst that has left another file than the one noted.
  [[nodiscard]] bool changed(Instant now);

 private:
  FileWatch(std::string path, net::Descriptor inotify)
      : path_{std::move(path)}, inotify_{std::move(inotify)} {}
  void arm();
  bool drain();

  std::string path_;
  net::Descriptor inotify_;
  std::vector<int> watched_;
  std::optional<FileSignature> noted_;  // Nothing: no file.
  std::optional<Instant> first_;        // Of a burst that is not over.
  Instant last_;
};

// The folders in which a change can put another file behind `path`: that of each symbolic link on
// the way, that of the file, and the one above it. Those that exist.
std::vector<std::string> folders_on_the_way(const std::string& path);

}  // namespace steer

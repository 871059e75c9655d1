#pragma once

#include <optional>
#include <string>

#include "admin/journal.h"
#include "core/base/result.h"
#include "core/net/descriptor.h"

namespace steer {

// The operators' words on disk: one small file that is replaced whole, and a lock beside it, so
// that two daemons with one state directory do not overwrite each other's words. Control thread
// only; waits for the disk.
class JournalFile {
 public:
  // Touches nothing yet. `name` without a folder, as in "intents.json".
  JournalFile(std::string folder, const std::string& name);

  struct Found {
    std::optional<admin::Journal> journal;  // Nothing: there was none, or it cannot be used.
    std::string warning;                    // What is wrong, and what became of the file.
  };
  // At start. A file that cannot be used is kept aside under another name.
  Found read();

  // After a crash at any point the file is there as it was or as it is now. The mistake says why
  // it is not, and what to do. A journal that holds nothing removes the file.
  [[nodiscard]] Result<void> write(const admin::Journal& journal);

  const std::string& path() const noexcept { return path_; }

 private:
  Result<void> lock();
  std::string keep_aside() const;

  std::string folder_;
  std::string path_;
  net::Descriptor lock_;
};

// The name of the journal: one for a configuration; a list that runs without one has its own, by
// its path, so that a trial neither sees nor changes what was said of another list.
std::string journal_name(const std::string& list_alone_path);

}  // namespace steer

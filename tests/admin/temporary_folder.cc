#include "tests/admin/temporary_folder.h"

#include <cstdlib>
#include <filesystem>

#include "core/base/assert.h"

namespace steer::admin::test {

TemporaryFolder::TemporaryFolder() {
  STEER_ASSERT(::mkdtemp(path_.data()) != nullptr);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace steer::admin::test

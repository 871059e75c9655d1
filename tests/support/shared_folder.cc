#include "tests/support/shared_folder.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace steer::test {

std::optional<std::string> shared_folder() {
  const char* chosen = std::getenv("STEER_SHARED");
  std::string path = chosen != nullptr ? chosen : STEER_SOURCE_DIR "/../shared";
  if (!std::filesystem::is_directory(path)) return std::nullopt;
  return path;
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  if (!file) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace steer::test

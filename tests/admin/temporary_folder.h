#pragma once

#include <string>

namespace steer::admin::test {

// A folder that goes away with its content. Short, because a socket's path has 107 octets.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_ = "/tmp/sipsteer.XXXXXX";
};

}  // namespace steer::admin::test

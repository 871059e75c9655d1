#pragma once

#include <optional>
#include <string>

namespace steer::test {

// Where the reference material lies (RFC 4475 and 5118 messages): STEER_SHARED, else "../shared" of
// the source tree. Nothing: a test that needs it skips and says so.
std::optional<std::string> shared_folder();

// A whole file's octets; an empty optional if it cannot be read.
std::optional<std::string> read_file(const std::string& path);

}  // namespace steer::test

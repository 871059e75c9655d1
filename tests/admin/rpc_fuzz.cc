#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "admin/rpc.h"
#include "tests/admin/fake_service.h"

// libFuzzer: a line of the control socket. Whatever it is, the answer is one line of JSON or none,
// and who may only look has changed nothing. The first octet chooses who asks.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view line{reinterpret_cast<const char*>(data) + 1, size - 1};
  steer::admin::test::FakeDaemon daemon;
  steer::admin::Service service = daemon.service();
  steer::admin::Session session;
  session.may_change = data[0] % 2 == 0;
  session.can_follow = data[0] % 4 < 2;
  const std::string answer = steer::admin::handle(line, service, session);
  if (answer.find('\n') != std::string::npos) __builtin_trap();
  if (!answer.empty() && !nlohmann::json::accept(answer)) __builtin_trap();
  const bool changed = !daemon.changes.empty() || !daemon.weights.empty() ||
                       !daemon.additions.empty() || !daemon.calls.empty();
  if (changed && !session.may_change) __builtin_trap();
  return 0;
}

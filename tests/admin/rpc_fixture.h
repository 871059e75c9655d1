#pragma once

#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "admin/rpc.h"
#include "tests/admin/fake_service.h"

namespace steer::admin::test {

// Asks a fake daemon, line by line.
class RpcTest : public testing::Test {
 protected:
  using Json = nlohmann::json;

  std::string text(std::string_view line) { return handle(line, service_, session_); }
  Json ask(std::string_view line) { return Json::parse(text(line)); }
  Json answer(std::string_view method, const Json& parameters = nullptr) {
    Json request = {{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}};
    if (!parameters.is_null()) request["params"] = parameters;
    return ask(request.dump());
  }
  Json result(std::string_view method, const Json& parameters = nullptr) {
    return answer(method, parameters)["result"];
  }
  Json error(std::string_view method, const Json& parameters = nullptr) {
    return answer(method, parameters)["error"];
  }
  std::string message(std::string_view method, const Json& parameters = nullptr) {
    return error(method, parameters).value("message", "");
  }

  FakeDaemon daemon_;
  Service service_ = daemon_.service();
  Session session_;
};

}  // namespace steer::admin::test

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

// HTTP as values, between the server that speaks it and the pages behind it.

namespace steer::admin {

struct HttpRequest {
  std::string_view method;              // "GET"
  std::string_view path;                // "/metrics", without a query.
  std::string_view authorization;       // Of the header field; empty: none.
  std::string_view body = {};           // Whole.
  std::string_view last_event_id = {};  // Of the header field; empty: none.
  std::string* room = nullptr;          // Memory of an earlier answer, for a large one; null: none.
};

struct HttpReply {
  std::uint16_t status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::string allow;  // For 405.
  // Where it is set the answer goes on after `body`, until the client leaves: asked again and again
  // for what has come; empty: nothing has.
  std::move_only_function<std::string()> follow;
};

}  // namespace steer::admin

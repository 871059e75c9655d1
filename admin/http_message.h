#pragma once

#include <cstdint>
#include <string>
#include <string_view>

// HTTP as values, between the server that speaks it and the pages behind it.

namespace steer::admin {

struct HttpRequest {
  std::string_view method;         // "GET"
  std::string_view path;           // "/metrics", without a query.
  std::string_view authorization;  // Of the header field; empty: none.
  std::string_view body;           // Whole.
};

struct HttpReply {
  std::uint16_t status = 200;
  std::string type = "text/plain; charset=utf-8";
  std::string body;
  std::string allow;  // For 405.
};

}  // namespace steer::admin

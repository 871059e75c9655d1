#pragma once

#include <cstdint>
#include <string>

#include "admin/http_message.h"
#include "admin/service.h"

namespace steer::admin {

struct WebCounters {
  std::uint64_t requests = 0;
  std::uint64_t denied = 0;  // A change without the right token.
};

// What is behind the HTTP server: /metrics, /healthz, /readyz, /events and /rpc. A pure function of
// request and service. GET changes nothing; a change by POST needs the token. Outlives its answers
// to /events, which go on.
class Web {
 public:
  // An empty token: no changes over HTTP at all.
  Web(Service service, std::string token)
      : service_{std::move(service)}, token_{std::move(token)} {}

  HttpReply answer(const HttpRequest& request);
  const WebCounters& counters() const noexcept { return counters_; }

 private:
  HttpReply metrics(std::string* room);
  HttpReply readiness();
  HttpReply events(const HttpRequest& request);
  HttpReply rpc(const HttpRequest& request);

  Service service_;
  std::string token_;
  WebCounters counters_;
};

// "Bearer TOKEN" with the right token. Takes as long for a wrong one of the same size, wherever it
// differs.
bool is_authorized(std::string_view authorization, std::string_view token) noexcept;

}  // namespace steer::admin

#include "admin/web.h"

#include <array>
#include <utility>

#include "admin/event_stream.h"
#include "admin/metrics.h"
#include "admin/row_words.h"
#include "admin/rpc.h"

namespace steer::admin {
namespace {

constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view kJsonType = "application/json";

HttpReply wrong_method(std::string_view allowed) {
  return {.status = 405,
          .body = "use " + std::string{allowed} + " here\n",
          .allow = std::string{allowed}};
}

}  // namespace

bool is_authorized(std::string_view authorization, std::string_view token) noexcept {
  constexpr std::string_view kScheme = "Bearer ";
  if (token.empty() || authorization.size() < kScheme.size()) return false;
  // RFC 7235 §2.1: the scheme in any case.
  if (!same_but_for_case(authorization.substr(0, kScheme.size()), kScheme)) return false;
  authorization.remove_prefix(kScheme.size());
  if (authorization.size() != token.size()) return false;
  unsigned differences = 0;
  for (std::size_t i = 0; i < token.size(); ++i) {
    differences |=
        static_cast<unsigned char>(authorization[i]) ^ static_cast<unsigned char>(token[i]);
  }
  return differences == 0;
}

HttpReply Web::answer(const HttpRequest& request) {
  ++counters_.requests;
  const bool reads = request.method == "GET" || request.method == "HEAD";
  if (request.path == "/metrics") return reads ? metrics(request.room) : wrong_method("GET");
  if (request.path == "/healthz") return reads ? HttpReply{.body = "ok\n"} : wrong_method("GET");
  if (request.path == "/readyz") return reads ? readiness() : wrong_method("GET");
  if (request.path == "/events") {
    return request.method == "GET" ? events(request) : wrong_method("GET");
  }
  if (request.path == "/rpc") return request.method == "POST" ? rpc(request) : wrong_method("POST");
  return {.status = 404,
          .body = "nothing here; see /metrics, /healthz, /readyz, /events and POST /rpc\n"};
}

HttpReply Web::metrics(std::string* room) {
  const ProcessRow process = service_.process ? service_.process() : ProcessRow{};
  return {.type = std::string{kMetricsType},
          .body = metrics_text(service_.info(), service_.list(), process,
                               room == nullptr ? std::string{} : std::exchange(*room, {}),
                               service_.breathe)};
}

HttpReply Web::readiness() {
  const InfoAnswer info = service_.info();
  const std::string problem = service_.process ? service_.process().source_problem : "";
  const std::string detail =
      problem.empty() ? ""
                      : "older destinations serve, their source cannot be asked: " + problem + "\n";
  if (info.ready) return {.body = "ready\n" + detail};
  return {.status = 503, .body = "not ready: " + info.not_ready_because + "\n" + detail};
}

HttpReply Web::events(const HttpRequest& request) {
  // A client whose connection broke comes back after that time.
  constexpr std::string_view kRetry = "retry: 2000\n\n";
  return {.type = "text/event-stream",
          .body = std::string{kRetry},
          .follow = [this, stream = EventStream{service_, request.last_event_id}]() mutable {
            return stream.news(service_);
          }};
}

HttpReply Web::rpc(const HttpRequest& request) {
  Session session;
  session.may_change = is_authorized(request.authorization, token_);
  session.why_not =
      token_.empty() ? "no admin.token is configured; use sipsteerctl on the control socket"
      : request.authorization.empty()
          ? "send the header field Authorization: Bearer with what is in admin.token"
          : "what Authorization says is not \"Bearer\" and the token; look into the file that "
            "admin.token names. A file changed since the start takes a restart";
  std::string answer = handle(request.body, service_, session);
  if (session.change_denied) ++counters_.denied;
  const std::uint16_t status = session.change_denied ? 401 : answer.empty() ? 204 : 200;
  return {.status = status, .type = std::string{kJsonType}, .body = std::move(answer)};
}

}  // namespace steer::admin

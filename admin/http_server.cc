#include "admin/http_server.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>

#include "core/base/limits.h"

namespace steer::admin {

struct HttpServer::Impl {
  Answerer answerer;
  MHD_Daemon* daemon = nullptr;

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (daemon != nullptr) MHD_stop_daemon(daemon);
  }
};

namespace {

// One request while its octets come in.
struct Incoming {
  std::string body;
  bool too_large = false;
};

void free_body(void* body) {
  const std::unique_ptr<std::string> over{static_cast<std::string*>(body)};
}

// The body goes over to the library, uncopied: a scrape of a large list has tens of megabytes.
MHD_Result send(MHD_Connection* connection, HttpReply reply) {
  auto body = std::make_unique<std::string>(std::move(reply.body));
  MHD_Response* const response = MHD_create_response_from_buffer_with_free_callback_cls(
      body->size(), body->data(), &free_body, body.get());
  if (response == nullptr) return MHD_NO;
  static_cast<void>(body.release());  // free_body() gets it back.
  MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, reply.type.c_str());
  // No page of ours is to be kept, framed or guessed at by a browser.
  MHD_add_response_header(response, MHD_HTTP_HEADER_CACHE_CONTROL, "no-store");
  MHD_add_response_header(response, "X-Content-Type-Options", "nosniff");
  if (!reply.allow.empty()) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_ALLOW, reply.allow.c_str());
  }
  if (reply.status == 401) {
    MHD_add_response_header(response, MHD_HTTP_HEADER_WWW_AUTHENTICATE, "Bearer");
  }
  const MHD_Result queued = MHD_queue_response(connection, reply.status, response);
  MHD_destroy_response(response);
  return queued;
}

std::string_view field(MHD_Connection* connection, const char* name) {
  const char* value = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, name);
  return value == nullptr ? std::string_view{} : std::string_view{value};
}

// RULE-EXCEPTION(size): the library's signature. Called first with the head, then with pieces of
// the body, last without any.
MHD_Result on_request(void* context, MHD_Connection* connection, const char* url,
                      const char* method, const char* /*version*/, const char* upload,
                      std::size_t* upload_size, void** state) {
  auto& answerer = *static_cast<HttpServer::Answerer*>(context);
  if (*state == nullptr) {
    *state = std::make_unique<Incoming>().release();  // Given back in on_completed().
    return MHD_YES;
  }
  auto& incoming = *static_cast<Incoming*>(*state);
  if (*upload_size != 0) {
    incoming.too_large |= incoming.body.size() + *upload_size > kControlLineSizeMax;
    if (!incoming.too_large) incoming.body.append(upload, *upload_size);
    *upload_size = 0;
    return MHD_YES;
  }
  if (incoming.too_large) {
    return send(connection, {.status = 413,
                             .body = "a body has at most " + std::to_string(kControlLineSizeMax) +
                                     " octets; send less\n"});
  }
  const HttpRequest request{.method = method,
                            .path = url,
                            .authorization = field(connection, MHD_HTTP_HEADER_AUTHORIZATION),
                            .body = incoming.body};
  return send(connection, answerer(request));
}

void on_completed(void* /*context*/, MHD_Connection* /*connection*/, void** state,
                  MHD_RequestTerminationCode /*how*/) {
  const std::unique_ptr<Incoming> over{static_cast<Incoming*>(*state)};
  *state = nullptr;
}

sockaddr_storage socket_address(const Address& address) {
  sockaddr_storage storage{};
  if (address.family == Family::kIpv4) {
    sockaddr_in four{};
    four.sin_family = AF_INET;
    four.sin_port = htons(address.port);
    std::memcpy(&four.sin_addr, address.octets.data(), sizeof four.sin_addr);
    std::memcpy(&storage, &four, sizeof four);
  } else {
    sockaddr_in6 six{};
    six.sin6_family = AF_INET6;
    six.sin6_port = htons(address.port);
    std::memcpy(&six.sin6_addr, address.octets.data(), sizeof six.sin6_addr);
    std::memcpy(&storage, &six, sizeof six);
  }
  return storage;
}

// The library's own words go nowhere: what a client does wrong it is told itself.
void ignore_words(void* /*context*/, const char* /*format*/, va_list /*words*/) {}

}  // namespace

Result<HttpServer> HttpServer::open(const Address& address, Answerer answerer) {
  auto impl = std::make_unique<Impl>();
  impl->answerer = std::move(answerer);
  const sockaddr_storage where = socket_address(address);
  unsigned flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG;
  if (address.family == Family::kIpv6) flags |= MHD_USE_IPv6;
  errno = 0;
  impl->daemon = MHD_start_daemon(
      flags, address.port, nullptr, nullptr, &on_request, &impl->answerer,
      MHD_OPTION_EXTERNAL_LOGGER, &ignore_words, nullptr, MHD_OPTION_SOCK_ADDR, &where,
      MHD_OPTION_NOTIFY_COMPLETED, &on_completed, nullptr, MHD_OPTION_CONNECTION_LIMIT,
      static_cast<unsigned>(kConnectionCountMax), MHD_OPTION_CONNECTION_TIMEOUT, kIdleSecondsMax,
      MHD_OPTION_CONNECTION_MEMORY_LIMIT, kHeadSizeMax, MHD_OPTION_LISTENING_ADDRESS_REUSE, 1U,
      MHD_OPTION_END);
  if (impl->daemon == nullptr) {
    const std::string why = errno == 0 ? "refused" : std::strerror(errno);
    return std::unexpected{Error{"admin.http", "cannot listen on " + to_string(address) + ": " +
                                                   why +
                                                   "; end what uses it, choose another address, "
                                                   "or write \"off\""}};
  }
  return HttpServer{std::move(impl)};
}

int HttpServer::fd() const noexcept {
  return MHD_get_daemon_info(impl_->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

std::uint16_t HttpServer::port() const noexcept {
  return MHD_get_daemon_info(impl_->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

void HttpServer::process() {
  MHD_run(impl_->daemon);
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) noexcept : impl_{std::move(impl)} {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

}  // namespace steer::admin

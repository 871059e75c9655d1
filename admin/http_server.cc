#include "admin/http_server.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "core/base/limits.h"

namespace steer::admin {

namespace {

// An answer that goes on. While it has nothing to send its connection is suspended.
struct Stream {
  MHD_Connection* connection = nullptr;
  std::move_only_function<std::string()> follow;
  std::string unsent;
  std::size_t sent = 0;  // Of `unsent`.
  bool suspended = false;
  Instant told;  // When it was last given something.
};

// What a request finds.
struct Serving {
  HttpServer::Answerer answerer;
  std::string room;  // The memory of an answer that has left.
  std::vector<std::unique_ptr<Stream>> streams;
  HttpCounters counters;
};

}  // namespace

struct HttpServer::Impl {
  Serving serving;
  Breather breathe;
  MHD_Daemon* daemon = nullptr;

  Impl() = default;
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;
  ~Impl() {
    if (daemon == nullptr) return;
    // The library stops the process that ends it while a connection is suspended.
    for (const std::unique_ptr<Stream>& stream : serving.streams) {
      if (stream->suspended) MHD_resume_connection(stream->connection);
    }
    MHD_stop_daemon(daemon);
  }
};

namespace {

// One request while its octets come in.
struct Incoming {
  std::string body;
  bool too_large = false;
};

// An answer's octets while the library sends them, and who gets their memory afterwards.
struct Body {
  std::string octets;
  std::string& room;
};

void free_body(void* body) {
  const std::unique_ptr<Body> over{static_cast<Body*>(body)};
  if (over->octets.capacity() > over->room.capacity()) over->room = std::move(over->octets);
}

void add_fields(MHD_Response* response, const HttpReply& reply) {
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
}

// --- Answers that go on ----------------------------------------------------------------------

// The library asks for more octets. Without any the connection sleeps until wake_streams().
ssize_t read_stream(void* context, std::uint64_t /*position*/, char* out, std::size_t size_max) {
  auto& stream = *static_cast<Stream*>(context);
  if (stream.sent == stream.unsent.size()) {
    stream.unsent = stream.follow();
    stream.sent = 0;
  }
  if (stream.unsent.empty()) {
    stream.suspended = true;
    MHD_suspend_connection(stream.connection);
    return 0;
  }
  const std::size_t size = stream.unsent.copy(out, size_max, stream.sent);
  stream.sent += size;
  return static_cast<ssize_t>(size);
}

MHD_Result send_stream(MHD_Connection* connection, Serving& serving, HttpReply reply) {
  auto made = std::make_unique<Stream>(Stream{.connection = connection,
                                              .follow = std::move(reply.follow),
                                              .unsent = std::move(reply.body),
                                              .sent = 0,
                                              .suspended = false,
                                              .told = {}});
  constexpr std::size_t kBlockSize = 16 * kKiB;
  MHD_Response* const response = MHD_create_response_from_callback(
      MHD_SIZE_UNKNOWN, kBlockSize, &read_stream, made.get(), nullptr);
  if (response == nullptr) return MHD_NO;
  serving.streams.push_back(std::move(made));  // on_completed() takes it out.
  ++serving.counters.streams;
  add_fields(response, reply);
  const MHD_Result queued = MHD_queue_response(connection, reply.status, response);
  MHD_destroy_response(response);
  return queued;
}

// Those who sleep and for whom something has come, or who were silent for long.
void wake_streams(Serving& serving, Instant now) {
  for (const std::unique_ptr<Stream>& stream : serving.streams) {
    if (!stream->suspended) {
      stream->told = now;
      continue;
    }
    std::string news = stream->follow();
    if (news.empty() && now - stream->told < HttpServer::kStreamSilenceMax) continue;
    stream->unsent = news.empty() ? std::string{": nothing new\n\n"} : std::move(news);
    stream->sent = 0;
    stream->told = now;
    stream->suspended = false;
    MHD_resume_connection(stream->connection);
  }
}

// --- Requests --------------------------------------------------------------------------------

// The body goes over to the library, uncopied: a scrape of a large list has tens of megabytes.
MHD_Result send(MHD_Connection* connection, std::string& room, HttpReply reply) {
  auto body = std::make_unique<Body>(Body{.octets = std::move(reply.body), .room = room});
  MHD_Response* const response = MHD_create_response_from_buffer_with_free_callback_cls(
      body->octets.size(), body->octets.data(), &free_body, body.get());
  if (response == nullptr) return MHD_NO;
  static_cast<void>(body.release());  // free_body() gets it back.
  add_fields(response, reply);
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
  auto& serving = *static_cast<Serving*>(context);
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
    return send(connection, serving.room,
                {.status = 413,
                 .body = "a body has at most " + std::to_string(kControlLineSizeMax) +
                         " octets; send less\n"});
  }
  const HttpRequest request{.method = method,
                            .path = url,
                            .authorization = field(connection, MHD_HTTP_HEADER_AUTHORIZATION),
                            .body = incoming.body,
                            .last_event_id = field(connection, "Last-Event-ID"),
                            .room = &serving.room};
  HttpReply reply = serving.answerer(request);
  if (!reply.follow) return send(connection, serving.room, std::move(reply));
  if (serving.streams.size() < HttpServer::kStreamCountMax) {
    return send_stream(connection, serving, std::move(reply));
  }
  ++serving.counters.streams_refused;
  return send(connection, serving.room,
              {.status = 503,
               .body = "there are " + std::to_string(HttpServer::kStreamCountMax) +
                       " clients that follow already; close one, or ask POST /rpc for "
                       "sipsteer.events\n"});
}

void on_completed(void* context, MHD_Connection* connection, void** state,
                  MHD_RequestTerminationCode how) {
  const std::unique_ptr<Incoming> over{static_cast<Incoming*>(*state)};
  *state = nullptr;
  auto& serving = *static_cast<Serving*>(context);
  const std::size_t ended =
      std::erase_if(serving.streams, [connection](const std::unique_ptr<Stream>& stream) {
        return stream->connection == connection;
      });
  if (ended != 0 && how == MHD_REQUEST_TERMINATED_TIMEOUT_REACHED) {
    ++serving.counters.streams_too_slow;
  }
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

Result<HttpServer> HttpServer::open(const Address& address, Answerer answerer, Breather breathe) {
  auto impl = std::make_unique<Impl>();
  impl->serving.answerer = std::move(answerer);
  impl->breathe = std::move(breathe);
  const sockaddr_storage where = socket_address(address);
  unsigned flags = MHD_USE_EPOLL | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
  if (address.family == Family::kIpv6) flags |= MHD_USE_IPv6;
  errno = 0;
  impl->daemon = MHD_start_daemon(
      flags, address.port, nullptr, nullptr, &on_request, &impl->serving,
      MHD_OPTION_EXTERNAL_LOGGER, &ignore_words, nullptr, MHD_OPTION_SOCK_ADDR, &where,
      MHD_OPTION_NOTIFY_COMPLETED, &on_completed, &impl->serving, MHD_OPTION_CONNECTION_LIMIT,
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
  // Connections inherit it.
  const int listening = MHD_get_daemon_info(impl->daemon, MHD_DAEMON_INFO_LISTEN_FD)->listen_fd;
  const int size = kSendBufferSize;
  static_cast<void>(::setsockopt(listening, SOL_SOCKET, SO_SNDBUF, &size, sizeof size));
  return HttpServer{std::move(impl)};
}

int HttpServer::fd() const noexcept {
  return MHD_get_daemon_info(impl_->daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

std::uint16_t HttpServer::port() const noexcept {
  return MHD_get_daemon_info(impl_->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
}

// One turn of the library sends one block of each connection, and its descriptor does not become
// readable again for the next.
bool HttpServer::process(Instant now) {
  constexpr int kRoundCountMax = 64;
  wake_streams(impl_->serving, now);
  for (int round = 0; round < kRoundCountMax; ++round) {
    MHD_run(impl_->daemon);
    impl_->breathe();
    MHD_UNSIGNED_LONG_LONG wait_ms = 0;
    if (MHD_get_timeout(impl_->daemon, &wait_ms) != MHD_YES || wait_ms != 0) return false;
  }
  return true;
}

const HttpCounters& HttpServer::counters() const noexcept {
  return impl_->serving.counters;
}

HttpServer::HttpServer(std::unique_ptr<Impl> impl) noexcept : impl_{std::move(impl)} {}
HttpServer::HttpServer(HttpServer&&) noexcept = default;
HttpServer& HttpServer::operator=(HttpServer&&) noexcept = default;
HttpServer::~HttpServer() = default;

}  // namespace steer::admin

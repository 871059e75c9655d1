#include "tools/sipsteer/operators_door.h"

#include <utility>

#include <sys/stat.h>

#include "admin/rpc.h"
#include "admin/web.h"
#include "config/read_file.h"

namespace steer {

Result<admin::UnixServer> open_control_socket(const std::string& path, admin::Service service) {
  return admin::UnixServer::open(
      path,
      [service](std::string_view line, admin::Session& session) mutable {
        return admin::handle(line, service, session);
      },
      [service](admin::Following& following) mutable {
        return admin::news_for(following, service);
      });
}

namespace {

constexpr std::size_t kTokenFileSizeMax = 4'096;
constexpr std::size_t kTokenSizeMin = 16;

Result<std::string> read_token(const std::string& path) {
  if (path.empty()) return std::string{};
  Result<std::string> text = config::read_text_file(path, kTokenFileSizeMax);
  if (!text) return text;
  text->erase(text->find_last_not_of(" \t\r\n") + 1);
  if (text->size() >= kTokenSizeMin) return text;
  return std::unexpected{Error{path, "the token has " + std::to_string(text->size()) +
                                         " octets, too few to be a secret; make one: openssl rand "
                                         "-hex 32 > " +
                                         path}};
}

bool is_for_all_eyes(const std::string& path) {
  struct stat info{};
  return !path.empty() && ::stat(path.c_str(), &info) == 0 && (info.st_mode & S_IROTH) != 0;
}

bool is_loopback(const Address& address) {
  if (address.family == Family::kIpv4) return address.octets[0] == 127;
  const Address one = parse_address("[::1]", address.port).value_or(Address{});
  return same_ip(address, one);
}

}  // namespace

Result<admin::HttpServer> open_http(const config::Settings& settings, admin::Service service,
                                    std::string& warning) {
  Result<std::string> token = read_token(settings.admin_token_file);
  if (!token) return std::unexpected{token.error()};
  if (is_for_all_eyes(settings.admin_token_file)) {
    warning = settings.admin_token_file +
              " can be read by everybody; take that right away: chmod o-r " +
              settings.admin_token_file;
  }
  if (!is_loopback(*settings.admin_http)) {
    warning +=
        (warning.empty() ? "" : "; ") +
        std::string{
            "admin.http is reachable from other "
            "hosts, and whoever reaches it may read destinations and counters; guard it by a "
            "firewall or listen on 127.0.0.1"};
  }
  const admin::Breather breathe = service.breathe;
  return admin::HttpServer::open(
      *settings.admin_http,
      [web = admin::Web{std::move(service), std::move(*token)}](
          const admin::HttpRequest& request) mutable { return web.answer(request); },
      breathe);
}

}  // namespace steer

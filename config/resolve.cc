#include "config/resolve.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace steer::config {
namespace {

constexpr std::uint16_t kDiscardPort = 9;  // RFC 863; connect() wants some port, nothing is sent.

struct SocketName {
  sockaddr_storage storage{};
  socklen_t size = 0;

  sockaddr* any() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketName name_of_target(const Address& target) {
  SocketName name;
  if (target.family == Family::kIpv4) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(kDiscardPort);
    std::memcpy(&in.sin_addr, target.octets.data(), sizeof in.sin_addr);
    std::memcpy(&name.storage, &in, sizeof in);
    name.size = sizeof in;
  } else {
    sockaddr_in6 in{};
    in.sin6_family = AF_INET6;
    in.sin6_port = htons(kDiscardPort);
    in.sin6_scope_id = target.scope;
    std::memcpy(&in.sin6_addr, target.octets.data(), sizeof in.sin6_addr);
    std::memcpy(&name.storage, &in, sizeof in);
    name.size = sizeof in;
  }
  return name;
}

std::optional<Address> address_of(const sockaddr* name) {
  Address address;
  if (name->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, name, sizeof in);
    address.family = Family::kIpv4;
    std::memcpy(address.octets.data(), &in.sin_addr, sizeof in.sin_addr);
    return address;
  }
  if (name->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 in{};
  std::memcpy(&in, name, sizeof in);
  address.family = Family::kIpv6;
  address.scope = in.sin6_scope_id;
  std::memcpy(address.octets.data(), &in.sin6_addr, sizeof in.sin6_addr);
  return address;
}

std::optional<Address> ask_source(const Address& target) {
  if (target.family == Family::kNone) return std::nullopt;
  const int family = target.family == Family::kIpv4 ? AF_INET : AF_INET6;
  const int descriptor = socket(family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return std::nullopt;
  SocketName name = name_of_target(target);
  std::optional<Address> source;
  if (connect(descriptor, name.any(), name.size) == 0) {
    name.size = sizeof name.storage;
    if (getsockname(descriptor, name.any(), &name.size) == 0) source = address_of(name.any());
  }
  close(descriptor);
  return source;
}

Result<std::vector<Address>> ask_addresses(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  const int problem = getaddrinfo(name.c_str(), nullptr, &hints, &list);
  if (problem != 0) return std::unexpected{Error{name, gai_strerror(problem)}};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{list, &freeaddrinfo};
  std::vector<Address> addresses;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    const std::optional<Address> address = address_of(each->ai_addr);
    if (address && std::ranges::find(addresses, *address) == addresses.end()) {
      addresses.push_back(*address);
    }
  }
  return addresses;
}

}  // namespace

Resolver system_resolver() {
  Resolver resolver;
  resolver.addresses = [known = std::map<std::string, Result<std::vector<Address>>>{}](
                           const std::string& name) mutable {
    const auto found = known.find(name);
    if (found != known.end()) return found->second;
    return known.emplace(name, ask_addresses(name)).first->second;
  };
  resolver.source_towards =
      [known = std::map<Address, std::optional<Address>>{}](const Address& target) mutable {
        Address host = target;
        host.port = 0;
        const auto found = known.find(host);
        if (found != known.end()) return found->second;
        return known.emplace(host, ask_source(host)).first->second;
      };
  return resolver;
}

}  // namespace steer::config

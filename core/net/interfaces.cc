#include "core/net/interfaces.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>

#include <ifaddrs.h>
#include <net/if.h>

#include "core/net/socket_address.h"

namespace steer::net {

namespace {

// RFC 4291 §2.5.6: fe80::/10.
bool is_link_local(const Address& address) noexcept {
  return address.family == Family::kIpv6 && address.octets[0] == 0xfe &&
         (address.octets[1] & 0xc0) == 0x80;
}

Result<std::vector<LocalAddress>> list_local() {
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0) {
    return std::unexpected(Error{"", std::string{"cannot list this machine's addresses: "} +
                                         std::strerror(errno) +
                                         "; name them in 'listen' instead of a wildcard"});
  }
  const std::unique_ptr<ifaddrs, decltype(&::freeifaddrs)> owner{first, &::freeifaddrs};
  std::vector<LocalAddress> out;
  for (const ifaddrs* item = first; item != nullptr; item = item->ifa_next) {
    if (item->ifa_addr == nullptr) continue;
    const bool is_v6 = item->ifa_addr->sa_family == AF_INET6;
    LocalAddress local;
    read_socket_address(item->ifa_addr, is_v6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in),
                        local.address);
    local.is_up = (item->ifa_flags & IFF_UP) != 0;
    if (local.address.family != Family::kNone) out.push_back(local);
  }
  return out;
}

}  // namespace

std::vector<Address> expand(const Address& wanted, std::span<const LocalAddress> local) {
  if (!is_wildcard(wanted)) return {wanted};
  std::vector<Address> global;
  std::vector<Address> link_local;
  for (const LocalAddress& one : local) {
    if (!one.is_up || one.address.family != wanted.family) continue;
    Address address = one.address;
    address.port = wanted.port;
    (is_link_local(address) ? link_local : global).push_back(address);
  }
  std::vector<Address>& chosen = global.empty() ? link_local : global;
  std::ranges::sort(chosen);
  const auto repeated = std::ranges::unique(chosen);
  chosen.erase(repeated.begin(), repeated.end());
  return chosen;
}

Result<std::vector<Address>> expand_on_this_machine(const Address& wanted) {
  if (!is_wildcard(wanted)) return std::vector{wanted};
  const Result<std::vector<LocalAddress>> local = list_local();
  if (!local) return std::unexpected(local.error());
  std::vector<Address> out = expand(wanted, *local);
  if (out.empty()) {
    return std::unexpected(
        Error{"udp:" + to_string(wanted),
              "no interface that is up has an address of this family; see 'ip address'"});
  }
  return out;
}

}  // namespace steer::net

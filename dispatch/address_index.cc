#include "dispatch/address_index.h"

#include <algorithm>
#include <bit>

namespace steer::dispatch {
namespace {

struct IpLess {
  static std::strong_ordering compare(const Address& a, const Address& b) noexcept {
    if (a.family != b.family) return a.family <=> b.family;
    return std::memcmp(a.octets.data(), b.octets.data(), a.octets.size()) <=> 0;
  }
  bool operator()(const Destination* a, const Destination* b) const noexcept {
    return compare(a->address, b->address) < 0;
  }
  bool operator()(const Destination* a, const Address& b) const noexcept {
    return compare(a->address, b) < 0;
  }
  bool operator()(const Address& a, const Destination* b) const noexcept {
    return compare(a, b->address) < 0;
  }
};

struct HostLess {
  bool operator()(const Destination* a, const Destination* b) const noexcept {
    return a->definition.host < b->definition.host;
  }
};

// Equal ones keep their order. (std::stable_sort of libstdc++ 12 does not compile under clang 19
// without a warning.)
template <class Less>
std::vector<const Destination*> sorted(const std::vector<const Destination*>& all, Less less) {
  std::vector<std::uint32_t> places(all.size());
  std::ranges::generate(places, [n = std::uint32_t{0}]() mutable { return n++; });
  std::ranges::sort(places, [&](std::uint32_t a, std::uint32_t b) {
    if (less(all[a], all[b])) return true;
    return !less(all[b], all[a]) && a < b;
  });
  std::vector<const Destination*> result;
  result.reserve(all.size());
  for (const std::uint32_t place : places) {
    result.push_back(all[place]);
  }
  return result;
}

// Among entries of one host: see in_dialog_at().
const Destination* choose_in_dialog(std::span<const Destination* const> entries, std::uint16_t port,
                                    SetId set) noexcept {
  const Destination* other = nullptr;
  for (const Destination* entry : entries) {
    if (entry->address.port != port) continue;
    if (entry->set == set) return entry->takes_in_dialog() ? entry : nullptr;
    if (other == nullptr && entry->takes_in_dialog()) other = entry;
  }
  return other;
}

}  // namespace

void AddressIndex::add(const Destination& destination) {
  all_.push_back(&destination);
}

void AddressIndex::seal() {
  by_address_ = sorted(all_, IpLess{});
  by_name_ = sorted(all_, HostLess{});
  slots_.assign(std::bit_ceil(2 * all_.size() + 1), KeySlot{});
  for (std::size_t i = 0; i < all_.size(); ++i) {
    const std::uint32_t key = all_[i]->key.value;
    if (by_key({key}) != nullptr) continue;  // The preferred one came first.
    std::size_t at = mix(key) & (slots_.size() - 1);
    while (slots_[at].key != 0) {
      at = (at + 1) & (slots_.size() - 1);
    }
    slots_[at] = {key, static_cast<std::uint32_t>(i)};
  }
}

std::span<const Destination* const> AddressIndex::of_ip(const Address& ip) const noexcept {
  const auto [begin, end] = std::equal_range(by_address_.begin(), by_address_.end(), ip, IpLess{});
  return {begin, end};
}

bool AddressIndex::has(const Address& ip, SetId set) const noexcept {
  return std::ranges::any_of(
      of_ip(ip), [&](const Destination* destination) { return destination->set == set; });
}

bool AddressIndex::has_ip(const Address& ip) const noexcept {
  return !of_ip(ip).empty();
}

const Destination* AddressIndex::at(const Address& address) const noexcept {
  for (const Destination* destination : of_ip(address)) {
    if (destination->address.port == address.port) return destination;
  }
  return nullptr;
}

const Destination* AddressIndex::with_key(const Address& address,
                                          DestinationKey key) const noexcept {
  for (const Destination* destination : of_ip(address)) {
    if (destination->address.port == address.port && destination->key == key) return destination;
  }
  return nullptr;
}

const Destination* AddressIndex::named(std::string_view host, std::uint16_t port) const noexcept {
  const auto host_of = [](const Destination* destination) {
    return std::string_view{destination->definition.host};
  };
  for (const Destination* destination : std::ranges::equal_range(by_name_, host, {}, host_of)) {
    if (destination->address.port == port) return destination;
  }
  return nullptr;
}

const Destination* AddressIndex::in_dialog_at(const Address& address, SetId set) const noexcept {
  return choose_in_dialog(of_ip(address), address.port, set);
}

const Destination* AddressIndex::in_dialog_named(std::string_view host, std::uint16_t port,
                                                 SetId set) const noexcept {
  const auto host_of = [](const Destination* destination) {
    return std::string_view{destination->definition.host};
  };
  const auto [begin, end] = std::ranges::equal_range(by_name_, host, {}, host_of);
  return choose_in_dialog({begin, end}, port, set);
}

const Destination* AddressIndex::by_key(DestinationKey key) const noexcept {
  if (key.value == 0 || slots_.empty()) return nullptr;
  std::size_t at = mix(key.value) & (slots_.size() - 1);
  while (slots_[at].key != 0) {
    if (slots_[at].key == key.value) return all_[slots_[at].place];
    at = (at + 1) & (slots_.size() - 1);
  }
  return nullptr;
}

}  // namespace steer::dispatch

#include "core/proxy/quote.h"

#include <cstddef>
#include <cstdint>

#include "core/proxy/branch.h"
#include "core/proxy/return_path.h"
#include "core/sip/via_list.h"
#include "core/sip/words.h"

namespace steer::proxy {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

// Our Via as far as it is read: write_via_line() puts the return text directly after the branch,
// and nothing after that. `rest` then begins with the next line.
bool read_own_line(std::string_view& rest, Branch& branch, ReturnRoute& route,
                   std::uint64_t& return_mark) noexcept {
  const std::size_t begin = rest.find(kBranchPrefix);
  if (begin == std::string_view::npos) return false;
  rest.remove_prefix(begin);
  const std::size_t size = rest.find(';');
  if (size == std::string_view::npos || !read_branch(rest.substr(0, size), branch)) return false;
  rest.remove_prefix(size);
  if (rest.size() < kReturnTextSize + kLineEnd.size()) return false;
  if (!rest.starts_with(kReturnParameter)) return false;
  const std::size_t digits = kReturnTextSize - kReturnParameter.size();
  if (!read_return(rest.substr(kReturnParameter.size(), digits), route.listener_tag, return_mark)) {
    return false;
  }
  rest.remove_prefix(kReturnTextSize);
  if (!rest.starts_with(kLineEnd)) return false;
  rest.remove_prefix(kLineEnd.size());
  return true;
}

bool is_via(std::string_view line) noexcept {
  const std::string_view name = line.substr(0, line.find_first_of(" \t:"));
  return sip::is_word(name, "via") || sip::is_word(name, "v");
}

// The first value of the next Via line, if that is whole.
bool read_client_line(std::string_view rest, sip::Via& via) noexcept {
  // Between the two may stand a Max-Forwards of ours, for a request that had none.
  constexpr int kLineCountMax = 2;
  for (int i = 0; i < kLineCountMax; ++i) {
    const std::size_t end = rest.find(kLineEnd);
    if (end == std::string_view::npos) return false;
    if (is_via(rest)) {
      const std::size_t colon = rest.find(':');
      if (colon >= end) return false;
      const std::size_t value = rest.find_first_not_of(" \t", colon + 1);
      if (value >= end) return false;
      sip::Message message;
      message.bytes = rest;
      std::uint32_t next = 0;
      return sip::parse_via(message, static_cast<std::uint32_t>(value),
                            static_cast<std::uint32_t>(end), via, next);
    }
    rest.remove_prefix(end + kLineEnd.size());
  }
  return false;
}

}  // namespace

bool is_quote_of_forwarded(const MarkKey& key, std::string_view quoted,
                           const Address& peer) noexcept {
  Branch branch;
  ReturnRoute route;
  std::uint64_t mark = 0;
  sip::Via client;
  return read_own_line(quoted, branch, route, mark) && branch.hop.address == peer &&
         read_client_line(quoted, client) && response_target(client, route.target) &&
         return_mark(key, branch.mark, route) == mark;
}

}  // namespace steer::proxy

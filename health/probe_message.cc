#include "health/probe_message.h"

#include <array>
#include <charconv>
#include <cstring>

#include "core/base/hash.h"
#include "core/base/limits.h"
#include "health/limits.h"
#include "health/text_writer.h"

namespace steer::health {
namespace {

constexpr std::string_view kBranchBegin = kProbeBranchBegin;  // RFC 3261 §8.1.1.7: with the cookie.
constexpr int kHex = 16;
constexpr std::size_t kCallIdSizeMax = 80;

// The mark goes out as it is in the branch; the others are made from it so that no text of a probe
// is a copy of another.
constexpr std::uint64_t kCallIdSalt = 1;
constexpr std::uint64_t kFromTagSalt = 2;

void write_call_id(TextWriter& out, const ProbeMark& mark) noexcept {
  out.text("probe-").number(mark.identity.sequence, kHex).text("-");
  out.number(mix(mark.mark ^ kCallIdSalt), kHex);
}

// A hexadecimal number and the separator after it, cut off `rest`; the last one ends the text.
bool take_number(std::string_view& rest, std::uint64_t& value) noexcept {
  const char* const end = rest.data() + rest.size();
  const auto [at, error] = std::from_chars(rest.data(), end, value, kHex);
  if (error != std::errc{}) return false;
  rest.remove_prefix(static_cast<std::size_t>(at - rest.data()));
  if (rest.empty()) return true;
  if (rest.front() != '.' || rest.size() == 1) return false;
  rest.remove_prefix(1);
  return true;
}

}  // namespace

MarkKey probe_key(Seed seed) noexcept {
  ClusterKey key;
  for (std::size_t i = 0; i < key.octets.size() / sizeof seed.value; ++i) {
    const std::uint64_t word = mix(seed.value + i);
    std::memcpy(key.octets.data() + i * sizeof word, &word, sizeof word);
  }
  return MarkKey{key};
}

ProbeMark mark_probe(const MarkKey& key, const ProbeIdentity& identity) noexcept {
  const std::array<std::uint64_t, 3> words{identity.generation, identity.sequence, identity.slot};
  std::array<char, sizeof words> octets{};
  std::memcpy(octets.data(), words.data(), octets.size());
  return {identity, key({octets.data(), octets.size()})};
}

bool is_probe_branch(std::string_view branch) noexcept {
  return branch.starts_with(kBranchBegin);
}

std::optional<ProbeMark> read_branch(const MarkKey& key, std::string_view branch) noexcept {
  if (!is_probe_branch(branch)) return std::nullopt;
  std::string_view rest = branch.substr(kBranchBegin.size());
  std::array<std::uint64_t, 4> numbers{};  // Generation, slot, sequence, mark.
  for (std::uint64_t& number : numbers) {
    if (rest.empty() || !take_number(rest, number)) return std::nullopt;
  }
  if (!rest.empty() || numbers[1] > UINT32_MAX) return std::nullopt;
  const ProbeMark mark = mark_probe(key, {.generation = numbers[0],
                                          .sequence = numbers[2],
                                          .slot = static_cast<std::uint32_t>(numbers[1])});
  if (mark.mark != numbers[3]) return std::nullopt;
  return mark;
}

std::optional<ProbeMark> read_quote(const MarkKey& key, std::string_view quoted) noexcept {
  const std::size_t begin = quoted.find(kBranchBegin);
  if (begin == std::string_view::npos) return std::nullopt;
  const std::string_view rest = quoted.substr(begin);
  const std::size_t end = rest.find('\r');  // The branch ends its line; a cut one proves nothing.
  if (end == std::string_view::npos) return std::nullopt;
  return read_branch(key, rest.substr(0, end));
}

bool is_quote_of(const MarkKey& key, const ProbeMark& mark, std::string_view quoted) noexcept {
  return read_quote(key, quoted) == mark;
}

bool mentions_probe(std::string_view bytes) noexcept {
  return bytes.substr(0, kProbeSizeMax).find(kBranchBegin) != std::string_view::npos;
}

bool is_call_id_of(const ProbeMark& mark, std::string_view call_id) noexcept {
  std::array<char, kCallIdSizeMax> octets{};
  TextWriter expected{octets};
  write_call_id(expected, mark);
  return expected.view() == call_id;
}

std::size_t write_probe(const ProbeText& text, const ProbeMark& mark,
                        std::span<char> out) noexcept {
  TextWriter to{out};
  to.text(text.method).text(" ").text(text.uri).text(" SIP/2.0\r\n");
  to.text("Via: SIP/2.0/").text(via_name(text.transport)).text(" ").address(text.source);
  // RFC 3581 §3: the answer comes back to the port that we send from, also through a NAT.
  to.text(";rport;branch=").text(kBranchBegin);
  to.number(mark.identity.generation, kHex).text(".").number(mark.identity.slot, kHex).text(".");
  to.number(mark.identity.sequence, kHex).text(".").number(mark.mark, kHex);
  to.text("\r\nMax-Forwards: ").number(kMaxForwardsDefault);
  to.text("\r\nFrom: <").text(text.from).text(">;tag=").number(mix(mark.mark ^ kFromTagSalt), kHex);
  to.text("\r\nTo: <").text(text.uri).text(">\r\nCall-ID: ");  // RFC 3261 §8.1.1.2: no tag yet.
  write_call_id(to, mark);
  to.text("\r\nCSeq: ").number(kProbeCseq).text(" ").text(text.method);
  to.text("\r\nContact: <sip:").address(text.source);
  if (text.transport != Transport::kUdp) to.text(";transport=").text(name_of(text.transport));
  // RFC 3261 §11.1: says what the answer may describe.
  to.text(">\r\nAccept: application/sdp\r\n");
  if (!text.user_agent.empty()) to.text("User-Agent: ").text(text.user_agent).text("\r\n");
  to.text("Content-Length: 0\r\n\r\n");
  return to.fits() ? to.view().size() : 0;
}

}  // namespace steer::health

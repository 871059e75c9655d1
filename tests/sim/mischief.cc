#include "tests/sim/mischief.h"

#include <algorithm>
#include <array>

namespace steer::sim {
namespace {

using namespace std::chrono_literals;

constexpr std::array<std::string_view, static_cast<std::size_t>(Mode::kCount)> kModeNames = {
    "normal", "dead", "frozen", "slow", "busy", "liar", "silent"};

// What nobody asked for, and where it pretends to come from.
constexpr std::array<std::string_view, 8> kStrayTexts = {
    "\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: example.com\r\n\r\n",
    "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 198.51.100.1:5060;branch=z9hG4bKss.0\r\n"
    "From: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>;tag=2\r\nCall-ID: stray\r\n"
    "CSeq: 1 INVITE\r\nX-Forged: 1\r\nContent-Length: 0\r\n\r\n",
    "ACK sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKs1;rport\r\n"
    "Max-Forwards: 70\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>;tag=2\r\n"
    "Call-ID: stray-ack\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n",
    "CANCEL sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKs2;rport"
    "\r\nMax-Forwards: 70\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\n"
    "Call-ID: stray-cancel\r\nCSeq: 1 CANCEL\r\nContent-Length: 0\r\n\r\n",
    "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKs3;rport"
    "\r\nMax-Forwards: 0\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\n"
    "Call-ID: stray-hops\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
    "INVITE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKs4;rport"
    "\r\nMax-Forwards: many\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\n"
    "Call-ID: stray-bad\r\nCSeq: 1 INVITE\r\nContent-Length: 0\r\n\r\n",
    "OPTIONS sip:198.51.100.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKs5;"
    "rport\r\nMax-Forwards: 70\r\nFrom: <sip:a@example.com>;tag=1\r\nTo: <sip:b@example.com>\r\n"
    "Call-ID: stray-options\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"};

}  // namespace

std::string Mischief::change_weather() {
  ++faults_;
  switch (dice_.below(5)) {
    case 0:
    case 1: return change_network();
    case 2:
    case 3: return change_destination();
    default: return change_system();
  }
}

std::string Mischief::change_network() {
  Weather weather;
  if (dice_.chance(400)) weather.loss = static_cast<std::uint32_t>(dice_.below(200));
  if (dice_.chance(400)) weather.duplication = static_cast<std::uint32_t>(dice_.below(200));
  if (dice_.chance(300)) weather.stray = static_cast<std::uint32_t>(dice_.below(150));
  if (dice_.chance(300)) weather.error_loss = static_cast<std::uint32_t>(dice_.below(1'000));
  if (dice_.chance(300)) weather.delay_max = dice_.between(1ms, 200ms);
  world_.network().weather() = weather;
  return "network: loss " + std::to_string(weather.loss) + ", duplication " +
         std::to_string(weather.duplication) + ", stray " + std::to_string(weather.stray) +
         " per thousand";
}

std::string Mischief::change_destination() {
  const std::size_t index = dice_.below(world_.callees().size());
  // About half of the time they are well.
  const std::size_t mode =
      dice_.chance(450) ? 0 : dice_.below(static_cast<std::size_t>(Mode::kCount));
  world_.set_mode(index, static_cast<Mode>(mode));
  return "destination " + std::to_string(index) + " is " + std::string{kModeNames[mode]};
}

std::string Mischief::change_system() {
  const std::size_t shard = dice_.below(world_.shard_ports().size());
  Port& port = world_.shard_ports()[shard];
  const std::string who = "shard " + std::to_string(shard);
  switch (dice_.below(5)) {
    case 0: {
      const Duration lasts = dice_.between(1ms, 2s);
      world_.stall(shard, lasts);
      return who + " does not run for a while";
    }
    case 1:
      port.refusal = static_cast<std::uint32_t>(dice_.below(300));
      return who + " may not send";
    case 2: port.send_room = 1 + dice_.below(4); return who + " has a small outbox";
    case 3: port.queue_room = 1 + dice_.below(8); return who + " has a small queue";
    default:
      port.refusal = 0;
      port.send_room = kSendCountMax;
      port.queue_room = Port::kSocketQueueMax;
      return who + " has all it needs";
  }
}

std::string Mischief::act_as_operator() {
  ++faults_;
  world_.spoil_open_calls();
  switch (dice_.below(8)) {
    case 0:
    case 1:
    case 2: return reload();
    case 3: return reload_often();
    case 4: return say_word_to_the_busy();
    default: return say_word();
  }
}

std::string Mischief::reload() {
  dispatch::Definition next = world_.control().definition();
  next.sets = make_sets(scene_.destinations, dice_);
  world_.control().reload(std::move(next), world_.agenda().now());
  return "reload to generation " + std::to_string(world_.control().newest().generation);
}

// More letters than a mailbox holds, for somebody who does not look.
std::string Mischief::reload_often() {
  const std::size_t shard = dice_.below(world_.shard_ports().size());
  world_.stall(shard, dice_.between(100ms, 3s));
  for (std::size_t i = 0; i < kMailboxDepth + 4; ++i) {
    world_.control().reload(world_.control().definition(), world_.agenda().now());
  }
  reload();
  return "reloads without end while shard " + std::to_string(shard) + " does not look";
}

std::string Mischief::say_word() {
  const dispatch::Snapshot& snapshot = world_.control().newest();
  const dispatch::DestinationSet& set = snapshot.sets[dice_.below(snapshot.sets.size())];
  return say_word(set, set.destinations[dice_.below(set.destinations.size())]);
}

// At the worst moment: to whom a request has just gone.
std::string Mischief::say_word_to_the_busy() {
  for (const dispatch::DestinationSet& set : world_.control().newest().sets) {
    const auto busy =
        std::ranges::find(set.destinations, world_.last_asked(), &dispatch::Destination::address);
    if (busy != set.destinations.end()) return say_word(set, *busy);
  }
  return say_word();
}

std::string Mischief::say_word(const dispatch::DestinationSet& set,
                               const dispatch::Destination& entry) {
  dispatch::EntryWord word;
  if (dice_.chance(250)) word.intent = dispatch::Intent::kDraining;
  if (dice_.chance(250)) word.intent = dispatch::Intent::kDisabled;
  if (dice_.chance(200)) word.weight = static_cast<std::uint32_t>(dice_.below(5));
  world_.control().say({set.id, dispatch::identity_of(entry.definition)}, word);
  static constexpr std::array<std::string_view, 3> kWords = {"enabled", "drained", "disabled"};
  return entry.definition.uri + " of set " + std::to_string(set.id.value) + " is " +
         std::string{kWords[static_cast<std::size_t>(word.intent)]};
}

std::string Mischief::act_as_stranger() {
  ++faults_;
  const Address stranger = ipv4(192, 0, 2, 7, 5'060);
  const Address listener = world_.shard_ports().front().sockets.front();
  if (dice_.chance(300)) {
    // A forged ICMP error that names somebody who lives.
    const Address& victim = dice_.one_of(scene_.destinations);
    const Address& socket = dice_.chance(500) ? listener : world_.health_port().sockets.front();
    world_.network().refuse({"OPTIONS sip:nobody SIP/2.0\r\n\r\n", socket, victim});
    return "a forged ICMP error names " + to_string(victim);
  }
  if (dice_.chance(60)) {
    world_.storm_of_cancels();
    return "everybody cancels";
  }
  if (world_.shard_ports().size() > 1 && dice_.chance(30)) return flood();
  const std::string_view text = kStrayTexts[dice_.below(kStrayTexts.size())];
  world_.network().send({std::string{text}, stranger, listener});
  return "a stranger sends " + std::string{text.substr(0, text.find('\r'))};
}

// More for one call than the way to its shard holds, while that one does not look.
std::string Mischief::flood() {
  constexpr int kCount = 80;
  constexpr std::size_t kSize = 60'000;
  static_assert(kCount * kSize > kHandOverSize && kCount < Port::kSocketQueueMax);
  const Address stranger = ipv4(192, 0, 2, 7, 5'060);
  const Address listener = world_.shard_ports().front().sockets.front();
  for (std::size_t shard = 0; shard < world_.shard_ports().size(); ++shard) {
    if (shard != world_.shard_for(stranger, 0)) world_.stall(shard, 50ms);
  }
  const std::string call_id = "flood-" + std::to_string(++floods_);
  const std::string padding(kSize, 'x');
  for (int i = 0; i < kCount; ++i) {
    std::string text =
        "OPTIONS sip:198.51.100.1:5060 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bKf" +
        std::to_string(i) + ";rport\r\nMax-Forwards: 70\r\nFrom: <sip:a@example.com>;tag=1\r\n" +
        "To: <sip:b@example.com>\r\nCall-ID: " + call_id +
        "\r\nCSeq: 1 OPTIONS\r\nX-Padding: " + padding + "\r\nContent-Length: 0\r\n\r\n";
    world_.network().send({std::move(text), stranger, listener});
  }
  return "a stranger floods";
}

void Mischief::calm_down() {
  world_.network().weather() = Weather{};
  for (std::size_t i = 0; i < world_.callees().size(); ++i) {
    world_.set_mode(i, Mode::kNormal);
  }
  for (Port& port : world_.shard_ports()) {
    port.refusal = 0;
    port.send_room = kSendCountMax;
    port.queue_room = Port::kSocketQueueMax;
  }
  // Operators take back what they said, and the list is whole again.
  const dispatch::Snapshot& snapshot = world_.control().newest();
  for (const dispatch::DestinationSet& set : snapshot.sets) {
    for (const dispatch::Destination& entry : set.destinations) {
      world_.control().say({set.id, dispatch::identity_of(entry.definition)}, {});
    }
  }
  world_.control().reload(scene_.definition, world_.agenda().now());
}

}  // namespace steer::sim

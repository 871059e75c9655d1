#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/address.h"
#include "tests/sim/callee_dialog.h"
#include "tests/sim/client_transaction.h"
#include "tests/sim/dice.h"
#include "tests/sim/packet.h"

namespace steer::sim {

// How a destination behaves at the moment.
enum class Mode : std::uint8_t {
  kNormal,
  kDead,    // No socket: port unreachable. It forgets everything.
  kFrozen,  // Its socket fills; when it thaws it handles all of that.
  kSlow,    // Seconds for what takes others milliseconds.
  kBusy,    // 503, sometimes with Retry-After.
  kLiar,    // Answers with what nobody should believe.
  kSilent,  // A 100 at most, then nothing.
  kCount
};

// A line that only messages have which no dispatcher may forward.
inline constexpr std::string_view kForgedLine = "X-Forged: 1\r\n";
// The same where our own memory of the client does not make its words harmless.
inline constexpr std::string_view kMisleadingLine = "X-Misleading: 1\r\n";

// A server as a pure machine: octets and instants in, octets out. Its server transactions are
// written from RFC 3261 §17.2 and RFC 6026, not from the code under test.
class Callee {
 public:
  // `pause_max`: how long a question may wait after its 100.
  Callee(const Address& address, std::uint32_t index, Dice dice,
         Duration pause_max = std::chrono::seconds{9})
      : address_{address}, index_{index}, dice_{dice}, pause_max_{pause_max} {}

  void on_packet(const Packet& packet, Instant now, std::vector<Post>& out);
  void on_timer(Instant now, std::vector<Post>& out);
  Instant next_wakeup() const;

  void set_mode(Mode mode, Instant now, std::vector<Post>& out);
  // Calls in which it still asks something itself.
  std::vector<std::string> open_dialogs() const;
  // What became of all that it asked: the call, and the transaction.
  struct Asked {
    std::string call_id;
    ClientTransaction transaction;
  };
  const std::vector<Asked>& asked() const { return asked_; }
  Mode mode() const { return mode_; }
  const Address& address() const { return address_; }

  std::uint64_t requests = 0;  // Calls and questions that it got, without repetitions.
  std::uint64_t probes = 0;
  std::uint64_t lies = 0;

  // Told the Call-ID of what it answers in bad faith or not at all.
  std::function<void(std::string_view call_id)> on_mischief;

 private:
  struct Step {
    Instant at;
    std::uint16_t status = 0;
  };
  struct Server {
    std::string request;
    Address from;
    std::string to_tag;
    std::vector<Step> steps;   // What is still to be said, in order.
    std::string last;          // The last response.
    std::uint16_t status = 0;  // Of that.
    bool confirmed = false;    // The ACK has come.
    bool reliable = false;     // Its provisional responses want a PRACK (RFC 3262).
    Instant repeat_at = Instant::max();
    Duration interval = kT1;
    Instant forget_at = Instant::max();
  };

  void on_request(const Packet& packet, Instant now, std::vector<Post>& out);
  void on_ack(const Packet& packet);
  void on_prack(const Packet& packet);
  void open_dialog(const Server& server, Instant now);
  void serve_dialogs(Instant now, std::vector<Post>& out);
  void close_dialog(const std::string& call_id);
  void on_cancel(const Packet& packet, Instant now, std::vector<Post>& out);
  void begin_invite(Server& server, Instant now);
  void begin_question(Server& server, std::uint16_t status, Instant now);
  void say(Server& server, std::uint16_t status, Instant now, std::vector<Post>& out);
  void tell_lies(Server& server, const std::string& truth, std::vector<Post>& out);
  void answer_at_once(const Packet& packet, std::uint16_t status, std::vector<Post>& out);
  std::uint16_t question_status(const Packet& packet) const;
  Duration haste();
  void send(const Server& server, const std::string& text, std::vector<Post>& out) const;
  void mischief(std::string_view request) const;

  Address address_;
  std::uint32_t index_;
  Dice dice_;
  Duration pause_max_;
  Mode mode_ = Mode::kNormal;
  std::map<std::string, Server> servers_;  // By branch and method; an INVITE's ACK and CANCEL too.
  std::set<std::string> dialogs_;          // By Call-ID.
  std::map<std::string, CalleeDialog> asking_;  // By Call-ID; in which it asks something itself.
  std::vector<Asked> asked_;
  std::deque<Packet> stuck_;  // While frozen.
  std::string other_branch_;  // Of some earlier request, for lies.
};

}  // namespace steer::sim

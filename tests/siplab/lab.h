#pragma once

#include <array>
#include <functional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tools/siplab/caller.h"
#include "tools/siplab/uas.h"

namespace steer::siplab {

using namespace std::chrono_literals;

// A generator and an answering side joined in memory under a clock that the test moves. `filter`
// may drop (0), pass (1) or double (2) each datagram.
class Lab {
 public:
  using Filter = std::function<int(std::string_view)>;

  Lab(const UacOptions& uac, const UasOptions& uas)
      : answerer_{uas, {server}}, caller_{std::move(*Caller::make(uac, {client}))} {}

  static UacOptions uac(Mode mode) {
    UacOptions options;
    options.target = server;
    options.local = client;
    options.mode = mode;
    options.count = 100;
    options.window = 8;
    options.timeout = 1s;
    options.seed = 1;
    return options;
  }

  // Runs in steps of 10 ms until the caller has finished.
  UacReport run() {
    for (int i = 0; i < 100'000 && !caller_.finished(); ++i) {
      caller_.advance(now, to_server_.outbox);
      carry(to_server_, client, [&](const Datagram& datagram) {
        sent.emplace_back(datagram.bytes);
        answerer_.handle(datagram, now, to_client_.outbox);
      });
      answerer_.deliver_due(now, to_client_.outbox);
      carry(to_client_, server, [&](const Datagram& datagram) {
        answers.emplace_back(datagram.bytes);
        caller_.handle(datagram, now, to_server_.outbox);
      });
      now += 10ms;
    }
    EXPECT_TRUE(caller_.finished());
    carry(to_server_, client, [&](const Datagram& datagram) {
      sent.emplace_back(datagram.bytes);
      answerer_.handle(datagram, now, to_client_.outbox);
    });
    return caller_.final_report();
  }

  const PortReport& port() const { return answerer_.ports().front(); }
  std::size_t count_sent(std::string_view method) const {
    std::size_t count = 0;
    for (const std::string& text : sent) {
      count += text.starts_with(std::string{method} + " ") ? 1 : 0;
    }
    return count;
  }

  static inline const Address server = ipv4(127, 0, 0, 1, 7000);
  static inline const Address client = ipv4(127, 0, 0, 1, 6000);
  Filter filter = [](std::string_view) { return 1; };
  Instant now{1h};
  std::vector<std::string> sent;
  std::vector<std::string> answers;

 private:
  struct Side {
    std::vector<char> arena = std::vector<char>(kSendArenaSize);
    std::vector<Send> sends = std::vector<Send>(kSendCountMax);
    Outbox outbox{arena, sends};
  };

  template <class Deliver>
  void carry(Side& side, const Address& source, Deliver&& deliver) {
    std::vector<std::string> copies;
    for (const Send& send : side.outbox.sends()) {
      for (int i = filter(send.bytes); i > 0; --i) {
        copies.emplace_back(send.bytes);
      }
    }
    side.outbox.clear();
    for (const std::string& bytes : copies) {
      deliver(Datagram{.bytes = bytes, .source = source, .listener = {}});
    }
  }

  Side to_server_;
  Side to_client_;
  Answerer answerer_;
  Caller caller_;
};

}  // namespace steer::siplab

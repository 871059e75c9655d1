#include "tests/sim/network.h"

#include <algorithm>

#include <gtest/gtest.h>

namespace steer::sim {
namespace {

using namespace std::chrono_literals;

struct NetworkRig {
  // Sends packets "0", "1", … and returns what arrives, in its order.
  std::vector<int> pass(int count) {
    for (int i = 0; i < count; ++i) {
      network.send({std::to_string(i), ipv4(10, 0, 0, 1, 1), ipv4(10, 0, 0, 2, 2)});
    }
    std::vector<int> arrived;
    while (!agenda.empty()) {
      arrived.push_back(std::stoi(network.take(agenda.next().detail).text));
    }
    return arrived;
  }

  Agenda agenda;
  Network network{agenda, test::run_seed()};
};

TEST(SimNetwork, InFairWeatherEveryPacketArrivesOnce) {
  NetworkRig rig;

  EXPECT_EQ(rig.pass(100).size(), 100U);
  EXPECT_EQ(rig.network.under_way(), 0U);
}

TEST(SimNetwork, LossDuplicationAndDetoursAreCountedAndTold) {
  NetworkRig rig;
  rig.network.weather() = {.loss = 200, .duplication = 200, .stray = 200};
  std::size_t mishaps = 0;
  rig.network.on_mishap = [&](const Packet&) { ++mishaps; };

  const std::vector<int> arrived = rig.pass(1'000);

  const NetworkCounts& counts = rig.network.counts();
  EXPECT_GT(counts.lost, 0U);
  EXPECT_GT(counts.duplicated, 0U);
  EXPECT_EQ(arrived.size(), 1'000 - counts.lost + counts.duplicated);
  EXPECT_EQ(mishaps, counts.lost + counts.detoured);
  EXPECT_FALSE(std::ranges::is_sorted(arrived)) << "some overtake others";
}

TEST(SimNetwork, ARefusedPacketComesBackAsAnErrorOfItsTarget) {
  NetworkRig rig;

  rig.network.refuse({"text", ipv4(10, 0, 0, 1, 1), ipv4(10, 0, 0, 2, 2)});

  const Event event = rig.agenda.next();
  EXPECT_EQ(event.kind, EventKind::kError);
  const Packet error = rig.network.take(event.detail);
  EXPECT_EQ(error.from, ipv4(10, 0, 0, 2, 2));
  EXPECT_EQ(error.text, "text");
}

TEST(SimNetwork, EventsOfOneInstantKeepTheirOrder) {
  Agenda agenda;
  for (std::uint32_t i = 0; i < 10; ++i) {
    agenda.enter(agenda.now() + 1s, EventKind::kNewCall, i);
  }

  for (std::uint32_t i = 0; i < 10; ++i) {
    EXPECT_EQ(agenda.next().who, i);
  }
}

}  // namespace
}  // namespace steer::sim

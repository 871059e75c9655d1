#include "tests/sim/sim_io.h"

#include <gtest/gtest.h>

namespace steer::sim {
namespace {

using namespace std::chrono_literals;

struct IoRig {
  IoRig() {
    port.sockets = {ipv4(198, 51, 100, 1, 5'060)};
    network.open(port.sockets.front(), {});
  }
  void put_out(std::size_t count) {
    for (std::size_t i = 0; i < count && io.outbox().has_room(); ++i) {
      io.outbox().slot()[0] = 'x';
      io.outbox().commit(1, ipv4(10, 0, 0, 1, 5'060), {});
    }
  }
  void arrive(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
      taken += port.take({"text", ipv4(10, 0, 0, 1, 5'060), {}}) ? 1U : 0U;
    }
  }

  Agenda agenda;
  Network network{agenda, test::run_seed()};
  Port port;
  SimIo io{port, network, agenda, Dice{test::run_seed(), 7}};
  std::size_t taken = 0;
};

TEST(SimIo, SendsWhatIsInTheOutboxWithTheNextExchange) {
  IoRig rig;
  rig.put_out(3);

  rig.io.exchange(-1ns);

  EXPECT_EQ(rig.network.counts().packets, 3U);
  EXPECT_TRUE(rig.io.pending().empty());
}

TEST(SimIo, HandsOutAtMostABatch) {
  IoRig rig;
  rig.arrive(kBatchSizeMax + 1);

  EXPECT_EQ(rig.io.exchange(-1ns).datagrams.size(), kBatchSizeMax);
  EXPECT_EQ(rig.io.exchange(-1ns).datagrams.size(), 1U);
}

TEST(SimIo, EachHarvestShowsOnlyWhatCameSince) {
  IoRig rig;
  rig.arrive(1);
  const net::Harvest harvest = rig.io.exchange(-1ns);
  const std::string_view bytes = harvest.datagrams.front().bytes;
  ASSERT_EQ(bytes, "text");

  rig.arrive(1);
  const net::Harvest next = rig.io.exchange(-1ns);

  EXPECT_EQ(next.datagrams.front().bytes, "text");
  EXPECT_EQ(next.datagrams.size(), 1U);
}

TEST(SimIo, RemembersUntilWhenItsLoopSleeps) {
  IoRig rig;

  rig.io.exchange(5s);

  EXPECT_TRUE(rig.port.asleep);
  EXPECT_EQ(rig.port.due, rig.agenda.now() + 5s);
}

TEST(SimIo, ALoopWithoutATimeLimitSleepsUntilSomethingComes) {
  IoRig rig;
  rig.io.exchange(-1ns);
  EXPECT_EQ(rig.port.due, Instant::max());

  rig.arrive(1);
  rig.io.exchange(-1ns);

  EXPECT_FALSE(rig.port.asleep);
  EXPECT_EQ(rig.port.due, rig.agenda.now());
}

TEST(SimIo, ARefusedSendIsCountedAndLost) {
  IoRig rig;
  rig.port.refusal = 1'000;
  rig.put_out(2);

  rig.io.exchange(-1ns);

  EXPECT_EQ(rig.network.counts().packets, 0U);
  EXPECT_EQ(rig.io.counters().sends_failed.read(), 2U);
}

TEST(SimIo, ASmallOutboxIsFullSoon) {
  IoRig rig;
  rig.port.send_room = 2;
  rig.io.exchange(-1ns);

  rig.put_out(5);

  EXPECT_EQ(rig.io.pending().size(), 2U);
}

TEST(SimIo, AFullQueueTakesNothing) {
  IoRig rig;
  rig.port.queue_room = 3;

  rig.arrive(5);

  EXPECT_EQ(rig.taken, 3U);
  EXPECT_EQ(rig.port.counts.overflowed, 2U);
}

}  // namespace
}  // namespace steer::sim

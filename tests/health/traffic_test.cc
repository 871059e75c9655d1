#include "health/traffic.h"

#include <array>

#include <gtest/gtest.h>

namespace steer::health {
namespace {

struct Records {
  dispatch::TargetRecord first{2};
  dispatch::TargetRecord second{1};
  std::array<dispatch::TargetRecord*, 2> all{&first, &second};
};

TEST(TrafficReader, TellsWhatAllShardsCountedSinceTheLastLook) {
  Records records;
  records.first.traffic[0].bad.add(7);
  TrafficReader reader;
  reader.take(records.all);
  records.first.traffic[0].bad.add(2);
  records.first.traffic[1].hints.add(5);
  records.first.traffic[1].refused.add(3);
  records.second.traffic[0].good.add(9);

  const TrafficSample sample = reader.read(0);

  EXPECT_EQ(sample.traffic.bad, 2U) << "what came before take() is not told";
  EXPECT_EQ(sample.traffic.hints, 5U);
  EXPECT_EQ(sample.traffic.refused, 3U);
  EXPECT_EQ(sample.traffic.good, 0U);
  EXPECT_EQ(reader.read(1).traffic.good, 9U);
  EXPECT_EQ(reader.read(0).traffic.bad, 0U);
}

TEST(TrafficReader, TheRowIsTheLeastOfTheShardsThatHadAGoodAnswer) {
  Records records;
  TrafficReader reader;
  reader.take(records.all);
  records.first.traffic[0].good.add();
  records.first.traffic[0].failures_in_row.set(4);
  records.first.traffic[1].good.add();
  records.first.traffic[1].failures_in_row.set(1);

  EXPECT_EQ(reader.read(0).traffic.failures, 1U);
}

TEST(TrafficReader, OfTwoPausesTheLongerOneCounts) {
  Records records;
  TrafficReader reader;
  reader.take(records.all);
  for (const std::size_t shard : {0, 1}) {
    records.first.traffic[shard].retry_after.add();
    records.first.traffic[shard].retry_after_seconds.set(shard == 0 ? 30 : 10);
  }

  const TrafficSample sample = reader.read(0);

  EXPECT_EQ(sample.retry_after, 2U);
  EXPECT_EQ(sample.retry_after_seconds, 30U);
}

TEST(TrafficReader, CountersThatPassedThirtyTwoBitsStillDiffer) {
  Records records;
  records.second.traffic[0].good.set(0xffff'ffff);
  TrafficReader reader;
  reader.take(records.all);
  records.second.traffic[0].good.add(3);

  EXPECT_EQ(reader.read(1).traffic.good, 3U);
}

}  // namespace
}  // namespace steer::health

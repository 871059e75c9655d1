#include "core/net/send_plan.h"

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/core_net/io_fixture.h"

namespace steer::test {
namespace {

// A batch of messages of the given sizes to the given ports, and how they are put together.
struct Batch {
  std::string text = std::string(kDatagramSizeMax, 'x');
  std::vector<Send> sends;
  std::unique_ptr<net::SendPlan> plan = std::make_unique<net::SendPlan>();

  void add(std::size_t size, std::uint16_t port, std::uint16_t listener = 0) {
    sends.push_back({std::string_view{text}.substr(0, size), ipv4(127, 0, 0, 1, port),
                     ListenerIndex{listener}});
  }
  // "0 2 4|1 3": the places of the messages, group by group.
  std::string groups() {
    plan->build(sends);
    std::string result;
    for (const net::SendGroup& group : plan->groups()) {
      result += result.empty() ? "" : "|";
      for (const std::uint16_t place : plan->members(group)) {
        result += (result.empty() || result.back() == '|' ? "" : " ") + std::to_string(place);
      }
    }
    return result;
  }
};

TEST(SendPlan, JoinsWhatHasOneSizeAndOneTarget) {
  Batch batch;
  for (const std::uint16_t port : {1, 2, 1, 2, 1}) {
    batch.add(500, port);
  }

  EXPECT_EQ(batch.groups(), "0 2 4|1 3");
}

TEST(SendPlan, AShorterMessageIsTheLastOfItsGroup) {
  Batch batch;
  for (const std::size_t size : {500U, 500U, 300U, 300U}) {
    batch.add(size, 1);
  }

  EXPECT_EQ(batch.groups(), "0 1 2|3");
}

TEST(SendPlan, ALongerMessageBeginsANewGroupAndOrderIsKept) {
  Batch batch;
  for (const std::size_t size : {500U, 600U, 500U, 600U}) {
    batch.add(size, 1);
  }

  EXPECT_EQ(batch.groups(), "0|1 2|3");
}

TEST(SendPlan, SocketsAreNotMixed) {
  Batch batch;
  batch.add(500, 1, 0);
  batch.add(500, 1, 1);
  batch.add(500, 1, 0);

  EXPECT_EQ(batch.groups(), "0 2|1");
}

TEST(SendPlan, WhatHasToBeFragmentedGoesAlone) {
  Batch batch;
  batch.add(net::SendPlan::kJoinedSizeMax, 1);
  batch.add(net::SendPlan::kJoinedSizeMax, 1);
  batch.add(net::SendPlan::kJoinedSizeMax + 1, 1);
  batch.add(net::SendPlan::kJoinedSizeMax + 1, 1);

  EXPECT_EQ(batch.groups(), "0 1|2|3");
}

TEST(SendPlan, NoMoreThanTheKernelTakesAtOnce) {
  Batch batch;
  for (std::size_t i = 0; i < net::SendPlan::kJoinedCountMax + 1; ++i) {
    batch.add(100, 1);
  }
  batch.groups();

  ASSERT_EQ(batch.plan->groups().size(), 2U);
  EXPECT_EQ(batch.plan->groups()[0].count, net::SendPlan::kJoinedCountMax);
}

TEST(SendPlan, NoMoreOctetsThanADatagramHolds) {
  Batch batch;
  for (int i = 0; i < 47; ++i) {
    batch.add(1'400, 1);  // 46 of them are 64,400 octets, 47 are 65,800.
  }
  batch.groups();

  ASSERT_EQ(batch.plan->groups().size(), 2U);
  EXPECT_EQ(batch.plan->groups()[0].count, 46);
}

TEST(SendPlan, AnEmptyMessageGoesAlone) {
  Batch batch;
  batch.add(0, 1);
  batch.add(0, 1);

  EXPECT_EQ(batch.groups(), "0|1");
}

template <class T>
class JoinedSends : public IoTest<T> {};
using JoinedBackEnds = ::testing::Types<Joined<net::EpollIo>, Joined<net::UringIo>>;
TYPED_TEST_SUITE(JoinedSends, JoinedBackEnds, BackEndName);

TYPED_TEST(JoinedSends, ArriveAsSingleDatagramsInTheirOrder) {
  Party<TypeParam> sender;
  Party<TypeParam> one;
  Party<TypeParam> two;
  for (int i = 0; i < 60; ++i) {
    // Sizes change, so that groups end and begin.
    const std::string text = std::to_string(100 + i) + std::string(i % 20 == 7 ? 90 : 400, '.');
    sender.put(text, (i % 2 == 0 ? one : two).addresses[0]);
  }
  sender.io->exchange(Duration{0});

  for (Party<TypeParam>* party : {&one, &two}) {
    const auto received = party->collect(30);
    ASSERT_EQ(received.size(), 30U);
    int last = -1;
    for (const auto& datagram : received) {
      const int number = std::stoi(datagram.bytes.substr(0, 3));
      EXPECT_GT(number, last);
      EXPECT_EQ(datagram.bytes.size(), (number - 100) % 20 == 7 ? 93U : 403U);
      last = number;
    }
  }
  EXPECT_GT(sender.io->counters().sends_joined.read(), 40U);
  EXPECT_EQ(sender.io->counters().sends_failed.read(), 0U);
}

TYPED_TEST(JoinedSends, OneThatIsRefusedIsRepeatedMessageByMessage) {
  const Address dead = open_loopback().address;  // Closed again at once: nobody listens there.
  Party<TypeParam> sender;
  Party<TypeParam> live;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 8; ++i) {
      sender.put("dead", dead);
      sender.put("live", live.addresses[0]);
    }
    sender.io->exchange(Duration{0});
  }

  EXPECT_EQ(live.collect(160).size(), 160U);
}

}  // namespace
}  // namespace steer::test

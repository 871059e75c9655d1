#include "core/transport/connection_table.h"

#include <set>

#include <gtest/gtest.h>

#include "core/base/limits.h"

namespace steer::transport {
namespace {

ConnectionTable::Options options(std::size_t capacity) {
  return {.shard = 3, .capacity = capacity, .seed = {7}};
}

Connection& opened(ConnectionTable& table) {
  Connection* const connection = table.take();
  EXPECT_NE(connection, nullptr);
  connection->state = ConnectionState::kOpen;
  return *connection;
}

TEST(ConnectionTable, FindsAConnectionByItsNameWhileItLives) {
  ConnectionTable table{options(2)};
  Connection& connection = opened(table);
  const ConnectionId id = connection.id;

  EXPECT_EQ(table.find(id), &connection);
  EXPECT_EQ(id.shard, 3);
  table.give_back(connection);
  EXPECT_EQ(table.find(id), nullptr);
  EXPECT_EQ(table.find({}), nullptr);
}

TEST(ConnectionTable, NeverTakesAStaleNameForTheNextOneInThatPlace) {
  ConnectionTable table{options(1)};
  std::set<std::uint64_t> names;
  for (int i = 0; i < 1'000; ++i) {
    Connection& connection = opened(table);
    EXPECT_TRUE(names.insert(connection.id.number()).second);
    for (const std::uint64_t name : names) {
      EXPECT_EQ(table.find(ConnectionId::from_number(name)) != nullptr,
                name == connection.id.number());
    }
    table.give_back(connection);
    if (i > 50) names.erase(names.begin());
  }
}

TEST(ConnectionTable, DoesNotKnowTheNamesOfOtherShardsAndPlaces) {
  ConnectionTable table{options(2)};
  const ConnectionId id = opened(table).id;
  ConnectionId other = id;
  other.shard = 4;
  ConnectionId beyond = id;
  beyond.slot = 60'000;

  EXPECT_EQ(table.find(other), nullptr);
  EXPECT_EQ(table.find(beyond), nullptr);
}

TEST(ConnectionTable, SaysNoWhenFullAndTakesPlacesInTurn) {
  ConnectionTable table{options(2)};
  Connection& first = opened(table);
  Connection& second = opened(table);
  EXPECT_EQ(table.take(), nullptr);
  EXPECT_EQ(table.size(), 2U);

  table.give_back(second);
  table.give_back(first);
  EXPECT_EQ(table.take(), &second);
  EXPECT_EQ(table.size(), 1U);
}

TEST(ConnectionTable, CountsConnectionsOfASource) {
  ConnectionTable table{options(1)};
  const Address alice = ipv4(192, 0, 2, 1, 1'000);

  EXPECT_TRUE(table.add_source(alice, 2));
  EXPECT_TRUE(table.add_source(ipv4(192, 0, 2, 1, 2'000), 2));
  EXPECT_FALSE(table.add_source(alice, 2));
  EXPECT_TRUE(table.add_source(ipv4(192, 0, 2, 2, 1'000), 2));
  table.remove_source(alice);
  EXPECT_TRUE(table.add_source(alice, 2));
}

TEST(ConnectionTable, CountsAnIpv6NetworkAsOneSource) {
  ConnectionTable table{options(1)};

  EXPECT_TRUE(table.add_source(*parse_ip("2001:db8::1", 1), 1));
  EXPECT_FALSE(table.add_source(*parse_ip("2001:db8::ffff:1", 2), 1));
  EXPECT_TRUE(table.add_source(*parse_ip("2001:db8:0:1::1", 1), 1));
}

TEST(ConnectionTable, RemembersTargetsByAddressAndListener) {
  ConnectionTable table{options(1)};
  const OutgoingKey key{ipv4(192, 0, 2, 9, 5'060), {1}};
  table.outgoing(key).failures = 3;
  table.outgoing({key.target, {2}}).failures = 4;

  EXPECT_EQ(table.outgoing(key).failures, 3U);
  table.forget_outgoing(key);
  EXPECT_EQ(table.outgoing(key).failures, 0U);
}

TEST(ConnectionTable, ForgetsFailuresRatherThanToGrow) {
  ConnectionTable table{options(1)};
  for (std::uint32_t i = 0; i <= kOutgoingCountMax; ++i) {
    const auto high = static_cast<std::uint8_t>(i >> 16U);
    table
        .outgoing({ipv4(10, high, static_cast<std::uint8_t>(i >> 8U), static_cast<std::uint8_t>(i),
                        5'060),
                   {}})
        .failures = 1;
  }

  EXPECT_LE(table.outgoing_count(), kOutgoingCountMax);
}

}  // namespace
}  // namespace steer::transport

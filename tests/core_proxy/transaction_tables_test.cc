#include "core/proxy/transaction_tables.h"

#include <array>
#include <cstddef>
#include <set>
#include <string_view>

#include <gtest/gtest.h>

namespace steer::proxy {
namespace {

bool is_of(Machine machine, TransactionState state) {
  const bool invite = machine == Machine::kInviteServer || machine == Machine::kInviteClient;
  if (state == TransactionState::kTrying) return machine != Machine::kInviteServer;
  if (state == TransactionState::kConfirmed) return machine == Machine::kInviteServer;
  if (state == TransactionState::kAccepted) return invite;
  return true;
}

TEST(TransactionTables, ARowNamesOnlyStatesOfItsMachine) {
  for (const Transition& row : kTransitions) {
    EXPECT_TRUE(is_of(row.machine, row.state)) << name_of(row.event);
    EXPECT_TRUE(is_of(row.machine, row.next)) << name_of(row.event);
    EXPECT_NE(row.state, TransactionState::kTerminated) << name_of(row.event);
  }
}

TEST(TransactionTables, EveryStateLeadsToTheEnd) {
  for (std::size_t machine = 0; machine < static_cast<std::size_t>(Machine::kCount); ++machine) {
    std::set<TransactionState> ending{TransactionState::kTerminated};
    for (std::size_t round = 0; round < detail::kStateCount; ++round) {
      for (const Transition& row : kTransitions) {
        if (row.machine != Machine{static_cast<std::uint8_t>(machine)}) continue;
        if (ending.contains(row.next)) ending.insert(row.state);
      }
    }
    for (std::size_t state = 0; state < detail::kStateCount; ++state) {
      const auto which = TransactionState{static_cast<std::uint8_t>(state)};
      if (!is_of(Machine{static_cast<std::uint8_t>(machine)}, which)) continue;
      EXPECT_TRUE(ending.contains(which)) << machine << ' ' << name_of(which);
    }
  }
}

TEST(TransactionTables, FindingARowGivesItsNumber) {
  for (std::size_t i = 0; i < kTransitions.size(); ++i) {
    const Transition& row = kTransitions[i];
    EXPECT_EQ(find_transition(row.machine, row.state, row.event), i);
  }
}

TEST(TransactionTables, AnEventWithoutARowMeansNothing) {
  EXPECT_EQ(find_transition(Machine::kServer, TransactionState::kTrying, TransactionEvent::kAck),
            kNoTransition);
  EXPECT_EQ(find_transition(Machine::kInviteClient, TransactionState::kProceeding,
                            TransactionEvent::kUnreachable),
            kNoTransition);
}

// RFC 4320 §4.1: nothing provisional but 100 is sent to a non-INVITE.
TEST(TransactionTables, ANonInviteServerHasNoWayToRing) {
  for (const Transition& row : kTransitions) {
    EXPECT_FALSE(row.machine == Machine::kServer && row.event == TransactionEvent::kAnswerEarly);
  }
}

// RFC 6026 §7.2: without Accepted the second 2xx of a fork would be lost.
TEST(TransactionTables, ASuccessIsPassedOnInEveryStateOfAnInvite) {
  for (const TransactionState state : {TransactionState::kProceeding, TransactionState::kCompleted,
                                       TransactionState::kConfirmed, TransactionState::kAccepted}) {
    const auto row =
        find_transition(Machine::kInviteServer, state, TransactionEvent::kAnswerSuccess);
    ASSERT_NE(row, kNoTransition) << name_of(state);
    const TransactionAction action = kTransitions[row].action;
    EXPECT_TRUE(action == TransactionAction::kPass || action == TransactionAction::kSendSuccess);
  }
}

TEST(TransactionTables, EveryNameIsThereOnce) {
  std::set<std::string_view> names;
  for (std::size_t event = 0; event < detail::kEventCount; ++event) {
    names.insert(name_of(TransactionEvent{static_cast<std::uint8_t>(event)}));
  }
  EXPECT_EQ(names.size(), detail::kEventCount);
  EXPECT_EQ(name_of(Machine::kClient), "client");
  EXPECT_EQ(name_of(TransactionState::kTerminated), "terminated");
}

}  // namespace
}  // namespace steer::proxy

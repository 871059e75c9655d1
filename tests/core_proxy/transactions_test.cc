#include "core/proxy/transactions.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "core/sip/parse.h"
#include "tests/core_proxy/transaction_rig.h"
#include "tests/support/alloc_guard.h"

namespace steer::proxy::test {
namespace {

Sent begin(Rig& rig, const RequestText& request = {}) {
  EXPECT_EQ(rig.request(request), RequestOutcome::kNew);
  const std::vector<Sent> sent = rig.take();
  EXPECT_FALSE(sent.empty());
  return sent.empty() ? Sent{} : sent.front();
}

// --- Each row of the tables ----------------------------------------------------------------------

RequestText request_for(Machine machine) {
  const bool invite = machine == Machine::kInviteServer || machine == Machine::kInviteClient;
  return {.method = invite ? "INVITE" : "OPTIONS"};
}

// Brings a fresh transaction to the state; returns its request as it was sent.
Sent reach(Rig& rig, const Transition& row) {
  const Sent sent = begin(rig, request_for(row.machine));
  const bool is_server = row.machine == Machine::kInviteServer || row.machine == Machine::kServer;
  switch (row.state) {
    case TransactionState::kTrying: break;
    case TransactionState::kProceeding:
      if (row.machine == Machine::kServer) rig.advance(milliseconds{3'504});
      if (!is_server) rig.answer(sent, 100);
      break;
    case TransactionState::kCompleted: rig.answer(sent, 486); break;
    case TransactionState::kConfirmed:
      rig.answer(sent, 486);
      rig.request({.method = "ACK"});
      break;
    case TransactionState::kAccepted: rig.answer(sent, 200); break;
    case TransactionState::kTerminated:
    case TransactionState::kCount: ADD_FAILURE() << "no row begins there";
  }
  rig.take();
  return sent;
}

// Lets the event happen as the world would.
void happen(Rig& rig, const Transition& row, const Sent& sent) {
  using enum TransactionEvent;
  switch (row.event) {
    case kRequestAgain: rig.request(request_for(row.machine)); break;
    case kAck: rig.request({.method = "ACK"}); break;
    case kAnswerEarly:
    case kEarly: rig.answer(sent, 180); break;
    case kAnswerSuccess:
    case kSuccess: rig.answer(sent, 200); break;
    case kAnswerFailure:
    case kFailure: rig.answer(sent, 486); break;
    case kUnreachable:
      rig.unreachable(kFirst);
      rig.advance(milliseconds{8});
      break;
    case kRepeat:
    case kRepeatFinal:
      rig.advance(milliseconds{504});
      if (row.state == TransactionState::kProceeding) rig.advance(seconds{4});
      break;
    case kAnswerTrying: rig.advance(milliseconds{3'504}); break;
    case kTooLong: rig.advance(seconds{181} + seconds{33}); break;
    case kAckDone:
    case kDone:
    case kAckMissing:
    case kAnswerDone:
    case kAnswerAcceptDone:
    case kAcceptDone:
    case kSilence: rig.advance(seconds{33}); break;
    case kNoAnswer: rig.answer(sent, 408); break;  // Not passed on (RFC 4320 §4.2).
    case kCount: break;
  }
}

// The state after the row; what has ended with its record is terminated.
TransactionState state_after(const Rig& rig, Machine machine) {
  const bool is_server = machine == Machine::kInviteServer || machine == Machine::kServer;
  const TransactionRecord& record = rig.record();
  if (!record.in_use) return TransactionState::kTerminated;
  return is_server ? record.state : rig.last_try().state;
}

// What must have left because of the row's action.
std::string_view effect_of(const Transition& row) {
  switch (row.action) {
    case TransactionAction::kSendTrying: return "SIP/2.0 100";
    case TransactionAction::kSendEarly: return "SIP/2.0 180";
    case TransactionAction::kSendSuccess:
    case TransactionAction::kPass: return "SIP/2.0 200";
    case TransactionAction::kSendFailure: return "SIP/2.0 486";
    case TransactionAction::kSendAgain: return "SIP/2.0 ";
    case TransactionAction::kAckAndTell:
    case TransactionAction::kAckAgain: return "ACK ";
    case TransactionAction::kSendRequest:
      return row.machine == Machine::kInviteClient ? "INVITE " : "OPTIONS ";
    case TransactionAction::kNothing:
    case TransactionAction::kHandUp:
    case TransactionAction::kTell:
    case TransactionAction::kGiveUp:
    case TransactionAction::kCount: return "";
  }
  return "";
}

class EachTransition : public testing::TestWithParam<std::size_t> {};

TEST_P(EachTransition, HappensAndLeadsWhereItsRowSays) {
  const Transition& row = kTransitions[GetParam()];
  SCOPED_TRACE(testing::Message() << name_of(row.machine) << ' ' << name_of(row.state) << ' '
                                  << name_of(row.event));
  Rig rig;
  const Sent sent = reach(rig, row);
  const std::uint32_t before = rig.taken(row.machine, row.state, row.event);

  happen(rig, row, sent);

  EXPECT_GT(rig.taken(row.machine, row.state, row.event), before);
  EXPECT_EQ(state_after(rig, row.machine), row.next);
  const std::vector<Sent> left = rig.take();
  EXPECT_TRUE(effect_of(row).empty() ||
              std::ranges::any_of(left, [&](const Sent& one) { return one.is(effect_of(row)); }));
}

INSTANTIATE_TEST_SUITE_P(Transactions, EachTransition,
                         testing::Range(std::size_t{0}, kTransitionCount),
                         [](const testing::TestParamInfo<std::size_t>& number) {
                           return std::to_string(number.param);
                         });

// --- Bad input -----------------------------------------------------------------------------------

TEST(Transactions, ACancelAndAnAckOfNothingAreTheCallers) {
  Rig rig;

  EXPECT_EQ(rig.request({.method = "CANCEL"}), RequestOutcome::kStrayCancel);
  EXPECT_EQ(rig.request({.method = "ACK"}), RequestOutcome::kStrayAck);

  EXPECT_TRUE(rig.take().empty());
  EXPECT_TRUE(rig.is_clean());
}

TEST(Transactions, AnAckBeforeThereIsAFinalResponseDoesNothing) {
  Rig rig;
  const Sent invite = begin(rig);

  EXPECT_EQ(rig.request({.method = "ACK"}), RequestOutcome::kAbsorbed);

  EXPECT_TRUE(rig.take().empty());
  EXPECT_EQ(rig.answer(invite, 200), ResponseOutcome::kForwarded);
}

TEST(Transactions, AResponseOfATransactionThatEndedIsNobodys) {
  Rig rig;
  const Sent invite = begin(rig);
  EXPECT_EQ(rig.answer(invite, 200), ResponseOutcome::kForwarded);
  rig.advance(seconds{33});
  rig.take();
  ASSERT_TRUE(rig.is_clean());

  EXPECT_EQ(rig.answer(invite, 200), ResponseOutcome::kNoTransaction);

  begin(rig, {.branch = "z9hG4bKnext", .call_id = "c2@x"});  // In the same slot.
  EXPECT_EQ(rig.answer(invite, 200), ResponseOutcome::kNoTransaction);
  EXPECT_TRUE(rig.take().empty());
}

TEST(Transactions, AResponseWithTheBranchOfAnotherCallIsRefused) {
  Rig rig;
  const Sent first = begin(rig, {.branch = "z9hG4bK1", .call_id = "c1@x"});
  const Sent second = begin(rig, {.branch = "z9hG4bK2", .call_id = "c2@x"});
  std::string mixed = response_to(second.text, 200);
  const auto branch_at = [](std::string_view text) { return text.find("z9hG4bKsf."); };
  mixed.replace(branch_at(mixed), kStatefulBranchSize, first.text, branch_at(first.text),
                kStatefulBranchSize);

  EXPECT_EQ(rig.response(mixed, kFirst), ResponseOutcome::kNotOurs);

  EXPECT_TRUE(rig.take().empty());
}

TEST(Transactions, AResponseMustSayWhatTheRequestSaid) {
  Rig rig;
  const Sent invite = begin(rig);
  const std::string good = response_to(invite.text, 200);
  const auto changed = [&](std::string_view from, std::string_view to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return rig.response(text, kFirst);
  };

  EXPECT_EQ(changed("tag=f1", "tag=f2"), ResponseOutcome::kNotOurs);
  EXPECT_EQ(changed("CSeq: 7 INVITE", "CSeq: 8 INVITE"), ResponseOutcome::kNotOurs);
  EXPECT_EQ(changed("CSeq: 7 INVITE", "CSeq: 7 BYE"), ResponseOutcome::kNotOurs);
  EXPECT_EQ(changed("Call-ID: c1@x", "Call-ID: c2@x"), ResponseOutcome::kNotOurs);
  EXPECT_EQ(changed("Via: SIP/2.0/UDP 192.0.2.9:5070;branch=z9hG4bKcaller\r\n", ""),
            ResponseOutcome::kNotOurs);
  EXPECT_TRUE(rig.take().empty());
  EXPECT_EQ(rig.response(good, kFirst), ResponseOutcome::kForwarded);
}

TEST(Transactions, AMarkThatIsNotOursIsRefused) {
  Rig rig;
  const Sent invite = begin(rig);
  const std::string good = response_to(invite.text, 200);
  const std::size_t at = good.find("z9hG4bKsf.");
  for (std::size_t i = at + kStatefulPrefix.size() + 17; i < at + kStatefulBranchSize; ++i) {
    std::string text = good;
    text[i] = text[i] == '0' ? '1' : '0';
    const ResponseOutcome outcome = rig.response(text, kFirst);
    EXPECT_TRUE(outcome == ResponseOutcome::kNotOurs || outcome == ResponseOutcome::kNoTransaction)
        << text;
  }
  EXPECT_TRUE(rig.take().empty());
}

TEST(Transactions, AStrangersResponseIsRefused) {
  Rig rig;
  const Sent invite = begin(rig);

  EXPECT_EQ(rig.response(response_to(invite.text, 200), kThird), ResponseOutcome::kFromStranger);
  EXPECT_TRUE(rig.take().empty());
}

TEST(Transactions, RequestsThatDifferInOneThingAreDifferentTransactions) {
  Rig rig;
  begin(rig);
  EXPECT_EQ(rig.request({.branch = "z9hG4bKb"}), RequestOutcome::kNew);
  EXPECT_EQ(rig.request({.call_id = "c2@x"}), RequestOutcome::kNew);
  EXPECT_EQ(rig.request({.from_tag = "f2"}), RequestOutcome::kNew);
  EXPECT_EQ(rig.request({.cseq = 8}), RequestOutcome::kNew);
  EXPECT_EQ(rig.request({.method = "OPTIONS"}), RequestOutcome::kNew);
  EXPECT_EQ(rig.request({}), RequestOutcome::kAbsorbed);
}

TEST(Transactions, ADestinationThatSaysOnlyTryingEndsWithTimerC) {
  Rig rig;
  for (int i = 0; i < 20; ++i) {
    const Sent invite = begin(rig, {.call_id = "c" + std::to_string(i)});
    EXPECT_EQ(rig.answer(invite, 100), ResponseOutcome::kAbsorbed);
  }

  rig.advance(seconds{181 + 32 + 64});

  std::size_t timeouts = 0;
  for (const Sent& sent : rig.take()) {
    timeouts += sent.is("SIP/2.0 408") ? 1 : 0;
  }
  EXPECT_GE(timeouts, 20U);
  EXPECT_TRUE(rig.is_clean());
}

// --- Bounds --------------------------------------------------------------------------------------

TEST(Transactions, AFloodIsRefusedOnceTheTableIsFullAndEstablishedWorkGoesOn) {
  Rig rig;
  const Sent first = begin(rig, {.call_id = "c0"});
  for (int i = 1; i < 64; ++i) {
    begin(rig, {.call_id = "c" + std::to_string(i)});
  }

  EXPECT_EQ(rig.request({.call_id = "more"}), RequestOutcome::kNew);

  EXPECT_EQ(rig.begun, BeginOutcome::kFull);
  EXPECT_EQ(rig.counters.refused_full.read(), 1U);
  EXPECT_TRUE(rig.take().empty());
  EXPECT_EQ(rig.answer(first, 180), ResponseOutcome::kForwarded);
  EXPECT_EQ(rig.request({.method = "CANCEL", .call_id = "c0"}), RequestOutcome::kCancelled);
}

TEST(Transactions, TheOldestThatHasEndedMakesRoom) {
  Rig rig;
  std::vector<Sent> invites;
  for (int i = 0; i < 64; ++i) {
    invites.push_back(begin(rig, {.call_id = "c" + std::to_string(i)}));
  }
  EXPECT_EQ(rig.answer(invites[5], 200), ResponseOutcome::kForwarded);
  EXPECT_EQ(rig.answer(invites[3], 200), ResponseOutcome::kForwarded);
  rig.take();

  begin(rig, {.call_id = "more"});

  EXPECT_EQ(rig.begun, BeginOutcome::kBegun);
  EXPECT_EQ(rig.counters.recycled.read(), 1U);
  EXPECT_EQ(rig.answer(invites[5], 200), ResponseOutcome::kNoTransaction);
  EXPECT_EQ(rig.answer(invites[3], 200), ResponseOutcome::kForwarded);
  EXPECT_EQ(rig.counters.begun.read() - rig.counters.ended.read(), rig.machine().size());
}

TEST(Transactions, OctetsAreBoundedToo) {
  Rig::Options options;
  options.limits.octets = 4 * OctetStore::kChunkSize;
  Rig rig{options};
  const std::string body(30'000, 'x');
  const RequestText large{.extra = "X-Large: " + body + "\r\n"};
  std::size_t begun = 0;
  for (int i = 0; i < 20; ++i) {
    RequestText request = large;
    request.call_id = "c" + std::to_string(i);
    EXPECT_EQ(rig.request(request), RequestOutcome::kNew);
    begun += rig.begun == BeginOutcome::kBegun ? 1 : 0;
  }

  EXPECT_GT(begun, 2U);
  EXPECT_EQ(rig.counters.refused_octets.read(), 20 - begun);
  rig.advance(seconds{120});
  EXPECT_TRUE(rig.is_clean());
}

TEST(Transactions, WhatFindsNoRoomInTheOutboxIsRepeatedLater) {
  Rig rig;
  rig.sends_max = 0;
  EXPECT_EQ(rig.request({}), RequestOutcome::kNew);
  EXPECT_EQ(rig.begun, BeginOutcome::kBegun);
  EXPECT_EQ(rig.counters.sends_dropped.read(), 2U);

  rig.sends_max = 256;
  rig.advance(milliseconds{504});
  const Sent invite = rig.only();
  rig.sends_max = 0;
  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kForwarded);
  EXPECT_TRUE(rig.take().empty());

  rig.sends_max = 256;
  rig.advance(milliseconds{504});
  EXPECT_TRUE(rig.only().is("SIP/2.0 486"));
  EXPECT_EQ(rig.answer(invite, 486), ResponseOutcome::kAbsorbed);
  EXPECT_TRUE(rig.only().is("ACK"));
}

TEST(Transactions, ATurnSendsNoMoreThanABatch) {
  Rig::Options options;
  options.limits = {.transactions = 1'000, .tries = 1'000, .octets = 8 * kMiB};
  Rig rig{options};
  for (int i = 0; i < 500; ++i) {
    rig.request({.call_id = "c" + std::to_string(i)});
  }
  rig.take();

  rig.now += milliseconds{600};
  std::vector<char> arena(8 * kMiB);
  std::vector<Send> sends(256);
  std::size_t total = 0;
  for (int turn = 0; turn < 20; ++turn) {
    Outbox outbox{arena, sends};
    rig.machine().expire(rig.now, outbox, rig.host);
    EXPECT_LE(outbox.sends().size(), kBatchSizeMax);
    total += outbox.sends().size();
  }

  EXPECT_EQ(total, 500U);
}

TEST(Transactions, NoCallSendsMoreThanItSaysHoweverManyWereLeftBehind) {
  Rig rig;
  rig.tries = 1'000;
  rig.try_timeout = milliseconds{100};
  rig.host.candidates.assign(100, kSecond);
  begin(rig);
  rig.advance(seconds{3});
  std::vector<Sent> tries;
  for (const Sent& sent : rig.take()) {
    const bool is_try = sent.is("INVITE") && std::ranges::none_of(tries, [&](const Sent& other) {
                          return other.text == sent.text;
                        });
    if (is_try) tries.push_back(sent);
  }
  ASSERT_EQ(tries.size(), kTriesMax - 1) << "and the first";
  for (const Sent& sent : tries) {
    EXPECT_EQ(rig.answer(sent, 100), ResponseOutcome::kAbsorbed);
  }
  rig.take();

  EXPECT_EQ(rig.answer(tries.back(), 603), ResponseOutcome::kForwarded);

  EXPECT_LE(rig.take().size(), Transactions::kSendsPerCallMax);
}

TEST(Transactions, ManyThatWaitForOneUnreachablePeerAreServedInTurns) {
  Rig::Options options;
  options.limits = {.transactions = 1'000, .tries = 1'500, .octets = 8 * kMiB};
  Rig rig{options};
  for (int i = 0; i < 500; ++i) {
    rig.request({.call_id = "c" + std::to_string(i)});
    rig.host.candidates.push_back(kSecond);
  }
  rig.take();

  rig.unreachable(kFirst);
  rig.advance(milliseconds{8});

  EXPECT_EQ(rig.take().size(), 500U);
  EXPECT_EQ(rig.counters.retried.read(), 500U);
}

// Records, index, timers, keys, and what is lost by rounding up: all but the messages themselves.
TEST(Transactions, AHundredThousandTakeLessThan512OctetsEachBesideTheirRequests) {
  constexpr std::uint32_t kCount = 100'000;
  Rig rig{{.limits = {.transactions = kCount, .tries = kCount, .octets = 256 * kMiB}}};
  std::size_t messages = 0;
  for (std::uint32_t i = 0; i < kCount; ++i) {
    const RequestText request{.branch = "z9hG4bK-524287-1---a8f2c91d" + std::to_string(100'000 + i),
                              .call_id = std::to_string(100'000 + i) + "-a84b4c76e66710@pbx-7",
                              .extra = "X-Like-A-Body: " + std::string(500, 'x') + "\r\n"};
    ASSERT_EQ(rig.request(request), RequestOutcome::kNew);
    messages += text_of(request).size();
    rig.take();
  }
  ASSERT_EQ(rig.machine().size(), kCount);

  const std::size_t octets = rig.machine().store().octets.used() - messages;
  const std::size_t each = TransactionStore::kOctetsPerTransaction + octets / kCount;

  EXPECT_LT(each, 512U);
  RecordProperty("octets_each", static_cast<int>(each));
}

TEST(Transactions, NothingIsAllocatedOnceItIsMade) {
  Rig rig;
  const std::string text = text_of({});
  sip::Message message;
  ASSERT_EQ(sip::parse(text, message), sip::ParseError::kNone);
  const TransactionInputs inputs = transaction_inputs(message, message.via);
  ReturnPath back;
  request_return_path(message.via, kCaller, false, back);
  std::vector<char> arena(8 * kMiB);
  std::vector<Send> sends(256);
  Outbox outbox{arena, sends};
  const steer::test::AllocGuard guard;

  EXPECT_EQ(rig.machine().on_request({message, inputs, back, {}}, rig.now, outbox, rig.host),
            RequestOutcome::kNew);
  EXPECT_EQ(rig.machine().begin({.request = message,
                                 .inputs = inputs,
                                 .source = kCaller,
                                 .back = back,
                                 .listener = {},
                                 .hop = {kFirst, Transport::kUdp, 1},
                                 .user = {}},
                                rig.now, outbox, rig.host),
            BeginOutcome::kBegun);
  for (int i = 0; i < 500; ++i) {
    outbox.clear();
    rig.machine().expire(rig.now + i * milliseconds{100}, outbox, rig.host);
  }

  // The rig's host remembers what it was told, in a vector: one try that failed.
  EXPECT_LE(guard.count(), 1U);
}

// A long mixed run: everything that begins ends, and everything comes back.
TEST(Transactions, NothingLeaks) {
  Rig rig;
  rig.try_timeout = seconds{1};
  for (int round = 0; round < 400; ++round) {
    rig.host.candidates = {kSecond};
    const std::string method = round % 3 == 0 ? "OPTIONS" : "INVITE";
    const RequestText request{.method = method, .call_id = "c" + std::to_string(round)};
    if (rig.request(request) != RequestOutcome::kNew || rig.begun != BeginOutcome::kBegun) {
      rig.advance(seconds{40});
      rig.take();
      continue;
    }
    const Sent sent = rig.take().front();
    if (round % 2 == 0) rig.answer(sent, 100);
    if (round % 5 == 0) rig.answer(sent, 180);
    if (round % 7 == 0) rig.advance(milliseconds{1'100});
    if (round % 4 == 0) rig.answer(sent, round % 8 == 0 ? 503 : 486);
    if (round % 11 == 0) rig.request({.method = "CANCEL", .call_id = request.call_id});
    if (round % 6 == 0) rig.answer(sent, 200);
    if (round % 9 == 0) rig.unreachable(kSecond);
    rig.request({.method = "ACK", .call_id = request.call_id});
    rig.advance(milliseconds{37});
    rig.take();
  }

  rig.advance(seconds{600});

  EXPECT_TRUE(rig.is_clean());
  EXPECT_EQ(rig.counters.begun.read(), rig.counters.ended.read());
  EXPECT_GT(rig.counters.begun.read(), 300U);
}

}  // namespace
}  // namespace steer::proxy::test

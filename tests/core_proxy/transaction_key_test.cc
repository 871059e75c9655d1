#include "core/proxy/transaction_key.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace steer::proxy {
namespace {

constexpr TransactionInputs kInputs{.branch = "z9hG4bKa",
                                    .sent_by_host = "pc.example.com",
                                    .sent_by_port = 5'070,
                                    .call_id = "c1@x",
                                    .from_tag = "f1",
                                    .cseq = 7};

std::string key_of(const TransactionInputs& inputs, std::string_view uri = "sip:b@example.com") {
  std::array<char, 4'096> room;
  return std::string{write_transaction_key(inputs, uri, room)};
}

template <class Change>
std::string changed(Change change) {
  TransactionInputs inputs = kInputs;
  change(inputs);
  return key_of(inputs);
}

TEST(TransactionKey, EachOfItsPartsTellsTransactionsApart) {
  const std::string key = key_of(kInputs);

  EXPECT_NE(key, changed([](auto& i) { i.branch = "z9hG4bKb"; }));
  EXPECT_NE(key, changed([](auto& i) { i.sent_by_host = "pd.example.com"; }));
  EXPECT_NE(key, changed([](auto& i) { i.sent_by_port = 5'071; }));
  EXPECT_NE(key, changed([](auto& i) { i.call_id = "c2@x"; }));
  EXPECT_NE(key, changed([](auto& i) { i.from_tag = "f2"; }));
  EXPECT_NE(key, changed([](auto& i) { i.cseq = 8; }));
  EXPECT_EQ(key, changed([](auto&) {}));
}

TEST(TransactionKey, TextsDoNotRunIntoEachOther) {
  const auto first = changed([](auto& i) {
    i.call_id = "ab";
    i.from_tag = "c";
  });
  const auto second = changed([](auto& i) {
    i.call_id = "a";
    i.from_tag = "bc";
  });

  EXPECT_NE(first, second);
}

TEST(TransactionKey, AHostIsTheSameInAnyCase) {
  EXPECT_EQ(key_of(kInputs), changed([](auto& i) { i.sent_by_host = "PC.Example.COM"; }));
}

TEST(TransactionKey, TheRequestUriCountsOnlyWhereTheBranchSaysNothing) {
  const TransactionInputs old = [] {
    TransactionInputs inputs = kInputs;
    inputs.branch = {};
    return inputs;
  }();

  EXPECT_EQ(key_of(kInputs, "sip:b@x"), key_of(kInputs, "sip:c@x"));
  EXPECT_NE(key_of(old, "sip:b@x"), key_of(old, "sip:c@x"));
  EXPECT_NE(key_of(old, "z9hG4bKa"), key_of(kInputs)) << "a URI never passes for a branch";
}

TEST(TransactionKey, AResponseIsOfTheCallByCallIdTagAndNumber) {
  const std::string key = key_of(kInputs);
  TransactionInputs response{.call_id = "c1@x", .from_tag = "f1", .cseq = 7};

  EXPECT_TRUE(is_same_call(key, response));
  response.cseq = 8;
  EXPECT_FALSE(is_same_call(key, response));
  response = {.call_id = "c1@", .from_tag = "xf1", .cseq = 7};
  EXPECT_FALSE(is_same_call(key, response));
  response = {.call_id = "c1@x", .from_tag = "", .cseq = 7};
  EXPECT_FALSE(is_same_call(key, response));
}

TEST(TransactionKey, TheLongestTextsOfADatagramFit) {
  static std::array<char, kKeySizeMax> room;
  const std::string long_text(kDatagramSizeMax - 100, 'x');
  TransactionInputs inputs = kInputs;
  inputs.call_id = long_text;

  const std::string_view key = write_transaction_key(inputs, "", room);

  EXPECT_GT(key.size(), long_text.size());
  EXPECT_TRUE(is_same_call(key, inputs));
}

}  // namespace
}  // namespace steer::proxy

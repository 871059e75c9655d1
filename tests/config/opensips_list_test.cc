#include "config/opensips_list.h"

#include <gtest/gtest.h>

#include "tests/config/list_fixture.h"

namespace steer::config {
namespace {

using dispatch::ConfiguredState;

struct OpensipsList : test::CheckedList {
  explicit OpensipsList(std::string_view list) : CheckedList{list, Dialect::kOpensips} {}
};

TEST(OpensipsList, TheDocumentedExampleLines) {
  const OpensipsList list{
      "# set uri                  flags weight attrs\n"
      "1 sip:10.0.0.1:5060          0     50   trunk=a\n"
      "1 sip:10.0.0.2               2              # probing, weight 1\n"
      "2 sips:[2001:db8::1]:5061\n"};

  EXPECT_EQ(list.diagnostics.error_count(), 1U) << list.all();
  EXPECT_EQ(list.said("sips").find("d.list:4:3: error: sips destinations need TLS"), 0U);
  ASSERT_EQ(list.sets.size(), 1U);
  const auto& one = list.sets[0].destinations;
  EXPECT_EQ(one[0].weight, 50U);
  EXPECT_EQ(one[0].attributes.at(0).first, "trunk");
  EXPECT_EQ(one[1].weight, 1U);
  EXPECT_EQ(one[1].state, ConfiguredState::kProbing);
  EXPECT_EQ(list.diagnostics.warning_count(), 0U) << list.all();
}

TEST(OpensipsList, FlagsAreBits) {
  const std::pair<const char*, ConfiguredState> rows[] = {{"0", ConfiguredState::kActive},
                                                          {"1", ConfiguredState::kInactive},
                                                          {"2", ConfiguredState::kProbing},
                                                          {"3", ConfiguredState::kInactive}};
  for (const auto& [flags, state] : rows) {
    const OpensipsList list{std::string{"1 sip:192.0.2.1 "} + flags};
    EXPECT_EQ(list.sets.at(0).destinations.at(0).state, state) << flags;
  }
  EXPECT_TRUE(OpensipsList{"1 sip:192.0.2.1 64"}.diagnostics.has_errors());
  EXPECT_TRUE(OpensipsList{"1 sip:192.0.2.1 a"}.diagnostics.has_errors());
}

TEST(OpensipsList, TheWeightColumnOutweighsAttributes) {
  const OpensipsList list{"1 sip:192.0.2.1 0 50 weight=7\n1 sip:192.0.2.2 0 0 rweight=3\n"};

  EXPECT_EQ(list.sets.at(0).destinations.at(0).weight, 50U);
  EXPECT_EQ(list.sets.at(0).destinations.at(1).weight, 0U);
}

TEST(OpensipsList, WeightsEndAt65535) {
  EXPECT_FALSE(OpensipsList{"1 sip:192.0.2.1 0 65535"}.diagnostics.has_errors());
  EXPECT_EQ(OpensipsList{"1 sip:192.0.2.1 0 65536"}.said("weight").find("d.list:1:19: error: "),
            0U);
  EXPECT_TRUE(OpensipsList{"1 sip:192.0.2.1 0 weight=5"}.diagnostics.has_errors());
}

TEST(OpensipsList, SignsOfTheOtherDialectAreDoubtedOnce) {
  for (const char* const line : {"1 sip:192.0.2.1 0x8", "1 sip:192.0.2.1 8",
                                 "1 sip:192.0.2.1 0 1 duid=a", "1 sip:192.0.2.1 0 1 x=1;cc=1"}) {
    const OpensipsList list{std::string{line} + "\n2 sip:192.0.2.1 0x8\n"};
    std::size_t doubts = 0;
    for (const Diagnostic& each : list.diagnostics.all()) {
      doubts += each.text.find("dialect = \"kamailio\"") != std::string::npos ? 1 : 0;
    }
    EXPECT_EQ(doubts, 1U) << line << "\n" << list.all();
    EXPECT_FALSE(list.diagnostics.has_errors()) << list.all();
  }
}

TEST(OpensipsList, AUriNeedsItsScheme) {
  EXPECT_TRUE(OpensipsList{"1 192.0.2.1:5060"}.diagnostics.has_errors());
}

}  // namespace
}  // namespace steer::config

#include "config/kamailio_list.h"

#include <gtest/gtest.h>

#include "tests/config/list_fixture.h"

namespace steer::config {
namespace {

using dispatch::ConfiguredState;
using test::CheckedList;

const dispatch::DestinationDefinition& only(const CheckedList& list) {
  return list.sets.at(0).destinations.at(0);
}

TEST(KamailioList, TheDocumentedExampleLines) {
  const CheckedList list{
      "# app servers, round robin or hash\n"
      "10 sip:192.0.2.11:5060\n"
      "10 sip:192.0.2.12:5060;transport=tcp 8 20\n"
      "10 sip:as3.core.example.net:5070 0x8 20 duid=as3;maxload=1500;rweight=40\n"
      "20 sip:198.51.100.5 8 0 "
      "duid=gw5;weight=70;socket=udp:203.0.113.9:5060;ping_from=sip:probe@lb.example.net\n"
      "20 sip:198.51.100.6 8 0 duid=gw6;weight=30;sockname=core1;obproxy=sip:192.0.2.1\n"
      "30 sips:tls.example.org 4 5\n"
      "30 sip:[2001:db8::7]:5060 32 5 rweight=50;weight=50;cc=1;latency=25\n"};

  EXPECT_EQ(list.diagnostics.error_count(), 2U) << list.all();
  EXPECT_EQ(list.said("transport=tcp").find("d.list:3:24: error: transport=tcp is not built"), 0U);
  EXPECT_EQ(list.said("sips").find("d.list:7:4: error: sips destinations need TLS"), 0U);
  ASSERT_EQ(list.sets.size(), 3U);
  const auto& ten = list.sets[0].destinations;
  ASSERT_EQ(ten.size(), 2U);
  EXPECT_EQ(to_string(ten[1].address), "192.0.2.13:5070");
  EXPECT_EQ(ten[1].weight, 40U);
  EXPECT_EQ(ten[1].priority, 20);
  EXPECT_EQ(ten[1].host, "as3.core.example.net");
  const auto& twenty = list.sets[1].destinations;
  EXPECT_EQ(twenty[0].weight, 70U);
  EXPECT_EQ(twenty[0].unique_id, "gw5");
  EXPECT_EQ(twenty[0].socket, ListenerIndex{0});
  EXPECT_EQ(twenty[1].attributes.size(), 4U) << "unknown keys are kept";
  EXPECT_FALSE(list.sets[2].destinations[0].probed);
  EXPECT_EQ(list.sets[2].destinations[0].weight, 50U);
}

TEST(KamailioList, FlagsAreBits) {
  const struct {
    const char* flags;
    ConfiguredState state;
    bool probed;
  } rows[] = {{"0", ConfiguredState::kActive, true},    {"1", ConfiguredState::kInactive, true},
              {"2", ConfiguredState::kActive, true},    {"4", ConfiguredState::kDisabled, true},
              {"8", ConfiguredState::kActive, true},    {"9", ConfiguredState::kProbing, true},
              {"0x9", ConfiguredState::kProbing, true}, {"0X0c", ConfiguredState::kDisabled, true},
              {"16", ConfiguredState::kActive, false},  {"32", ConfiguredState::kActive, false},
              {"0x20", ConfiguredState::kActive, false}};
  for (const auto& row : rows) {
    const CheckedList list{std::string{"1 sip:192.0.2.1 "} + row.flags};
    EXPECT_FALSE(list.diagnostics.has_errors()) << list.all();
    EXPECT_EQ(only(list).state, row.state) << row.flags;
    EXPECT_EQ(only(list).probed, row.probed) << row.flags;
  }
}

TEST(KamailioList, FlagsThatAreNoneAreRefused) {
  for (const char* const flags : {"64", "0x40", "0x", "x8", "-1", "8x", "0xg", "1.0"}) {
    const CheckedList list{std::string{"1 sip:192.0.2.1 "} + flags};
    EXPECT_EQ(list.said("d.list:1:17").find("d.list:1:17: error: flags"), 0U) << list.all();
  }
}

TEST(KamailioList, AttributeWordsInTheWrongColumnAreNamed) {
  EXPECT_EQ(CheckedList{"1 sip:192.0.2.1 weight=50"}.all(),
            "d.list:1:17: error: 'weight=50' is an attribute and stands in the column of flags; "
            "write the columns before it: URI 0 0 weight=50\n");
  EXPECT_NE(CheckedList{"1 sip:192.0.2.1 0 weight=50"}.all().find("d.list:1:19: error: 'weight=50' "
                                                                  "is an attribute"),
            std::string::npos);
  EXPECT_NE(CheckedList{"1 sip:192.0.2.1 0 high"}.all().find("priority 'high' is not a number"),
            std::string::npos);
  EXPECT_NE(CheckedList{"1 sip:192.0.2.1 0 -1"}.all().find("priority '-1'"), std::string::npos);
}

TEST(KamailioList, ProbedBackButNeverProbedIsAContradiction) {
  EXPECT_EQ(CheckedList{"1 sip:192.0.2.1 41"}.said("come back").find("d.list:1:17: warning: "), 0U);
}

TEST(KamailioList, WithoutNameLookupAnAddressIsNeeded) {
  EXPECT_EQ(CheckedList{"1 sip:as3.core.example.net 16"}.said("flag 16").find("d.list:1:3: error"),
            0U);
  EXPECT_FALSE(CheckedList{"1 sip:192.0.2.1 16"}.diagnostics.has_errors());
}

}  // namespace
}  // namespace steer::config

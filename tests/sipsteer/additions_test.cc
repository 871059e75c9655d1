#include "tools/sipsteer/additions.h"

#include <gtest/gtest.h>

#include "tests/dispatch/world.h"

namespace steer {
namespace {

config::Resolver no_names() {
  return {.addresses = [](const std::string& name) -> Result<std::vector<Address>> {
            return std::unexpected{Error{name, "is not known; correct it"}};
          },
          .source_towards = [](const Address&) { return std::nullopt; }};
}

struct Desk {
  void add(const std::vector<admin::Addition>& additions) {
    const config::Resolver resolver = no_names();
    add_by_hand(additions,
                {.dialect = dialect, .listeners = definition.listeners, .resolver = resolver},
                definition, diagnostics);
  }

  config::Dialect dialect = config::Dialect::kKamailio;
  dispatch::Definition definition = test::simple_definition(2);
  config::Diagnostics diagnostics;
};

TEST(Additions, AreDestinationsOfTheirSetAndShownAsAdded) {
  Desk desk;

  desk.add({{.set = 1, .uri = "sip:192.0.2.9:5070", .priority = 7, .attributes = "weight=3"}});

  EXPECT_FALSE(desk.diagnostics.has_errors()) << desk.diagnostics.lines().front();
  ASSERT_EQ(desk.definition.sets[0].destinations.size(), 3U);
  const dispatch::DestinationDefinition& added = desk.definition.sets[0].destinations[2];
  EXPECT_TRUE(added.added);
  EXPECT_EQ(added.uri, "sip:192.0.2.9:5070");
  EXPECT_EQ(added.address, test::address_of("192.0.2.9:5070"));
  EXPECT_EQ(added.weight, 3U);
  EXPECT_EQ(added.priority, 7);
  EXPECT_FALSE(desk.definition.sets[0].destinations[0].added);
}

TEST(Additions, MayBeginASetInItsPlace) {
  Desk desk;
  desk.definition.sets.push_back({.id = {9}, .destinations = {test::destination_definition(5)}});

  desk.add({{.set = 4, .uri = "sip:192.0.2.9"}});

  ASSERT_EQ(desk.definition.sets.size(), 3U);
  EXPECT_EQ(desk.definition.sets[1].id.value, 4U);
}

TEST(Additions, FlagsMeanWhatTheDialectSays) {
  Desk kamailio;
  kamailio.add({{.set = 1, .uri = "sip:192.0.2.9", .flags = 4}});
  ASSERT_EQ(kamailio.definition.sets[0].destinations.size(), 3U);
  EXPECT_EQ(kamailio.definition.sets[0].destinations[2].state,
            dispatch::ConfiguredState::kDisabled);

  Desk opensips;
  opensips.dialect = config::Dialect::kOpensips;
  opensips.add({{.set = 1, .uri = "sip:192.0.2.9", .flags = 2}});
  ASSERT_EQ(opensips.definition.sets[0].destinations.size(), 3U);
  EXPECT_EQ(opensips.definition.sets[0].destinations[2].state, dispatch::ConfiguredState::kProbing);
  EXPECT_EQ(opensips.definition.sets[0].destinations[2].weight, 1U);
}

TEST(Additions, WhatTheListHasByNowIsLeftOut) {
  Desk desk;

  desk.add({{.set = 1, .uri = "sip:10.0.0.1:5060"}});

  EXPECT_EQ(desk.definition.sets[0].destinations.size(), 2U);
  EXPECT_FALSE(desk.diagnostics.has_errors());
  EXPECT_EQ(desk.diagnostics.warning_count(), 1U);
}

TEST(Additions, OneThatIsWrongDoesNotSpoilTheOthers) {
  Desk desk;

  desk.add({{.set = 1, .uri = "sip:nowhere.invalid"},
            {.set = 1, .uri = "sip:192.0.2.9:99999"},
            {.set = 1, .uri = "sip:192.0.2.9"}});

  EXPECT_GE(desk.diagnostics.error_count(), 2U);
  EXPECT_NE(desk.diagnostics.lines().front().find("added by hand:"), std::string::npos);
  EXPECT_EQ(desk.definition.sets[0].destinations.size(), 3U);
}

TEST(Additions, CannotSmuggleColumnsOrLines) {
  for (const admin::Addition& addition :
       {admin::Addition{.set = 1, .uri = "sip:192.0.2.9\n1 sip:192.0.2.10"},
        admin::Addition{.set = 1, .uri = "sip:192.0.2.9 4"}, admin::Addition{.set = 1, .uri = ""},
        admin::Addition{.set = 1, .uri = "sip:192.0.2.9", .attributes = "a=b\n1 sip:192.0.2.10"},
        admin::Addition{.set = 1, .uri = "sip:192.0.2.9", .attributes = "a=b c"}}) {
    Desk desk;
    desk.add({addition});
    EXPECT_TRUE(desk.diagnostics.has_errors()) << addition.uri;
    EXPECT_EQ(desk.definition.sets[0].destinations.size(), 2U) << addition.uri;
  }
}

}  // namespace
}  // namespace steer

#include "admin/destination_name.h"

#include <gtest/gtest.h>

namespace steer::admin {
namespace {

ListAnswer two_sets() {
  ListAnswer list;
  list.sets = {{.id = 1, .algorithm = "", .destinations = {{.uri = "sip:a"}, {.uri = "sip:b"}}},
               {.id = 20, .algorithm = "", .destinations = {{.uri = "sip:a"}, {.uri = "sip:c"}}}};
  list.sets[0].destinations[1].unique_id = "gw2";
  return list;
}

TEST(DestinationName, AllWaysToNameOneLeadToTheFullName) {
  const ListAnswer list = two_sets();

  for (const char* name : {"1/sip:b", "sip:b", "gw2", "1/gw2"}) {
    EXPECT_EQ(full_name(list, name), "1/sip:b") << name;
  }
  EXPECT_EQ(full_name(list, "20/sip:a"), "20/sip:a");
  EXPECT_EQ(find_row(list, "sip:c").set, 20U);
}

TEST(DestinationName, WhatNamesNobodyOrTwoStaysAsItIs) {
  const ListAnswer list = two_sets();

  for (const char* name : {"sip:a", "sip:z", "2/sip:a", "", "1/", "x/sip:b", "99999999999/sip:a"}) {
    EXPECT_EQ(full_name(list, name), name);
    EXPECT_EQ(find_row(list, name).row, nullptr) << name;
  }
}

}  // namespace
}  // namespace steer::admin

#include "config/list_rule.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace steer::config {
namespace {

TEST(ListRule, IdsAreKebabCaseAndEachThereOnce) {
  std::set<std::string_view> ids;
  for (const ListRuleRow& row : list_rules()) {
    EXPECT_TRUE(ids.insert(row.id).second) << row.id;
    EXPECT_EQ(row.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"), std::string::npos)
        << row.id;
    EXPECT_FALSE(row.id.starts_with('-') || row.id.ends_with('-')) << row.id;
  }
}

TEST(ListRule, EveryRowExplainsItselfAndHasBothExamplesOrNone) {
  for (const ListRuleRow& row : list_rules()) {
    EXPECT_TRUE(row.meaning.ends_with('.')) << row.id;
    EXPECT_EQ(row.bad.empty(), row.good.empty()) << row.id;
    EXPECT_EQ(&row_of(row.rule), &row);
  }
}

// Whoever carries a list over can be told of it, and no more: the list is good here.
TEST(ListRule, WhatLintAloneSaysOfOtherProgramsIsANote) {
  for (const ListRuleRow& row : list_rules()) {
    const bool about_us = row.rule == ListRule::kEmptySet || row.rule == ListRule::kSocketNotLocal;
    if (!row.lint_only || about_us) continue;
    EXPECT_EQ(row.severity, Severity::kNote) << row.id;
  }
}

}  // namespace
}  // namespace steer::config

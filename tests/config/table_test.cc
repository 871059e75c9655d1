#include "config/table.h"

#include <array>

#include <gtest/gtest.h>

namespace steer::config {
namespace {

TEST(Table, NamesOfColumnsAreComparedWithoutCase) {
  Table table;
  table.columns = {{.name = "id"}, {.name = "SetId"}};

  EXPECT_EQ(table.find("setid"), 1U);
  EXPECT_EQ(table.find("set"), std::nullopt);
}

TEST(Table, WhatItKeepsOutlivesAMove) {
  Table table;
  table.columns = {{.name = "a"}};
  const std::array row{TableCell{table.keep("x"), 1, false}};
  table.add_row(row, 7);

  const Table moved = std::move(table);

  EXPECT_EQ(moved.row(0)[0].text, "x");
  EXPECT_EQ(moved.lines[0], 7U);
}

}  // namespace
}  // namespace steer::config

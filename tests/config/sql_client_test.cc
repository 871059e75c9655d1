#include "config/sql_client.h"

#include <gtest/gtest.h>

namespace steer::config {
namespace {

TEST(SqlClient, NamesAndTextsAreQuoted) {
  EXPECT_EQ(sql_name("dispatcher"), "\"dispatcher\"");
  EXPECT_EQ(sql_name("sip.dis\"patcher"), "\"sip\".\"dis\"\"patcher\"");
  EXPECT_EQ(sql_text("it's \\ so"), "'it''s \\ so'");
}

TEST(SqlClient, WhatALibrarySaysBecomesOneLine) {
  EXPECT_EQ(one_line("connection refused\n\tIs it running?\n"),
            "connection refused Is it running?");
}

TEST(SqlClient, EachEngineSaysWhetherItIsThere) {
  const std::string text = sql_clients_text();

  for (const char* const engine : {"SQLite ", "MariaDB Connector/C ", "PostgreSQL "}) {
    EXPECT_NE(text.find(engine), std::string::npos) << text;
  }
}

TEST(SqlClient, AFileIsNoDatabase) {
  EXPECT_FALSE(open_sql({.kind = SourceKind::kDbText, .path = "/tmp"}, {}));
}

}  // namespace
}  // namespace steer::config

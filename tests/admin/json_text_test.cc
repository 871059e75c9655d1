#include "admin/json_text.h"

#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace steer::admin {
namespace {

using Json = nlohmann::json;

TEST(JsonText, WritesObjectsAndArraysWithTheirCommas) {
  std::string out = "x";
  JsonText json{out};

  json.open_object().key("a").number(1).key("b").open_array().text("c").signed_number(-2);
  json.open_object().close_object().null().close_array().key("d").boolean(true);
  json.key("e").real(0.5).key("f").raw("[1]").close_object();

  EXPECT_EQ(out, R"(x{"a":1,"b":["c",-2,{},null],"d":true,"e":0.5,"f":[1]})");
}

TEST(JsonText, EveryOctetComesBackOrIsReplaced) {
  for (int octet = 0; octet < 256; ++octet) {
    const std::string text{'a', static_cast<char>(octet), 'b'};
    std::string out;

    JsonText{out}.text(text);

    const std::string back = Json::parse(out).get<std::string>();
    EXPECT_EQ(back, octet < 0x80 ? text
                                 : "a\xef\xbf\xbd"
                                   "b")
        << octet;
  }
}

TEST(JsonText, ForeignKeysAreEscaped) {
  std::string out;

  JsonText{out}.open_object().foreign_key("a\"b").number(1).foreign_key("c").null().close_object();

  EXPECT_EQ(Json::parse(out)["a\"b"], 1);
}

TEST(JsonText, WhatIsNoNumberIsNull) {
  std::string out;

  JsonText{out}
      .open_array()
      .real(std::numeric_limits<double>::infinity())
      .real_or_null(std::nullopt)
      .text_or_null(std::nullopt)
      .text_or_null("x")
      .real_or_null(1e300)
      .close_array();

  EXPECT_EQ(out, "[null,null,null,\"x\",1e+300]");
}

}  // namespace
}  // namespace steer::admin

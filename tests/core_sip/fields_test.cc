#include "core/sip/fields.h"

#include <string>

#include <gtest/gtest.h>

namespace steer::sip {
namespace {

bool read_address(std::string_view value, NameAddress& out) {
  return read_name_address(value, value.data() + value.size(), out);
}

TEST(NameAddress, EveryWayToWriteItIsRead) {
  struct Case {
    const char* value;
    const char* uri;
    const char* tag;
  };
  for (const Case& each : {
           Case{"<sip:a@b>", "sip:a@b", ""},
           Case{"sip:a@b", "sip:a@b", ""},
           Case{"sip:a@b;tag=1", "sip:a@b", "1"},
           Case{"sip:a@b ; x ; TAG\r\n = 1 ; y=\"z;tag=2\"", "sip:a@b", "1"},
           Case{"\"A, \\\"B\\\" <x>\"<sip:a@b;user=phone>;tag=1", "sip:a@b;user=phone", "1"},
           Case{"caller<sip:a@b>;tag=1", "sip:a@b", "1"},
           Case{"Two  Words\r\n <sip:a@b?x=y>", "sip:a@b?x=y", ""},
           Case{"\xd0\xb9 <sip:a@b>", "sip:a@b", ""},
           Case{"<isbn:2983792873>", "isbn:2983792873", ""},
           Case{"tel:+4930;tag=t", "tel:+4930", "t"},
           Case{"< sip:a@b >;tag=1", "sip:a@b", "1"},
           Case{"<sip:a@b>;tag=[1]:/?", "sip:a@b", "[1]:/?"},
       }) {
    NameAddress address;
    EXPECT_TRUE(read_address(each.value, address)) << each.value;
    EXPECT_EQ(address.uri, each.uri);
    EXPECT_EQ(address.tag, each.tag);
  }
}

TEST(NameAddress, WhatBreaksTheGrammarIsRefused) {
  NameAddress address;
  for (const char* value : {"",
                            "<>",
                            "<sip:>",
                            "<sip:a@b",
                            "sip:",
                            "Bell, Alexander <sip:a@b>",
                            "\"open <sip:a@b>",
                            "\"a\"",
                            "\"a\" sip:a@b",
                            "\"a\" b <sip:a@b>",
                            "a \"b\" <sip:a@b>",
                            "<sip:a b>",
                            "<<sip:a@b>>",
                            "<sip:a@b>>",
                            "<sip:a@b> x",
                            "<sip:a@b>;",
                            "<sip:a@b>;;x",
                            "<sip:a@b>;tag",
                            "<sip:a@b>;tag=",
                            "<sip:a@b>;tag=\"1\"",
                            "<sip:a@b>;tag=1;tag=1",
                            "<sip:a@b>,<sip:c@d>",
                            "sip:a@b,sip:c@d",
                            "sip:a@b?x=y",
                            "sip:a b@c",
                            "a@b",
                            "<a@b>",
                            "<1:x>",
                            "\"a\\\r\n \" <sip:a@b>",
                            "<sip:\"a\">"}) {
    EXPECT_FALSE(read_address(value, address)) << value;
  }
}

TEST(CallId, IsAnyPrintableRunOfOctets) {
  const auto check = [](std::string_view text) {
    return check_call_id(text, text.data() + text.size());
  };
  EXPECT_TRUE(check("a"));
  EXPECT_TRUE(check("intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{"));
  for (const char* text : {"", "a b", "a\tb", "a\r\n b", "\x7f", "\xc3\xa4"}) {
    EXPECT_FALSE(check(text)) << text;
  }
}

TEST(Cseq, IsANumberBlanksAndAMethod) {
  std::uint32_t number = 0;
  std::string_view method;
  EXPECT_TRUE(read_cseq("0009\r\n  INVITE", number, method));
  EXPECT_EQ(number, 9U);
  EXPECT_EQ(method, "INVITE");
  for (const char* value : {"", "1", "1 ", "INVITE", "1INVITE", "1 INV ITE", "-1 INVITE",
                            "1 INV(TE", "2147483648 X", "99999999999999999999999999999 X"}) {
    EXPECT_FALSE(read_cseq(value, number, method)) << value;
  }
}

TEST(Method, IsKnownByItsExactName) {
  for (int i = 0; i < static_cast<int>(Method::kOther); ++i) {
    const auto method = static_cast<Method>(i);
    EXPECT_EQ(method_of(name_of(method)), method);
  }
  EXPECT_EQ(method_of("invite"), Method::kOther);
  EXPECT_EQ(method_of("INVITES"), Method::kOther);
  EXPECT_EQ(name_of(Method::kOther), "OTHER");
}

}  // namespace
}  // namespace steer::sip

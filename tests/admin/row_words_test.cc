#include "admin/row_words.h"

#include <gtest/gtest.h>

namespace steer::admin {
namespace {

TEST(RowWords, AttributesAreJoinedAsInAList) {
  DestinationRow row;
  EXPECT_EQ(attributes_text(row), "");

  row.attributes = {{"weight", "50"}, {"flag", ""}, {"duid", "gw1"}};

  EXPECT_EQ(attributes_text(row), "weight=50;flag;duid=gw1");
  EXPECT_EQ(attribute(row, "duid"), "gw1");
  EXPECT_EQ(attribute(row, "none"), "");
  EXPECT_EQ(number_attribute(row, "weight"), 50U);
  EXPECT_EQ(number_attribute(row, "duid"), 0U);
}

TEST(RowWords, AddressesAreTakenApart) {
  DestinationRow row;
  row.address = "udp:192.0.2.1:5060";
  EXPECT_EQ(address_of(row).host, "192.0.2.1");
  EXPECT_EQ(address_of(row).port, 5'060);
  row.address = "tcp:[2001:db8::1]:5080";
  EXPECT_EQ(address_of(row).transport, "tcp");
  EXPECT_EQ(address_of(row).host, "2001:db8::1");
  EXPECT_EQ(address_of(row).port, 5'080);
  row.address = "nonsense";
  EXPECT_EQ(address_of(row).port, 0);
}

TEST(RowWords, HostAndTransportAreThoseThatTheUriNames) {
  EXPECT_EQ(uri_host("sip:media.example.net:5080;transport=udp"), "media.example.net");
  EXPECT_EQ(uri_transport("sip:media.example.net:5080;transport=udp"), "udp");
  EXPECT_EQ(uri_transport("sip:media.example.net"), "");
  EXPECT_EQ(uri_host("nonsense"), "");
}

TEST(RowWords, ProbedIsWhoAnswersProbesOrIsToldTo) {
  DestinationRow row;
  row.state = "active";
  row.configured = "active";
  row.health = "unknown";
  EXPECT_FALSE(is_probed(row));
  row.configured = "probing";
  EXPECT_TRUE(is_probed(row));
  row.configured = "active";
  row.probe_last_ms = 0.5;
  EXPECT_TRUE(is_probed(row));
  row.state = "disabled";
  EXPECT_FALSE(is_probed(row));
  row.state = "probing";
  row.probe_last_ms.reset();
  row.health = "down";
  EXPECT_TRUE(is_probed(row));
  row.configured = "inactive";
  EXPECT_FALSE(is_probed(row));
}

TEST(RowWords, AStateIsALetterTwoOrAWord) {
  for (const char* text : {"a", "A", "ap", "AX", "active", "Active"}) {
    EXPECT_TRUE(says_state(text, 'a', "active")) << text;
  }
  for (const char* text : {"", "i", "ab", "act", "activep", "apx"}) {
    EXPECT_FALSE(says_state(text, 'a', "active")) << text;
  }
}

TEST(RowWords, OnlyTheListUndoesWhatTheListSays) {
  DestinationRow row{.uri = "sip:a", .configured = "active"};
  EXPECT_EQ(why_list_keeps_out(1, row), "");
  row.configured = "disabled";
  EXPECT_NE(why_list_keeps_out(1, row).find("1/sip:a is disabled"), std::string::npos);
}

TEST(RowWords, UrisAreComparedWithoutTheirCase) {
  EXPECT_TRUE(same_but_for_case("SIP:Host", "sip:hOST"));
  EXPECT_FALSE(same_but_for_case("sip:host", "sip:host2"));
}

}  // namespace
}  // namespace steer::admin

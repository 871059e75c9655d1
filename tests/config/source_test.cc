#include "config/source.h"

#include <gtest/gtest.h>

namespace steer::config {
namespace {

SourceAddress parsed(std::string_view text) {
  const Result<SourceAddress> address = parse_source(text, "/etc/s/s.toml");
  EXPECT_TRUE(address) << text << ": " << (address ? "" : address.error().what);
  return address.value_or(SourceAddress{});
}

TEST(Source, APathIsAListBesideTheFile) {
  EXPECT_EQ(parsed("d.list").path, "/etc/s/d.list");
  EXPECT_EQ(parsed("/x/../d.list").path, "/d.list");
  EXPECT_EQ(parsed("d.list").kind, SourceKind::kList);
  EXPECT_EQ(parsed("d.sqlite").kind, SourceKind::kSqlite);
}

TEST(Source, FoldersAndFiles) {
  const SourceAddress text = parsed("text:///var/dbtext/opensips");
  EXPECT_EQ(text.kind, SourceKind::kDbText);
  EXPECT_EQ(text.path, "/var/dbtext/opensips");
  EXPECT_EQ(text.shown, "text:///var/dbtext/opensips");
  EXPECT_EQ(parsed("text://tables").path, "/etc/s/tables");
  EXPECT_EQ(parsed("sqlite:///var/d.db").path, "/var/d.db");
}

TEST(Source, ServersWithAndWithoutEachPart) {
  const SourceAddress all =
      parsed("mysql://op%40er:p%2Fw%25@db.example.net:3307/sip%20db?socket=/s");
  EXPECT_EQ(all.kind, SourceKind::kMysql);
  EXPECT_EQ(all.user, "op@er");
  EXPECT_EQ(all.password, "p/w%");
  EXPECT_EQ(all.host, "db.example.net");
  EXPECT_EQ(all.port, 3307);
  EXPECT_EQ(all.database, "sip db");
  EXPECT_EQ(all.path, "/s");
  EXPECT_EQ(all.shown, "mysql://op%40er:***@db.example.net:3307/sip%20db?socket=/s");
  const SourceAddress few = parsed("postgres://[2001:db8::1]/d");
  EXPECT_EQ(few.host, "2001:db8::1");
  EXPECT_EQ(few.port, 0);
  EXPECT_EQ(few.shown, "postgres://[2001:db8::1]/d");
}

TEST(Source, APasswordWithAnAtSignOrColonIsStillThePassword) {
  EXPECT_EQ(parsed("mysql://u:a@b:c@h/d").password, "a@b:c");
}

TEST(Source, APasswordIsCoveredWhereItStands) {
  const std::pair<const char*, const char*> cases[] = {
      {"mysql://u:p@x@h:3306/d?socket=/a@b", "mysql://u:***@h:3306/d?socket=/a@b"},
      {"postgres://u@h:5432/d", "postgres://u@h:5432/d"},
      {"--list=mysql://:x@h/d", "--list=mysql://:*@h/d"},
      {"udp:127.0.0.1:5060", "udp:127.0.0.1:5060"},
      {"text:///a:b@c", "text:///a:*@c"},
      {"", ""}};
  for (const auto& [given, covered] : cases) {
    std::string text = given;
    mask_password(text);
    EXPECT_EQ(text, covered);
  }
}

TEST(Source, NoMistakeTellsThePassword) {
  for (const char* const text :
       {"mysql://u:secret@h", "mysql://u:secret@h:0/d", "mysql://u:sec%ret@h/d",
        "mysql://u:secret@h:port/d", "mysql://u:secret@h/d?x=secret", "mysgl://u:secret@h/d",
        "mysql://u:***@h/d", "postgres://", "", "text://", "mysql://u:secret@h/d?socket=%zz"}) {
    const Result<SourceAddress> address = parse_source(text, "/etc/s/s.toml");
    ASSERT_FALSE(address) << text;
    EXPECT_EQ(address.error().text().find("secret"), std::string::npos) << address.error().text();
    EXPECT_FALSE(address.error().what.empty());
  }
}

}  // namespace
}  // namespace steer::config

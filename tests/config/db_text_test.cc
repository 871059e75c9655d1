#include "config/db_text.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "tests/config/db_text_fixture.h"
#include "tests/fuzz/db_text_entry.h"

namespace steer::config {
namespace {

using test::ReadTable;

// Every layout that the releases of both programs have shipped, and those of old blogs.
constexpr std::string_view kLayouts[] = {
    "id(int,auto) setid(int) destination(string) description(string)\n1:1:sip\\:10.0.0.1:old\n",
    "id(int,auto) setid(int) destination(string) flags(int) description(string)\n"
    "1:1:sip\\:10.0.0.1\\:5060:1:old row inactive\n",
    "id(int,auto) setid(int) destination(string) flags(int) weight(int) attrs(string) "
    "description(string)\n1:1:sip\\:10.0.0.1:2:50:a:b\n",
    "id(int,auto) setid(int) destination(string) socket(string,null) flags(int) weight(int) "
    "attrs(string) description(string)\n1:1:sip\\:10.0.0.1::0:1:a:b\n",
    "id(int,auto) setid(int) destination(string) socket(string,null) state(int) weight(int) "
    "attrs(string) description(string)\n1:1:sip\\:10.0.0.1::0:1:a:b\n",
    "id(int,auto) setid(int) destination(string) socket(string,null) state(int) weight(int) "
    "priority(int) attrs(string) description(string)\n"
    "1:1:sip\\:10.0.0.1\\:5060::0:1:1:carrier:load balancer for OB\n",
    "id(int,auto) setid(int) destination(string) socket(string,null) state(int) weight(string) "
    "priority(int) attrs(string) description(string)\n"
    "1:1:sip\\:10.0.0.1\\:5060:udp\\:192.0.2.1\\:5060:0:50:10:carrier:a\n",
    "id(int,auto) setid(int) destination(string) socket(string,null) state(int) probe_mode(int) "
    "weight(string) priority(int) attrs(string) description(string)\n"
    "1:1:sip\\:10.0.0.1\\:5060::0:1:fs\\://\\:ClueCon@10.0.0.1\\:8021:10:carrier:a\n",
    "id(int,auto) setid(int) destination(string) socket(string,null) state(int) probe_mode(int) "
    "weight(string) priority(int) attrs(string,null) description(string,null)\n"
    "1:1:sip\\:10.0.0.1::0:1:1:10::\n",
    "id(int,auto) setid(int) destination(string) flags(int) priority(int) attrs(string) "
    "description(string)\n1:1:sip\\:10.0.0.1:0:0:duid=a;weight=5:x\n",
    "id(int,auto) group_id(int) dst_uri(string) resources(string) description(string)\n"
    "1:1:sip\\:10.0.0.1:pstn=32;vm=10:gw1\n",
    "id(int,auto) group_id(int) dst_uri(string) resources(string) probe_mode(int) "
    "attrs(string,null) description(string)\n1:1:sip\\:10.0.0.1:pstn=32;vm=10:1::gw1\n",
    "table_name(str) table_version(int)\nsubscriber:3\nlocation:6\naliases:6\n",
    "username(str) domain(str,null) contact(str,null) received(str,null) expires(int,null) "
    "q(double,null) callid(str,null) cseq(int,null) last_modified(str) flags(int) user_agent(str) "
    "socket(str)\nalice::sip\\:a@10.0.0.2::3600:0.125:x@y:1:2008-01-01 00\\:00\\:00:0:ua:s\n",
    "username(str) contact(str) expires(int) q(double) callid(str) cseq(int)\n"
    "alice:sip\\:a@10.0.0.2:3600:-1.000000000001:x@y:1\n",
    "username(str) domain(str) password(str) first_name(str) last_name(str) phone(str) "
    "email_address(str) datetime_created(int) datetime_modified(int) confirmation(str) flag(str) "
    "sendnotification(str) greeting(str) ha1(str) ha1b(str) perms(str) allow_find(str) "
    "timezone(str,null) rpid(str,null)\n"
    "a:b:c:d:e:f:g:1:2:h:i:j:k:l:m:n:o::\n",
    "username(str) password(str) ha1(str) domain(str) ha1b(str)\na:b:c:d:e\n",
    "id(int,auto) alias_username(string) alias_domain(string) username(string) domain(string)\n"
    "1:a:b:c:d\n",
    "contact_id(long,auto) username(string) kv_store(string,null)\n9223372036854775807:a:\n",
};

TEST(DbText, EveryLayoutIsWrittenBackOctetForOctet) {
  for (const std::string_view text : kLayouts) {
    for (const DbTextMode mode : {DbTextMode::kStrict, DbTextMode::kTolerant}) {
      const ReadTable read{text, mode};
      ASSERT_TRUE(read.table) << text << read.all();
      EXPECT_EQ(read.all(), "") << text;
      EXPECT_EQ(write_db_text(*read.table), text);
    }
  }
}

TEST(DbText, EscapesAreUndoneAndDoneAgain) {
  const std::string_view text = "a(string) b(string)\n\\n\\r\\t:\\\\\\:\\0\n";
  const ReadTable read{text, DbTextMode::kStrict};

  ASSERT_TRUE(read.table) << read.all();
  EXPECT_EQ(read.table->row(0)[0].text, "\n\r\t");
  EXPECT_EQ(read.table->row(0)[1].text, std::string_view("\\:\0", 3));
  EXPECT_EQ(write_db_text(*read.table), text);
}

TEST(DbText, AnEmptyFieldIsNull) {
  EXPECT_EQ((ReadTable{"i(int,auto) a(string,null) b(string)\n::x\n"}.cells()), "--[x]\n");
}

TEST(DbText, AnEmptyFileIsATableWithoutColumnsAndAHeaderAloneHasNoRows) {
  EXPECT_TRUE((ReadTable{"", DbTextMode::kStrict}.table));
  const ReadTable read{"a(int)", DbTextMode::kStrict};
  ASSERT_TRUE(read.table);
  EXPECT_EQ(read.table->row_count(), 0U);
}

TEST(DbText, EmptyLinesAndOneMoreColonAtTheEndDoNoHarm) {
  const ReadTable read{"a(int) b(string)\n\n1:x:\n\n2:y", DbTextMode::kStrict};

  EXPECT_EQ(read.cells(), "[1][x]\n[2][y]\n") << read.all();
}

TEST(DbText, MissingTextsAreEmptyAndTheLastOneIsNull) {
  const ReadTable read{"a(int) b(string) c(string,null)\n1\n", DbTextMode::kStrict};

  EXPECT_EQ(read.cells(), "[1][]-\n") << read.all();
}

TEST(DbText, StrictlyEachMistakeRefusesTheTable) {
  const std::pair<const char*, const char*> cases[] = {
      {"1:x:\n2:\n", "d/t:3:3: error: column 'b' is empty, but not declared null"},
      {"x:x\n", "d/t:2:1: error: 'x' in column 'a' is not a number"},
      {"+1:x\n", "d/t:2:1: error: '+1' in column 'a' is not a number"},
      {" 1:x\n", "d/t:2:1: error: ' 1' in column 'a' is not a number"},
      {"1:x:y\n", "d/t:2:5: error: more fields than the 2 columns"},
      {"1:x::\n", "d/t:2:5: error: more fields"},
      {"1\n", "d/t:2:2: error: only 1 of 2 fields"},
      {"1:a\\xb\n", "d/t:2:4: error: a backslash stands before one of"},
      {"1:a\\", "d/t:2:4: error: a backslash stands before one of"},
      {"# comment\n", "d/t:2:1: error: '# comment' in column 'a' is not a number"},
      {"null:x\n", "d/t:2:1: error: 'null' in column 'a' is not a number"},
  };
  for (const auto& [rows, said] : cases) {
    const ReadTable read{"a(int) b(string)\n" + std::string{rows}, DbTextMode::kStrict};
    EXPECT_FALSE(read.table) << rows;
    EXPECT_EQ(read.all().find(said), 0U) << rows << "\n" << read.all();
  }
}

TEST(DbText, StrictlyEveryBadRowIsReported) {
  const ReadTable read{"a(int)\nx\n1\ny\n", DbTextMode::kStrict};

  EXPECT_EQ(read.diagnostics.error_count(), 2U) << read.all();
}

TEST(DbText, ABadRowCostsItselfAlone) {
  const ReadTable read{"a(int) b(string)\n1:x\ny:z\n# nobody\n3:w\n"};

  EXPECT_EQ(read.cells(), "[1][x]\n[3][w]\n");
  EXPECT_NE(read.all().find("d/t:3:1: warning: 'y' in column 'a' is not a number; the row is left "
                            "out"),
            std::string::npos)
      << read.all();
  EXPECT_NE(read.all().find("d/t:4:1: note: a comment"), std::string::npos);
}

TEST(DbText, CorrectsWhatPeopleWriteAndSaysSoEachTime) {
  const ReadTable read{
      "a(int) s(string,null) b(string)\n1:null:'carrier'\n2:<null>:\"\"\n 3 :NULL:x\n"};

  EXPECT_EQ(read.cells(), "[1]-[carrier]\n[2]-[]\n[3]-[x]\n") << read.all();
  EXPECT_EQ(read.diagnostics.note_count(), 6U) << read.all();
  EXPECT_NE(read.all().find("d/t:2:3: note: 'null' in column 's' is taken for NULL"),
            std::string::npos);
  EXPECT_NE(read.all().find("d/t:2:8: note: the quotes round 'carrier' are taken off"),
            std::string::npos);
}

TEST(DbText, StrictlyQuotesAndNullAreData) {
  const ReadTable read{"a(int) s(string,null) b(string)\n1:null:'carrier'\n", DbTextMode::kStrict};

  EXPECT_EQ(read.cells(), "[1][null]['carrier']\n");
}

TEST(DbText, ANumberBeyondThirtyTwoBitsIsKeptAndWarnedOf) {
  const ReadTable read{"a(int)\n4294967297\n2147483647\n-2147483648\n-2147483649\n",
                       DbTextMode::kStrict};

  EXPECT_EQ(read.cells(), "[4294967297]\n[2147483647]\n[-2147483648]\n[-2147483649]\n");
  EXPECT_EQ(read.diagnostics.warning_count(), 2U) << read.all();
}

TEST(DbText, AFieldLongerThanThePeersReadIsRefusedStrictly) {
  const std::string at_limit = "a(string)\n" + std::string(kDbTextFieldSizeMax, 'x') + "\n";
  const std::string beyond = "a(string)\n" + std::string(kDbTextFieldSizeMax + 1, 'x') + "\n";

  EXPECT_TRUE((ReadTable{at_limit, DbTextMode::kStrict}.table));
  EXPECT_FALSE((ReadTable{beyond, DbTextMode::kStrict}.table));
  EXPECT_EQ((ReadTable{beyond}.diagnostics.warning_count()), 1U);
}

TEST(DbText, EveryPrefixIsReadWithinItsBoundsAndComesBack) {
  for (const std::string_view text : kLayouts) {
    for (std::size_t size = 0; size <= text.size(); ++size) {
      fuzz::check_db_text(std::string{"\0", 1} + std::string{text.substr(0, size)});
      fuzz::check_db_text(std::string{"\1"} + std::string{text.substr(0, size)});
    }
  }
}

}  // namespace
}  // namespace steer::config

#include "config/convert.h"

#include <gtest/gtest.h>

#include "config/db_text.h"
#include "tests/config/db_text_fixture.h"

namespace steer::config {
namespace {

// What a list or a table becomes.
struct Converted {
  SourceContent content;
  SourceAddress address;
  TableSettings table;
  Diagnostics diagnostics;
  std::optional<SourceContent> result;

  Converted(std::string_view text, bool is_list, Dialect dialect, bool to_table,
            std::optional<Dialect> to_dialect) {
    address.path = "d.list";
    if (is_list) {
      content.text = text;
    } else {
      content.table = *std::move(test::ReadTable{text}.table);
    }
    result = convert({.content = content,
                      .source = {address, table},
                      .dialect = dialect,
                      .to_table = to_table,
                      .to_dialect = to_dialect},
                     diagnostics);
  }
  std::string text() const {
    if (!result) return "(nothing)\n" + all();
    return result->table ? write_db_text(*result->table) : result->text;
  }
  std::string all() const { return test::joined(diagnostics); }
};

constexpr std::string_view kOpensipsTable =
    "id(int,auto) setid(int) destination(string) socket(string,null) state(int) probe_mode(int) "
    "weight(string) priority(int) attrs(string,null) description(string,null)\n";
constexpr std::string_view kKamailioTable =
    "id(int,auto) setid(int) destination(string) flags(int) priority(int) attrs(string,null) "
    "description(string,null)\n";

TEST(Convert, ATableOfTheSameDialectStaysAsItIs) {
  const std::string text =
      "id(int,auto) setid(int) destination(str) state(int) mine(string)\n9:1:sip\\:a:0:x\n";

  EXPECT_EQ((Converted{text, false, Dialect::kKamailio, true, std::nullopt}.text()), text);
  EXPECT_EQ((Converted{text, false, Dialect::kKamailio, true, Dialect::kOpensips}.text()), text);
}

TEST(Convert, ATableOfSomethingElseStaysAsItIs) {
  const std::string text = "username(str) password(str) ha1(str)\na:b:c\n";

  EXPECT_EQ((Converted{text, false, Dialect::kKamailio, true, std::nullopt}.text()), text);
  EXPECT_FALSE((Converted{text, false, Dialect::kKamailio, false, std::nullopt}.result));
}

TEST(Convert, KamailiosListAsItsTableAndBack) {
  const std::string list =
      "1 sip:192.0.2.1:5060\n1 sip:192.0.2.2:5060 8 5 duid=a;weight=30\n2 sip:192.0.2.3:5060 2 0\n";
  const Converted table{list, true, Dialect::kKamailio, true, std::nullopt};
  EXPECT_EQ(table.text(), std::string{kKamailioTable} +
                              "1:1:sip\\:192.0.2.1\\:5060:0:0::\n"
                              "2:1:sip\\:192.0.2.2\\:5060:8:5:duid=a;weight=30:\n"
                              "3:2:sip\\:192.0.2.3\\:5060:2:0::\n");

  const Converted back{table.text(), false, Dialect::kKamailio, false, std::nullopt};
  EXPECT_EQ(back.text(), list) << back.all();
}

TEST(Convert, KamailiosListAsOpensipsTable) {
  const Converted table{
      "1 sip:192.0.2.1:5060 9 5 duid=a;weight=30;socket=udp:203.0.113.9:5060\n"
      "1 sip:192.0.2.2:5060 4\n1 sip:192.0.2.3:5060 32\n",
      true, Dialect::kKamailio, true, Dialect::kOpensips};

  EXPECT_EQ(table.text(),
            std::string{kOpensipsTable} +
                "1:1:sip\\:192.0.2.1\\:5060:udp\\:203.0.113.9\\:5060:2:0:30:5:duid=a:\n"
                "2:1:sip\\:192.0.2.2\\:5060::1:0:1:0::\n"
                "3:1:sip\\:192.0.2.3\\:5060::0:0:1:0::\n");
  EXPECT_EQ(table.diagnostics.warning_count(), 2U) << table.all();
  EXPECT_NE(table.all().find("d.list:2:22: warning: OpenSIPS has no state disabled"),
            std::string::npos);
}

TEST(Convert, OpensipsTableAsKamailiosList) {
  const Converted list{std::string{kOpensipsTable} +
                           "1:1:sip\\:192.0.2.1:udp\\:203.0.113.9\\:5060:0:1:50:7:site=a:\n"
                           "2:1:sip\\:192.0.2.2::2:0:1:0:free text:gateway\n"
                           "3:1:sip\\:192.0.2.3::1:0:0:0::\n",
                       false, Dialect::kKamailio, false, Dialect::kKamailio};

  EXPECT_EQ(list.text(),
            "1 sip:192.0.2.1 8 7 site=a;weight=50;socket=udp:203.0.113.9:5060\n"
            "1 sip:192.0.2.2 9 0\n1 sip:192.0.2.3 1 0 weight=0\n")
      << list.all();
  for (const char* const lost :
       {"'gateway' is dropped", "'free text' hold blanks", "weight 0: Kamailio knows 1 to 100"}) {
    EXPECT_NE(list.all().find(lost), std::string::npos) << lost << "\n" << list.all();
  }
}

TEST(Convert, OpensipsListAsItsTableAndBack) {
  const std::string list = "1 sip:192.0.2.1:5060 0 50 trunk\n1 sip:192.0.2.2:5060 2 1\n";
  const Converted table{list, true, Dialect::kOpensips, true, std::nullopt};
  EXPECT_EQ(table.text(), std::string{kOpensipsTable} +
                              "1:1:sip\\:192.0.2.1\\:5060::0:0:50:0:trunk:\n"
                              "2:1:sip\\:192.0.2.2\\:5060::2:0:1:0::\n");

  const Converted back{table.text(), false, Dialect::kKamailio, false, std::nullopt};
  EXPECT_EQ(back.text(), list) << back.all();
}

TEST(Convert, RowsAreSortedByIdAndEmptyTextsAllowed) {
  Table table = *std::move(test::ReadTable{"id(int) a(string)\n10:x\n9:\"\"\n"}.table);

  sort_by_id(table);
  allow_empty(table);

  EXPECT_EQ(write_db_text(table), "id(int) a(string,null)\n9:\n10:x\n");
}

}  // namespace
}  // namespace steer::config

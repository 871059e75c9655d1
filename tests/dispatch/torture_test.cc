#include <cstdio>
#include <map>
#include <optional>
#include <regex>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/proxy/return_path.h"
#include "core/sip/parse.h"
#include "tests/dispatch/byte_compare.h"
#include "tests/dispatch/message_text.h"
#include "tests/dispatch/world.h"
#include "tests/support/shared_folder.h"

// Every message of RFC 4475 and RFC 5118 through the engine, judged by the shared outcome table.

namespace steer::dispatch {
namespace {

using test::World;

using Row = std::map<std::string, std::string>;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  for (std::size_t end = 0; end != std::string::npos; at = end + 1) {
    end = text.find(separator, at);
    parts.push_back(text.substr(at, end - at));
  }
  return parts;
}

bool has_word(const std::string& list, const std::string& word) {
  for (const std::string& one : split(list, ',')) {
    if (one == word) return true;
  }
  return false;
}

// The outcome table, each row with the message under "bytes"; empty if the folder is missing.
std::vector<Row> rows() {
  std::vector<Row> result;
  const auto folder = test::shared_folder();
  const auto table = folder ? test::read_file(*folder + "/torture/expect.tsv") : std::nullopt;
  if (!table) return result;
  const std::vector<std::string> lines = split(*table, '\n');
  const std::vector<std::string> names = split(lines[0], '\t');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    if (lines[i].empty()) continue;
    const std::vector<std::string> cells = split(lines[i], '\t');
    Row row;
    for (std::size_t n = 0; n < names.size() && n < cells.size(); ++n) {
      row[names[n]] = cells[n];
    }
    row["bytes"] = test::read_file(*folder + "/torture/" + row["name"] + ".sip").value_or("");
    result.push_back(row);
  }
  return result;
}

struct Tally {
  int pass = 0;
  int ok = 0;
  std::vector<std::string> deviates;

  void judge(const Row& row, const std::string& outcome, const std::string& must,
             const std::string& may) {
    if (has_word(must, outcome)) {
      ++pass;
    } else if (has_word(may, outcome)) {
      ++ok;
    } else {
      deviates.push_back(row.at("name") + ": " + outcome + " instead of " + may);
    }
  }
  void print(const char* what) const {
    std::printf("[ figures  ] %s: %d PASS, %d OK, %zu DEVIATES\n", what, pass, ok, deviates.size());
  }
};

bool is_destination(const World& world, const Address& address) {
  return world.snapshot().addresses.at(address) != nullptr;
}

// What became of one request. Anything sent elsewhere than to a destination or the source fails.
std::string outcome_of(const World& world, const Row& row, const std::optional<test::Sent>& sent) {
  if (!sent) return "drop";
  const std::string status = test::status_of(sent->text);
  if (!status.empty()) {
    EXPECT_TRUE(same_ip(sent->target, test::client_address())) << row.at("name");
    EXPECT_EQ(sent->text.find("\r\n\r\n") + 4, sent->text.size());
    sip::Message reply;
    EXPECT_EQ(sip::parse(sent->text, reply), sip::ParseError::kNone) << sent->text;
    return status;
  }
  EXPECT_TRUE(is_destination(world, sent->target)) << row.at("name");
  if (!row.at("fwd_re").empty()) {
    const std::string head = sent->text.substr(0, sent->text.find("\r\n\r\n") + 2);
    return std::regex_search(head, std::regex{row.at("fwd_re")}) ? "forward-fixed" : "CHANGED";
  }
  const std::string difference =
      test::request_difference(row.at("bytes"), sent->text, test::AllowedChanges{});
  EXPECT_EQ(difference, "") << row.at("name");
  return difference.empty() ? "forward" : "CHANGED";
}

TEST(Torture, EveryMessageDoesOverUdpWhatTheTableSays) {
  const std::vector<Row> table = rows();
  if (table.empty()) GTEST_SKIP() << "no torture folder; set STEER_SHARED to run this test";
  Tally tally;
  for (const Row& row : table) {
    ASSERT_NE(row.at("bytes"), "") << row.at("name");
    World world;

    const auto sent = world.send(row.at("bytes"));

    tally.judge(row, outcome_of(world, row, sent), row.at("must"), row.at("may"));
  }
  tally.print("64 messages as they are");
  EXPECT_EQ(table.size(), 64U);
  EXPECT_THAT(tally.deviates, testing::IsEmpty());
}

// The response as an answer to something we forwarded: our Via, taken from a request made of its
// lower Via, Call-ID, From and CSeq, above that Via. Null: no request can be made of it.
std::optional<std::string> adapted(World& world, const std::string& response, Address& hop) {
  std::vector<std::string> lines = test::lines_of(response);
  std::vector<std::string> vias;
  std::erase_if(lines, [&](const std::string& line) {
    if (line.starts_with("Via:")) vias.push_back(line);
    return line.starts_with("Via:");
  });
  if (vias.size() > 1) vias.erase(vias.begin());  // The place of our own.
  test::RequestText request;
  request.vias = vias;
  request.from = test::line_with(response, "From:");
  request.call_id = test::line_with(response, "Call-ID:");
  const std::string cseq = test::line_with(response, "CSeq:");
  request.method = cseq.substr(cseq.rfind(' ') + 1);
  const std::string text = test::replaced(request.text(), "CSeq: 1 " + request.method, cseq);
  // From where its lower Via says, so that our mark fits; else from an ordinary client.
  sip::Message parsed;
  Address source = test::client_address();
  if (sip::parse(text, parsed) == sip::ParseError::kNone) {
    Address target;
    if (proxy::response_target(parsed.via, target) && !is_unroutable(target)) source = target;
  }
  const auto sent = world.send(text, source);
  if (!sent || !test::status_of(sent->text).empty()) return std::nullopt;
  hop = sent->target;
  std::string result = lines[0] + "\r\n" + test::line_with(sent->text, "Via:") + "\r\n";
  for (const std::string& via : vias) {
    result += via + "\r\n";
  }
  for (std::size_t i = 1; i < lines.size(); ++i) {
    result += lines[i] + "\r\n";
  }
  return result + response.substr(response.find("\r\n\r\n") + 2);
}

TEST(Torture, ResponsesWithOurOwnViaDoWhatTheTableSays) {
  const std::vector<Row> table = rows();
  if (table.empty()) GTEST_SKIP() << "no torture folder; set STEER_SHARED to run this test";
  Tally tally;
  for (const Row& row : table) {
    if (row.at("kind") != "resp") continue;
    World world;
    Address hop = test::destination_address(1);
    const auto response = adapted(world, row.at("bytes"), hop);
    const std::string text = response.value_or(row.at("bytes"));

    const auto sent = world.send(text, hop);

    if (sent) {
      EXPECT_FALSE(is_unroutable(sent->target)) << row.at("name");
      EXPECT_EQ(test::response_difference(text, sent->text), "") << row.at("name");
    }
    const std::string first = split(row.at("adapted"), ',')[0];
    tally.judge(row, sent ? "forward" : "drop", first, row.at("adapted"));
  }
  tally.print("5 responses with our Via on top");
  EXPECT_EQ(tally.pass + tally.ok, 5);
  EXPECT_THAT(tally.deviates, testing::IsEmpty());
}

}  // namespace
}  // namespace steer::dispatch

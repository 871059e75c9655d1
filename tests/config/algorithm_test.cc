#include "config/algorithm.h"

#include <gtest/gtest.h>

namespace steer::config {
namespace {

using dispatch::AlgorithmKind;

TEST(Algorithm, NamesAndNumbersMeanTheSame) {
  const struct {
    const char* name;
    int number;
    AlgorithmKind kind;
  } rows[] = {{"call-id", 0, AlgorithmKind::kCallId},
              {"from-uri", 1, AlgorithmKind::kFromUri},
              {"to-uri", 2, AlgorithmKind::kToUri},
              {"request-uri", 3, AlgorithmKind::kRequestUri},
              {"round-robin", 4, AlgorithmKind::kRoundRobin},
              {"auth-username", 5, AlgorithmKind::kAuthUsername},
              {"random", 6, AlgorithmKind::kRandom},
              {"pv", 7, AlgorithmKind::kPseudoVariables}};
  for (const auto& row : rows) {
    EXPECT_EQ(algorithm_by_name(row.name).value().kind, row.kind) << row.name;
    EXPECT_TRUE(algorithm_by_name(row.name).value().warning.empty());
    for (const Dialect dialect : {Dialect::kKamailio, Dialect::kOpensips}) {
      EXPECT_EQ(algorithm_by_number(row.number, dialect).value().kind, row.kind) << row.name;
    }
    EXPECT_EQ(number_text(row.kind), std::to_string(row.number));
  }
  EXPECT_EQ(algorithm_by_name("first").value().kind, AlgorithmKind::kFirst);
  EXPECT_EQ(algorithm_by_name("priority").value().kind, AlgorithmKind::kPriority);
}

TEST(Algorithm, NumbersAboveSevenMeanWhatTheDialectSays) {
  EXPECT_EQ(algorithm_by_number(8, Dialect::kKamailio)->kind, AlgorithmKind::kPriority);
  EXPECT_EQ(algorithm_by_number(8, Dialect::kOpensips)->kind, AlgorithmKind::kPriority);
  EXPECT_EQ(algorithm_by_number(9, Dialect::kKamailio)->kind, AlgorithmKind::kRandom);
  EXPECT_EQ(algorithm_by_number(11, Dialect::kKamailio)->kind, AlgorithmKind::kRandom);
  EXPECT_NE(algorithm_by_number(15, Dialect::kKamailio).error().what.find("priority-weight"),
            std::string::npos);
  EXPECT_NE(algorithm_by_number(9, Dialect::kOpensips).error().what.find("load-value"),
            std::string::npos);
  EXPECT_FALSE(algorithm_by_number(64, Dialect::kKamailio).has_value());
}

TEST(Algorithm, AnUndefinedNumberIsTheFirstEntryWithAWarning) {
  for (const std::int64_t number : {-1, 11, 16, 63, 99}) {
    const auto choice = algorithm_by_number(number, Dialect::kOpensips);
    ASSERT_TRUE(choice.has_value()) << number;
    EXPECT_EQ(choice->kind, AlgorithmKind::kFirst);
    EXPECT_NE(choice->warning.find("first entry"), std::string::npos);
  }
  EXPECT_FALSE(algorithm_by_name("other").value().warning.empty());
}

TEST(Algorithm, AMisspeltNameGetsASuggestion) {
  EXPECT_NE(algorithm_by_name("callid").error().what.find("did you mean 'call-id'"),
            std::string::npos);
}

}  // namespace
}  // namespace steer::config

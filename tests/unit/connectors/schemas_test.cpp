#include "daemon/connectors/schemas.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/connectors/codec.h"
#include "daemon/connectors/fault_matrix.h"

namespace florin::connectors::schemas_test {
namespace {

TEST(Schemas, EveryConnectorAndTheCatalogueAreThere) {
  const auto all = schemas();
  EXPECT_EQ(all.size(), codecs().size() + 1);
  EXPECT_TRUE(
      std::is_sorted(all.begin(), all.end(),
                     [](const SchemaEntry& a, const SchemaEntry& b) { return a.name < b.name; }));
  for (const SchemaEntry& entry : all) {
    const auto document = find_schema(entry.name);
    ASSERT_TRUE(document.has_value()) << entry.name;
    EXPECT_EQ(document->at("name").as_string(), entry.name);
    EXPECT_TRUE(json::parse(json::write(*document), {.bytes = 1UL << 20U}).ok()) << entry.name;
  }
  EXPECT_FALSE(find_schema("connector.nobody").has_value());
  EXPECT_FALSE(find_schema("").has_value());
}

TEST(Schemas, NoFaultAllowsWhatTheEvidenceDoesNot) {
  for (const Codec* codec : codecs()) {
    const auto matrix = fault_matrix(codec->sheet());
    EXPECT_EQ(matrix.size(), codec->sheet().operations.size() * faults().size());
    for (const FaultRow& row : matrix) {
      const bool unknown = row.fault.outcome == domain::OutcomeClass::unknown;
      EXPECT_EQ(row.resolution.empty(), !unknown);
      // Never another provider while an outcome is open, and never after a decline as a fault.
      EXPECT_FALSE(row.other_connector && unknown) << row.fault.name;
    }
  }
}

TEST(Schemas, EveryDeclineSaysWhatToDo) {
  for (const DeclineEntry& entry : decline_catalogue()) {
    EXPECT_FALSE(entry.meaning.empty());
    EXPECT_FALSE(decline_advice_name(entry.advice).empty());
    EXPECT_GE(entry.retry_after_s, 0);
    const bool fraud = entry.category == domain::DeclineCategory::fraud;
    EXPECT_EQ(fraud, fraud && entry.advice == DeclineAdvice::never_again) << entry.code;
  }
  EXPECT_EQ(find_decline("no such code").code, "declined");
}

}  // namespace
}  // namespace florin::connectors::schemas_test

// Every encoded request of the stripe codec equals its golden file, and every amount is written in
// the unit that Stripe reads.
#include <gtest/gtest.h>

#include <algorithm>

#include "daemon/connectors/stripe/amounts.h"
#include "unit/connectors/golden.h"
#include "unit/connectors/stripe_fixture.h"

namespace florin::connectors::stripe_requests_test {
namespace {

using domain::OperationKind;

class StripeRequests : public StripeFixture {};

TEST_F(StripeRequests, operations_match_their_golden_files) {
  for (const OperationKind kind : kAllKinds) {
    expect_golden("stripe/" + std::string(domain::operation_kind_name(kind)),
                  codec_->encode(request(kind), access_));
    expect_golden("stripe/inquiry_" + std::string(domain::operation_kind_name(kind)),
                  codec_->encode_inquiry(request(kind), access_));
  }
  expect_golden("stripe/check", codec_->encode_check(access_));
}

TEST_F(StripeRequests, a_reference_of_theirs_or_a_token_cannot_change_the_request) {
  OperationRequest capture = request(OperationKind::capture);
  capture.psp_reference = "../x?y=1";
  EXPECT_EQ(codec_->encode(capture, access_).target,
            "/v1/payment_intents/%2E%2E%2Fx%3Fy%3D1/capture");
  OperationRequest sale = request(OperationKind::sale);
  sale.payment_token = "pm_1&amount=1&confirm=false";
  EXPECT_NE(codec_->encode(sale, access_).body.find("pm_1%26amount%3D1%26confirm%3Dfalse"),
            std::string::npos);
}

TEST_F(StripeRequests, amounts_follow_the_table_of_the_units) {
  std::ifstream file(std::string(FLORIN_TEST_DATA) + "/connectors/psp_minor_units.csv");
  int rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("stripe,")) continue;
    std::vector<std::string> cells;
    std::istringstream text(line);
    for (std::string cell; std::getline(text, cell, ',');) cells.push_back(cell);
    ASSERT_GE(cells.size(), 5U) << line;
    const auto currency = Currency::parse(cells[1]);
    ASSERT_TRUE(currency.ok()) << line;
    ++rows;
    EXPECT_EQ(std::to_string(currency->exponent()), cells[3]) << line;
    const bool uncertain = line.find("confirm") != std::string::npos;
    EXPECT_EQ(stripe_dialect::is_supported(*currency), !uncertain) << line;
    // One unit of the currency, e.g. one crown or one dinar, is 10^exponent of theirs.
    std::int64_t one = 1;
    for (int i = 0; i < currency->exponent(); ++i) one *= 10;
    const auto theirs = stripe_dialect::to_theirs(*Money::make(one, *currency));
    if (uncertain) {
      EXPECT_FALSE(theirs.has_value()) << line;
      continue;
    }
    std::int64_t expected = 1;
    for (int i = 0; i < std::stoi(cells[2]); ++i) expected *= 10;
    EXPECT_EQ(theirs, expected) << line;
    const auto back = stripe_dialect::to_ours(expected, stripe_dialect::currency_code(*currency));
    ASSERT_TRUE(back.has_value()) << line;
    EXPECT_EQ(back->minor(), one) << line;
  }
  EXPECT_GT(rows, 20);
}

TEST_F(StripeRequests, what_they_cannot_express_is_never_sent) {
  const struct {
    const char* currency;
    std::int64_t minor;
    const char* objection;
  } rows[] = {{"EUR", 1, ""},
              {"JPY", 500, ""},
              {"KWD", 1'500, ""},
              {"KWD", 1'505, "amount_not_supported"},
              {"MGA", 500, ""},
              {"MGA", 550, "amount_not_supported"},
              {"ISK", 77, ""},
              {"ISK", kMaxAmountMinor, "amount_not_supported"},
              {"UGX", 100, "currency_not_supported"},
              {"IQD", 1'000, "currency_not_supported"},
              {"UYW", 10'000, "currency_not_supported"}};
  for (const auto& row : rows) {
    OperationRequest operation = request(OperationKind::sale);
    operation.amount = *Money::make(row.minor, *Currency::parse(row.currency));
    EXPECT_EQ(codec_->objection(operation), row.objection) << row.currency << row.minor;
  }
}

TEST_F(StripeRequests, a_part_is_captured_as_the_final_one_only) {
  OperationRequest part = request(OperationKind::capture);
  part.amount = *Money::make(100, *Currency::parse("EUR"));
  EXPECT_EQ(codec_->objection(part), "final_capture_required");
  part.final_capture = true;
  EXPECT_EQ(codec_->objection(part), "");
  EXPECT_EQ(codec_->objection(request(OperationKind::capture)), "");
}

}  // namespace
}  // namespace florin::connectors::stripe_requests_test

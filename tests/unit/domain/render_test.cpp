#include "daemon/domain/render.h"

#include "unit/domain/world.h"

namespace florin::domain::render_test {
namespace {

std::string text_of_length(std::size_t bytes, std::string_view unit) {
  std::string out;
  while (out.size() + unit.size() <= bytes) out += unit;
  return out;
}

TEST(Render, AmountsAreWholeMinorUnits) {
  EXPECT_EQ(json::write(render(*Money::make(1'299, *Currency::parse("JPY")))),
            R"({"value":1299,"currency":"JPY","exponent":0})");
  EXPECT_EQ(json::write(render(*Money::make(1, *Currency::parse("KWD")))),
            R"({"value":1,"currency":"KWD","exponent":3})");
}

TEST(Render, ShowsWhatWasAskedForAndWhatBecameOfIt) {
  World world(10'000, CaptureMethod::automatic);
  world.succeed();
  const auto refund = world.refund(eur(100));
  ASSERT_TRUE(refund.ok());
  world.settle(*refund, OutcomeClass::declined);
  const json::object out = render(world.payment(), 9, "test", {world.captures().begin()->second},
                                  {world.refunds().begin()->second});
  EXPECT_EQ(out.at("object"), "payment");
  EXPECT_EQ(out.at("mode"), "test");
  EXPECT_EQ(out.at("status"), "succeeded");
  EXPECT_EQ(out.at("version"), 9);
  EXPECT_EQ(out.at("amount_captured").at("value"), 10'000);
  EXPECT_EQ(out.at("captures").as_array().size(), 1U);
  const json::value& shown = out.at("refunds").at(0);
  EXPECT_EQ(shown.at("status"), "failed");
  EXPECT_EQ(shown.at("reason"), "return");
  EXPECT_EQ(shown.at("decline").at("code"), "insufficient_funds");
  // Nothing of the appliance or of the payer's means is shown.
  const std::string text = json::write(out);
  EXPECT_EQ(text.find("tok_1"), std::string::npos);
  EXPECT_EQ(text.find("psp_"), std::string::npos);
  EXPECT_EQ(text.find(world.attempt().id.text()), std::string::npos);
}

TEST(Render, ADisputeShowsWhereTheMoneyIs) {
  World world(10'000, CaptureMethod::automatic);
  const OperationId sale = world.payment().live->id;
  world.succeed();
  using enum DisputeStatus;
  world.tell(sale, dispute_of(3'000, DisputeStage::chargeback, needs_response, 1));
  json::object out = render(world.disputes().begin()->second, 1, "live");
  EXPECT_EQ(out.at("object"), "dispute");
  EXPECT_EQ(std::string_view(out.at("payment").as_string()), world.payment().id.text());
  EXPECT_EQ(out.at("stage"), "chargeback");
  EXPECT_EQ(out.at("status"), "needs_response");
  EXPECT_EQ(out.at("amount_withheld").at("value"), 3'000);
  EXPECT_EQ(out.at("amount_charged_back").at("value"), 0);
  EXPECT_EQ(out.at("reason"), "fraudulent");
  EXPECT_TRUE(out.contains("respond_by"));
  EXPECT_EQ(json::write(out).find("du_1"), std::string::npos);
  world.tell(sale, dispute_of(3'000, DisputeStage::chargeback, lost, 2));
  out = render(world.disputes().begin()->second, 2, "live");
  EXPECT_EQ(out.at("amount_withheld").at("value"), 0);
  EXPECT_EQ(out.at("amount_charged_back").at("value"), 3'000);
  EXPECT_FALSE(out.contains("respond_by"));
}

// The ledger takes answers of 20 KiB and entries of 64 KiB: an outcome that did not fit could not
// be booked, and money would have moved without a trace. Three renderings, the most that one entry
// of such a payment carries, and the objects must fit.
TEST(Render, TheLargestPaymentFitsIntoAnEntry) {
  constexpr std::size_t kAnswer = std::size_t{16} * 1024;
  std::size_t largest = 0;
  // Escaped, these take 1, 2, 6/2 and 12/4 bytes per byte.
  for (const std::string_view unit : {"a", "\"", "\xC3\xA9", "\xF0\x9F\x98\x80"}) {
    Payment payment{.id = {test_uuid(1)},
                    .terms = {.merchant = {test_uuid(2)},
                              .amount = eur(kMaxAmountMinor),
                              .capture_method = CaptureMethod::automatic,
                              .merchant_reference = text_of_length(64, unit),
                              .description = text_of_length(256, unit),
                              .metadata = R"({"k":")" + std::string(2'040, 'm') + "\"}",
                              .created_at = 1'790'000'000'000'000'000}};
    payment.authorized = payment.captured = payment.released = payment.refunded = kMaxAmountMinor;
    payment.reversed = payment.returned = payment.disputed = kMaxAmountMinor;
    payment.charged_back = kMaxAmountMinor;
    payment.updated_at = payment.terms.created_at;
    payment.last_decline =
        Decline{DeclineCategory::authentication, std::string(32, 'c'), std::string(32, '"')};
    const Capture capture{.id = {test_uuid(3)},
                          .payment = payment.id,
                          .amount = eur(kMaxAmountMinor),
                          .created_at = payment.updated_at,
                          .status = CaptureStatus::succeeded};
    const Refund refund{.id = {test_uuid(3)},
                        .payment = payment.id,
                        .amount = eur(kMaxAmountMinor),
                        .reason = text_of_length(64, unit),
                        .created_at = payment.updated_at,
                        .status = RefundStatus::succeeded,
                        .decline = payment.last_decline};
    const std::string text =
        json::write(render(payment, UINT32_MAX, "test", std::vector<Capture>(kMaxCaptures, capture),
                           std::vector<Refund>(kMaxRefunds, refund)));
    largest = std::max(largest, text.size());
  }
  EXPECT_LE(largest, kAnswer);
  EXPECT_LE(3 * largest + 4'096, std::size_t{64} * 1024);
}

}  // namespace
}  // namespace florin::domain::render_test

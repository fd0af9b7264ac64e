// What every answer of the sandbox proves, and that nothing else proves anything.
#include <gtest/gtest.h>

#include <random>

#include "unit/connectors/sandbox_fixture.h"

namespace florin::connectors::sandbox_answers_test {
namespace {

using domain::DeclineCategory;
using domain::OperationKind;
using domain::OutcomeClass;
using Finding = Inquiry::Finding;

http::Response answer(int status, std::string body) {
  http::Response out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

class SandboxAnswers : public SandboxFixture {
 protected:
  OutcomeClass class_of(OperationKind kind, int status, const std::string& body) const {
    return codec_->decode(request(kind), answer(status, body)).outcome;
  }
  static std::string declined(const std::string& code, const std::string& network = "51") {
    return replaced(replaced(success_body(OperationKind::authorize), "authorized", "declined"),
                    R"("amount_refunded":0)",
                    R"("amount_refunded":0,"decline":{"code":")" + code + R"(","network_code":")" +
                        network + R"("})");
  }
  static std::string record(OperationKind kind, int status, const std::string& inner) {
    return R"({"key":")" + request(kind).psp_key + R"(","state":"answered","kind":"charge",)" +
           R"("reference":"op_01ARZ3NDEKTSV4RRFFQ69G5FAV","answer_status":)" +
           std::to_string(status) + R"(,"answer":)" + inner + "}";
  }
};

TEST_F(SandboxAnswers, success_is_a_fact) {
  for (const OperationKind kind : kAllKinds) {
    const auto outcome = codec_->decode(request(kind), answer(201, success_body(kind)));
    EXPECT_EQ(outcome.outcome, OutcomeClass::succeeded) << outcome.evidence;
    EXPECT_EQ(outcome.reference, request(kind).reference);
    EXPECT_FALSE(outcome.psp_reference.empty());
    ASSERT_TRUE(outcome.amount.has_value());
    EXPECT_EQ(*outcome.amount, request(kind).amount);
    EXPECT_FALSE(outcome.decline.has_value());
    EXPECT_EQ(outcome.evidence, "answer 201");
  }
}

TEST_F(SandboxAnswers, another_amount_is_passed_on_for_the_core_to_compare) {
  const std::string body = replaced(success_body(OperationKind::capture), "129900", "1");
  const auto outcome = codec_->decode(request(OperationKind::capture), answer(201, body));
  EXPECT_EQ(outcome.outcome, OutcomeClass::succeeded);
  EXPECT_EQ(outcome.amount->minor(), 1);
}

TEST_F(SandboxAnswers, decline_codes_are_unified) {
  const struct {
    const char* theirs;
    const char* ours;
    DeclineCategory category;
  } rows[] = {
      {"insufficient_funds", "insufficient_funds", DeclineCategory::soft},
      {"do_not_honor", "do_not_honor", DeclineCategory::soft},
      {"expired_card", "expired_card", DeclineCategory::hard},
      {"invalid_card", "invalid_card", DeclineCategory::hard},
      {"stolen_card", "stolen_card", DeclineCategory::fraud},
      {"suspected_fraud", "suspected_fraud", DeclineCategory::fraud},
      {"authentication_required", "authentication_required", DeclineCategory::authentication},
      {"something_new", "declined", DeclineCategory::hard}};
  for (const auto& row : rows) {
    const auto outcome =
        codec_->decode(request(OperationKind::authorize), answer(201, declined(row.theirs)));
    ASSERT_EQ(outcome.outcome, OutcomeClass::declined) << row.theirs << outcome.evidence;
    EXPECT_EQ(outcome.decline->code, row.ours);
    EXPECT_EQ(outcome.decline->category, row.category);
    EXPECT_EQ(outcome.decline->network_code, "51");
  }
}

TEST_F(SandboxAnswers, network_codes_are_short_and_printable) {
  const std::string body =
      declined("do_not_honor", std::string(20, 'x') + "\\n" + std::string(40, 'y'));
  const auto outcome = codec_->decode(request(OperationKind::authorize), answer(201, body));
  ASSERT_EQ(outcome.outcome, OutcomeClass::declined);
  EXPECT_EQ(outcome.decline->network_code, std::string(20, 'x') + "?" + std::string(11, 'y'));
}

TEST_F(SandboxAnswers, documented_refusals) {
  const struct {
    int status;
    const char* code;
    const char* ours;
    bool holds_for_replays;
  } rows[] = {{400, "invalid_request", "connector_rejected", false},
              {401, "unauthorized", "connector_credentials", false},
              {403, "forbidden", "connector_credentials", false},
              {429, "rate_limited", "rate_limited", false},
              {404, "unknown_charge", "unknown_authorization", true},
              {422, "wrong_state", "wrong_state", true},
              {422, "amount_exceeds_capturable", "amount_exceeds_capturable", true},
              {422, "amount_exceeds_refundable", "amount_exceeds_refundable", true},
              {422, "currency_mismatch", "currency_mismatch", true},
              {422, "unknown_token", "invalid_payment_method", true}};
  for (const auto& row : rows) {
    const std::string body = std::string(R"({"code":")") + row.code + R"(","message":"No."})";
    OperationRequest operation = request(OperationKind::capture);
    const auto outcome = codec_->decode(operation, answer(row.status, body));
    ASSERT_EQ(outcome.outcome, OutcomeClass::refused) << row.code;
    EXPECT_EQ(outcome.decline->code, row.ours);
    EXPECT_EQ(outcome.decline->category, DeclineCategory::technical);
    // An earlier send under the same key may have been executed.
    operation.replay = true;
    EXPECT_EQ(codec_->decode(operation, answer(row.status, body)).outcome,
              row.holds_for_replays ? OutcomeClass::refused : OutcomeClass::unknown)
        << row.code;
  }
}

TEST_F(SandboxAnswers, a_cancelled_key_means_not_executed) {
  EXPECT_EQ(class_of(OperationKind::sale, 409, R"({"code":"key_cancelled","message":"."})"),
            OutcomeClass::not_executed);
}

TEST_F(SandboxAnswers, everything_else_is_unknown) {
  const std::string good = success_body(OperationKind::authorize);
  const struct {
    int status;
    std::string body;
  } rows[] = {
      {500, good},
      {502, "<html>Bad gateway</html>"},
      {503, R"({"code":"unavailable","message":"."})"},
      {200, good},
      {202, good},
      {302, ""},
      {0, ""},
      {201, ""},
      {201, "[]"},
      {201, "null"},
      {201, "{}"},
      {201, good + "x"},
      {201, replaced(good, "authorized", "captured")},
      {201, replaced(good, "authorized", "processing")},
      {201, replaced(good, "authorized", "declined")},
      {201, replaced(good, R"("charge")", R"("refund")")},
      {201, replaced(good, "op_01ARZ", "op_01ARY")},
      {201, replaced(good, "ch_0a1b2c3d", "")},
      {201, replaced(good, "ch_0a1b2c3d", "ch/../x")},
      {201, replaced(good, "ch_0a1b2c3d", std::string(65, 'c'))},
      {201, replaced(good, "129900", "129900.5")},
      {201, replaced(good, "129900", "-1")},
      {201, replaced(good, "129900", "\"129900\"")},
      {201, replaced(good, "EUR", "eur")},
      {201, replaced(good, "EUR", "ZZZ")},
      {201, replaced(good, R"("amount":)", R"("amount":1,"amount":)")},
      {401, "<html>Proxy login</html>"},
      {401, R"({"code":"proxy","message":"."})"},
      {403, ""},
      {404, R"({"code":"not_found","message":"."})"},
      {404, R"({"code":"unknown_charge"})"},
      {422, R"({"code":"something_new","message":"."})"},
      {400, R"({"code":"wrong_state","message":"."})"},
      {409, R"({"code":"key_reused","message":"."})"},
      {429, "slow down"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(class_of(OperationKind::authorize, row.status, row.body), OutcomeClass::unknown)
        << row.status << " " << row.body;
  }
  EXPECT_EQ(class_of(OperationKind::capture, 201,
                     replaced(success_body(OperationKind::capture), "ch_0a1b2c3d", "ch_other")),
            OutcomeClass::unknown);
}

TEST_F(SandboxAnswers, every_truncation_is_unknown) {
  for (const OperationKind kind : kAllKinds) {
    const std::string body = success_body(kind);
    for (std::size_t size = 0; size < body.size(); ++size) {
      EXPECT_EQ(class_of(kind, 201, body.substr(0, size)), OutcomeClass::unknown) << size;
    }
    const std::string inquiry = record(kind, 201, body);
    const OperationRequest operation = request(kind);
    for (std::size_t size = 0; size < inquiry.size(); ++size) {
      const auto part = inquiry.substr(0, size);
      EXPECT_EQ(codec_->decode_inquiry(operation, answer(200, part)).finding, Finding::unusable);
      EXPECT_EQ(codec_->decode_cancel_key(operation, answer(409, part)).finding, Finding::unusable);
    }
  }
  const std::string decline = declined("do_not_honor");
  const std::string refusal = R"({"code":"unauthorized","message":"No."})";
  for (std::size_t size = 0; size < decline.size(); ++size) {
    EXPECT_EQ(class_of(OperationKind::authorize, 201, decline.substr(0, size)),
              OutcomeClass::unknown);
  }
  for (std::size_t size = 0; size < refusal.size(); ++size) {
    EXPECT_EQ(class_of(OperationKind::authorize, 401, refusal.substr(0, size)),
              OutcomeClass::unknown);
  }
}

TEST_F(SandboxAnswers, damaged_bytes_never_crash_and_never_name_another_operation) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  const std::string good = success_body(OperationKind::sale);
  const OperationRequest operation = request(OperationKind::sale);
  for (int round = 0; round < 20'000; ++round) {
    std::string body = good;
    for (unsigned change = 0; change < 1 + random() % 4; ++change) {
      body[random() % body.size()] = static_cast<char>(random() % 256);
    }
    const auto outcome = codec_->decode(operation, answer(201, body));
    if (outcome.outcome == OutcomeClass::succeeded) {
      EXPECT_EQ(outcome.reference, operation.reference);
    }
    (void)codec_->decode_inquiry(operation, answer(200, body));
    (void)codec_->decode_cancel_key(operation, answer(409, body));
  }
}

TEST_F(SandboxAnswers, an_inquiry_finds_what_was_executed) {
  for (const OperationKind kind : kAllKinds) {
    const auto inquiry =
        codec_->decode_inquiry(request(kind), answer(200, record(kind, 201, success_body(kind))));
    ASSERT_EQ(inquiry.finding, Finding::found);
    EXPECT_EQ(inquiry.outcome.outcome, OutcomeClass::succeeded);
    EXPECT_EQ(inquiry.outcome.evidence, "inquiry 200 201");
  }
  const auto declines = codec_->decode_inquiry(
      request(OperationKind::authorize),
      answer(200, record(OperationKind::authorize, 201, declined("stolen_card"))));
  EXPECT_EQ(declines.outcome.outcome, OutcomeClass::declined);
  const auto refused = codec_->decode_inquiry(
      request(OperationKind::capture),
      answer(200, record(OperationKind::capture, 422, R"({"code":"wrong_state","message":"."})")));
  EXPECT_EQ(refused.outcome.outcome, OutcomeClass::refused);
}

TEST_F(SandboxAnswers, an_inquiry_that_finds_nothing_is_no_fact) {
  const OperationRequest operation = request(OperationKind::sale);
  const auto nothing =
      codec_->decode_inquiry(operation, answer(404, R"({"code":"unknown_key","message":"."})"));
  EXPECT_EQ(nothing.finding, Finding::not_found);
  EXPECT_EQ(nothing.outcome.outcome, OutcomeClass::unknown);
  const std::string good = record(OperationKind::sale, 201, success_body(OperationKind::sale));
  const http::Response useless[] = {
      answer(404, "<html>"),
      answer(404, R"({"code":"not_found","message":"."})"),
      answer(401, R"({"code":"unauthorized","message":"."})"),
      answer(500, good),
      answer(200, replaced(good, "001122", "001123")),
      answer(200, replaced(good, R"(,"reference":"op_01)", R"(,"reference":"op_02)")),
      answer(200, replaced(good, R"("answer_status":201)", R"("answer_status":500)")),
      answer(200, replaced(good, "answered", "running"))};
  for (const http::Response& response : useless) {
    const auto inquiry = codec_->decode_inquiry(operation, response);
    EXPECT_EQ(inquiry.finding, Finding::unusable) << response.status << response.body;
    EXPECT_EQ(inquiry.outcome.outcome, OutcomeClass::unknown);
  }
}

TEST_F(SandboxAnswers, cancelling_the_key_closes_the_unknown_either_way) {
  const OperationRequest operation = request(OperationKind::sale);
  const std::string cancelled = R"({"key":")" + operation.psp_key + R"(","state":"cancelled"})";
  const auto closed = codec_->decode_cancel_key(operation, answer(200, cancelled));
  ASSERT_EQ(closed.finding, Finding::found);
  EXPECT_EQ(closed.outcome.outcome, OutcomeClass::not_executed);
  const auto asked = codec_->decode_inquiry(operation, answer(200, cancelled));
  EXPECT_EQ(asked.outcome.outcome, OutcomeClass::not_executed);

  const std::string executed =
      replaced(record(OperationKind::sale, 201, success_body(OperationKind::sale)), "{",
               R"({"code":"already_executed","message":".",)");
  const auto found = codec_->decode_cancel_key(operation, answer(409, executed));
  ASSERT_EQ(found.finding, Finding::found);
  EXPECT_EQ(found.outcome.outcome, OutcomeClass::succeeded);

  for (const int status : {404, 401, 500, 409}) {
    EXPECT_EQ(codec_->decode_cancel_key(operation, answer(status, cancelled)).finding,
              Finding::unusable);
  }
  const auto other = answer(200, replaced(cancelled, "001122", "001123"));
  EXPECT_EQ(codec_->decode_cancel_key(operation, other).finding, Finding::unusable);
}

}  // namespace
}  // namespace florin::connectors::sandbox_answers_test

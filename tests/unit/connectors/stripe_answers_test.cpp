// What every answer of Stripe proves, and that nothing else proves anything.
#include <gtest/gtest.h>

#include "unit/connectors/stripe_fixture.h"

namespace florin::connectors::stripe_answers_test {
namespace {

using domain::DeclineCategory;
using domain::OperationKind;
using domain::OutcomeClass;
using Finding = Inquiry::Finding;

class StripeAnswers : public StripeFixture {
 protected:
  OutcomeClass class_of(OperationKind kind, int status, const std::string& body) const {
    return codec_->decode(request(kind), answer(status, body)).outcome;
  }
  static std::string search(const std::string& items, bool more = false) {
    return R"({"object":"search_result","url":"/v1/payment_intents/search","has_more":)" +
           std::string(more ? "true" : "false") + R"(,"data":[)" + items + "]}";
  }
  static std::string list(const std::string& items) {
    return R"({"object":"list","url":"/v1/refunds","has_more":false,"data":[)" + items + "]}";
  }
  Inquiry inquired(OperationKind kind, const std::string& body, int status = 200) const {
    return codec_->decode_inquiry(request(kind), answer(status, body));
  }
};

TEST_F(StripeAnswers, declines_are_unified_with_the_networks_code) {
  const struct {
    const char* code;
    const char* decline_code;
    const char* ours;
    DeclineCategory category;
  } rows[] = {
      {"card_declined", "insufficient_funds", "insufficient_funds", DeclineCategory::soft},
      {"card_declined", "generic_decline", "declined", DeclineCategory::hard},
      {"card_declined", "fraudulent", "suspected_fraud", DeclineCategory::fraud},
      {"expired_card", "", "expired_card", DeclineCategory::hard},
      {"authentication_required", "", "authentication_required", DeclineCategory::authentication},
      {"card_declined", "something_new", "declined", DeclineCategory::hard}};
  for (const auto& row : rows) {
    const std::string more = std::string(R"(,"decline_code":")") + row.decline_code +
                             R"(","network_decline_code":"51","payment_intent":)" +
                             intent("requires_payment_method", 0, 0);
    const auto outcome = codec_->decode(request(OperationKind::sale),
                                        answer(402, error("card_error", row.code, more)));
    ASSERT_EQ(outcome.outcome, OutcomeClass::declined) << row.decline_code << outcome.evidence;
    EXPECT_EQ(outcome.decline->code, row.ours);
    EXPECT_EQ(outcome.decline->category, row.category);
    EXPECT_EQ(outcome.decline->network_code, "51");
  }
}

TEST_F(StripeAnswers, a_decline_of_another_payment_proves_nothing) {
  const std::string other = replaced(intent("requires_payment_method", 0, 0), "op_01", "op_02");
  EXPECT_EQ(class_of(OperationKind::sale, 402,
                     error("card_error", "card_declined", R"(,"payment_intent":)" + other)),
            OutcomeClass::unknown);
}

TEST_F(StripeAnswers, refusals_before_execution) {
  const struct {
    int status;
    const char* type;
    const char* code;
    const char* more;
    const char* ours;
  } rows[] = {{400, "invalid_request_error", "parameter_missing", "", "connector_rejected"},
              {400, "invalid_request_error", "amount_too_small", "", "amount_not_supported"},
              {400, "invalid_request_error", "payment_intent_unexpected_state", "", "wrong_state"},
              {404, "invalid_request_error", "resource_missing", "", "unknown_authorization"},
              {400, "invalid_request_error", "resource_missing", R"(,"param":"payment_method")",
               "invalid_payment_method"},
              {401, "invalid_request_error", "", "", "connector_credentials"},
              {403, "invalid_request_error", "", "", "connector_credentials"},
              {429, "invalid_request_error", "rate_limit", "", "rate_limited"},
              {429, "invalid_request_error", "lock_timeout", "", "rate_limited"}};
  for (const auto& row : rows) {
    const std::string body = error(row.type, row.code, row.more);
    OperationRequest operation = request(OperationKind::capture);
    const auto outcome = codec_->decode(operation, answer(row.status, body));
    ASSERT_EQ(outcome.outcome, OutcomeClass::refused) << row.status << row.code;
    EXPECT_EQ(outcome.decline->code, row.ours) << row.code;
    // After an earlier send only the stored result of that one is a fact.
    operation.replay = true;
    EXPECT_EQ(codec_->decode(operation, answer(row.status, body)).outcome, OutcomeClass::unknown);
    EXPECT_EQ(codec_->decode(operation, answer(row.status, body, true)).outcome,
              OutcomeClass::refused);
  }
}

TEST_F(StripeAnswers, everything_else_is_unknown) {
  const std::string good = success_body(OperationKind::authorize);
  const struct {
    int status;
    std::string body;
  } rows[] = {
      {409, error("invalid_request_error", "idempotency_key_in_use")},
      {400, error("idempotency_error", "")},
      {424, error("api_error", "")},
      {500, error("api_error", "")},
      {502, "<html>Bad gateway</html>"},
      {503, error("api_error", "")},
      {500, good},
      {201, good},
      {202, good},
      {200, ""},
      {200, "[]"},
      {200, good + "x"},
      {200, error("card_error", "card_declined")},
      {402, R"({"error":{"type":"card_error","message":"No."}})"},
      {402, R"({"error":{"code":"card_declined"}})"},
      {401, "<html>Proxy login</html>"},
      {401, R"({"message":"No."})"},
      {404, "not here"},
      {200, replaced(good, "op_01ARZ", "op_01ARY")},
      {200, replaced(good, R"("metadata":{"operation")", R"("metadata":{"other")")},
      {200, replaced(good, R"("payment_intent")", R"("charge")")},
      {200, replaced(good, "pi_3MtwBwLkdIwHu7ix28a3tqPa", "pi/../x")},
      {200, replaced(good, R"("currency":"eur")", R"("currency":"EUR")")},
      {200, replaced(good, R"("currency":"eur")", R"("currency":"zzz")")},
      {200, replaced(good, R"("amount_capturable":129900)", R"("amount_capturable":"129900")")},
      {200, replaced(good, R"("amount_capturable":129900)", R"("amount_capturable":-1)")},
      {200, replaced(good, R"("amount_capturable":129900)", R"("x":1)")},
      {200, intent("requires_confirmation", 0, 0)},
      {200, intent("requires_payment_method", 0, 0)},
      {200, intent("succeeded", 0, 129'900)},
      {200, intent("canceled", 0, 0)},
      {200, intent("something_new", 0, 0)},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(class_of(OperationKind::authorize, row.status, row.body), OutcomeClass::unknown)
        << row.status << " " << row.body;
  }
  // What has not happened yet is no answer to a capture or a void.
  EXPECT_EQ(class_of(OperationKind::capture, 200, intent("requires_capture", 129'900, 0)),
            OutcomeClass::unknown);
  EXPECT_EQ(class_of(OperationKind::void_, 200, intent("requires_capture", 129'900, 0)),
            OutcomeClass::unknown);
  EXPECT_EQ(class_of(OperationKind::capture, 200, intent("canceled", 0, 0)), OutcomeClass::unknown);
  EXPECT_EQ(class_of(OperationKind::refund, 200, refund("requires_action")), OutcomeClass::unknown);
  EXPECT_EQ(class_of(OperationKind::refund, 200, replaced(refund("succeeded"), "pi_3M", "pi_4M")),
            OutcomeClass::unknown);
}

TEST_F(StripeAnswers, what_is_taken_and_not_decided_is_pending) {
  EXPECT_EQ(class_of(OperationKind::sale, 200, intent("processing", 0, 0)), OutcomeClass::pending);
  EXPECT_EQ(class_of(OperationKind::refund, 200, refund("pending")), OutcomeClass::pending);
  EXPECT_EQ(inquired(OperationKind::sale, search(intent("processing", 0, 0))).outcome.outcome,
            OutcomeClass::pending);
  EXPECT_EQ(inquired(OperationKind::refund, list(refund("pending"))).outcome.outcome,
            OutcomeClass::pending);
}

TEST_F(StripeAnswers, a_payer_who_has_to_act_is_a_decline) {
  const auto outcome = codec_->decode(
      request(OperationKind::sale),
      answer(200, intent("requires_action", 0, 0, R"(,"client_secret":"pi_x_secret_y")")));
  ASSERT_EQ(outcome.outcome, OutcomeClass::declined);
  EXPECT_EQ(outcome.decline->category, DeclineCategory::authentication);
}

TEST_F(StripeAnswers, another_amount_is_passed_on_for_the_core_to_compare) {
  const auto outcome =
      codec_->decode(request(OperationKind::capture), answer(200, intent("succeeded", 0, 100)));
  ASSERT_EQ(outcome.outcome, OutcomeClass::succeeded);
  EXPECT_EQ(outcome.amount->minor(), 100);
}

TEST_F(StripeAnswers, a_search_finds_what_became_of_a_payment) {
  const auto sale = inquired(OperationKind::sale, search(intent("succeeded", 0, 129'900)));
  ASSERT_EQ(sale.finding, Finding::found) << sale.outcome.evidence;
  EXPECT_EQ(sale.outcome.outcome, OutcomeClass::succeeded);
  EXPECT_EQ(sale.outcome.psp_reference, kIntent);
  const auto held =
      inquired(OperationKind::authorize, search(intent("requires_capture", 129'900, 0)));
  EXPECT_EQ(held.outcome.outcome, OutcomeClass::succeeded);
  const auto failed = inquired(
      OperationKind::sale,
      search(
          intent("requires_payment_method", 0, 0,
                 R"(,"last_payment_error":{"code":"card_declined","decline_code":"lost_card"})")));
  EXPECT_EQ(failed.outcome.outcome, OutcomeClass::declined);
  EXPECT_EQ(failed.outcome.decline->code, "lost_card");
  const auto ended = inquired(OperationKind::sale, search(intent("canceled", 0, 0)));
  EXPECT_EQ(ended.outcome.outcome, OutcomeClass::not_executed);
}

TEST_F(StripeAnswers, not_found_is_no_fact) {
  for (const std::string& body :
       {search(""), search(replaced(intent("succeeded", 0, 129'900), "op_01", "op_02"))}) {
    const auto nothing = inquired(OperationKind::sale, body);
    EXPECT_EQ(nothing.finding, Finding::not_found);
    EXPECT_EQ(nothing.outcome.outcome, OutcomeClass::unknown);
  }
  const auto missing =
      inquired(OperationKind::capture, error("invalid_request_error", "resource_missing"), 404);
  EXPECT_EQ(missing.finding, Finding::not_found);
  EXPECT_EQ(inquired(OperationKind::refund, list("")).finding, Finding::not_found);
  EXPECT_EQ(inquired(OperationKind::capture, intent("requires_capture", 129'900, 0)).finding,
            Finding::not_found);
}

TEST_F(StripeAnswers, two_under_one_reference_are_for_people) {
  const std::string one = intent("succeeded", 0, 129'900);
  EXPECT_EQ(inquired(OperationKind::sale, search(one + "," + one)).finding, Finding::unusable);
  EXPECT_EQ(inquired(OperationKind::sale, search("", true)).finding, Finding::unusable);
}

TEST_F(StripeAnswers, captures_voids_and_refunds_are_read_by_their_intent) {
  EXPECT_EQ(inquired(OperationKind::capture, intent("succeeded", 0, 129'900)).outcome.outcome,
            OutcomeClass::succeeded);
  EXPECT_EQ(inquired(OperationKind::capture, intent("canceled", 0, 0)).outcome.outcome,
            OutcomeClass::not_executed);
  EXPECT_EQ(inquired(OperationKind::void_, intent("canceled", 0, 0)).outcome.outcome,
            OutcomeClass::succeeded);
  EXPECT_EQ(inquired(OperationKind::void_, intent("succeeded", 0, 129'900)).outcome.outcome,
            OutcomeClass::not_executed);
  const auto back = inquired(OperationKind::refund, list(refund("succeeded")));
  EXPECT_EQ(back.outcome.outcome, OutcomeClass::succeeded);
  EXPECT_EQ(back.outcome.psp_reference, "re_1Nispe2eZvKYlo2Cd31jOCgZ");
  EXPECT_EQ(inquired(OperationKind::refund, list(refund("failed"))).outcome.outcome,
            OutcomeClass::declined);
  EXPECT_EQ(inquired(OperationKind::refund, list(refund("requires_action"))).finding,
            Finding::unusable);
}

TEST_F(StripeAnswers, the_check_tells_what_is_wrong) {
  const auto said = [&](int status, const std::string& body) {
    return codec_->decode_check(answer(status, body));
  };
  EXPECT_EQ(said(200, R"({"object":"balance","available":[]})"), CheckFinding::ok);
  EXPECT_EQ(said(401, error("invalid_request_error", "")), CheckFinding::credentials_refused);
  EXPECT_EQ(said(403, error("invalid_request_error", "")), CheckFinding::permission_missing);
  EXPECT_EQ(said(429, error("invalid_request_error", "rate_limit")), CheckFinding::busy);
  EXPECT_EQ(said(503, ""), CheckFinding::busy);
  EXPECT_EQ(said(200, R"({"object":"list"})"), CheckFinding::unexpected);
  EXPECT_EQ(said(401, "<html>"), CheckFinding::unexpected);
  EXPECT_EQ(said(404, "x"), CheckFinding::unexpected);
}

}  // namespace
}  // namespace florin::connectors::stripe_answers_test

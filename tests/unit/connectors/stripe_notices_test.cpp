// Nothing of a notice is believed before its signature is proven; then it gives facts.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/hash.h"
#include "base/json.h"
#include "daemon/connectors/codec.h"
#include "daemon/connectors/notice.h"
#include "unit/connectors/stripe_fixture.h"

namespace florin::connectors::stripe_notices_test {
namespace {

using domain::OperationKind;
using domain::OutcomeClass;

constexpr std::int64_t kNow_s = 1'700'000'000;
constexpr std::string_view kSecret = "whsec_0123456789abcdef0123456789abcdef";

struct Kind {
  const char* kind;
  const char* field;
};

class Notices : public StripeFixture, public testing::WithParamInterface<Kind> {
 protected:
  static std::string sign(std::int64_t time_s, std::string_view body,
                          std::string_view secret = kSecret) {
    const std::string time = std::to_string(time_s);
    return "t=" + time + ",v1=" +
           to_hex(hmac_sha256(view_of(secret), {view_of(time), view_of("."), view_of(body)}));
  }
  static Result<Notice> verify(const Kind& kind, std::string_view body,
                               const std::vector<std::string>& fields, std::int64_t now_s = kNow_s,
                               const std::vector<std::string_view>& keys = {kSecret}) {
    http::Headers headers;
    for (const std::string& field : fields) headers.add(kind.field, field);
    std::vector<Secret> secrets;
    for (const std::string_view key : keys) secrets.emplace_back(view_of(key));
    return find_notice_verifier(kind.kind)->verify({headers, body},
                                                   {secrets, now_s * kNanosPerSecond});
  }
  static void expect(Errc code, const Result<Notice>& notice) {
    ASSERT_FALSE(notice.ok());
    EXPECT_EQ(errc_name(notice.error().code()), errc_name(code));
  }
};

TEST_P(Notices, only_an_authentic_and_recent_one_is_read) {
  const std::string body = R"({"object":"event","id":"evt_1","type":"x.y","data":{"object":{}}})";
  const std::string good = sign(kNow_s, body);
  EXPECT_TRUE(verify(GetParam(), body, {good}).ok());
  EXPECT_TRUE(verify(GetParam(), body, {good}, kNow_s + 300).ok());
  EXPECT_TRUE(verify(GetParam(), body, {good}, kNow_s - 300).ok());
  expect(Errc::timestamp_skew, verify(GetParam(), body, {good}, kNow_s + 301));
  expect(Errc::timestamp_skew, verify(GetParam(), body, {good}, kNow_s - 301));
  expect(Errc::signature_invalid, verify(GetParam(), body + " ", {good}));
  expect(Errc::signature_invalid, verify(GetParam(), body, {sign(kNow_s, body, "another")}));
  // The time is under the signature: it cannot be moved.
  expect(Errc::signature_invalid,
         verify(GetParam(), body, {"t=1700000001," + good.substr(good.find("v1="))}));
  expect(Errc::header_invalid, verify(GetParam(), body, {good.substr(0, good.size() - 1)}));
  expect(Errc::signature_invalid, verify(GetParam(), body, {good}, kNow_s, {}));
  for (const char* field : {"", "t=1", "v1=00", "t=,v1=00", "t=01,v1=00", "t=1,t=1,v1=00", "x",
                            "t=-1,v1=00", "t=1e3,v1=00", "t=9999999999999,v1=00"}) {
    expect(Errc::header_invalid, verify(GetParam(), body, {field}));
  }
  expect(Errc::header_invalid, verify(GetParam(), body, {}));
  expect(Errc::header_invalid, verify(GetParam(), body, {good, good}));
}

TEST_P(Notices, while_a_secret_changes_either_one_may_have_signed) {
  const std::string body = R"({"object":"event","id":"evt_1","type":"x.y","data":{"object":{}}})";
  const std::string_view next = "whsec_ffffffffffffffffffffffffffffffff";
  EXPECT_TRUE(verify(GetParam(), body, {sign(kNow_s, body)}, kNow_s, {next, kSecret}).ok());
  const std::string two = sign(kNow_s, body, "x") + ",v0=zz" + "," + sign(kNow_s, body).substr(13);
  EXPECT_TRUE(verify(GetParam(), body, {two}).ok()) << two;
}

TEST_P(Notices, an_authentic_one_that_cannot_be_read_is_invalid) {
  for (const char* body : {"", "{", "[]", "null"}) {
    const auto notice = verify(GetParam(), body, {sign(kNow_s, body)});
    ASSERT_FALSE(notice.ok()) << body;
    EXPECT_EQ(errc_class(notice.error().code()), ErrorClass::invalid) << body;
  }
}

TEST_P(Notices, every_truncation_is_refused) {
  const std::string body = R"({"object":"event","id":"evt_1","type":"x.y","data":{"object":{}}})";
  const std::string field = sign(kNow_s, body);
  for (std::size_t size = 0; size < body.size(); ++size) {
    expect(Errc::signature_invalid, verify(GetParam(), body.substr(0, size), {field}));
  }
  for (std::size_t size = 0; size < field.size(); ++size) {
    EXPECT_FALSE(verify(GetParam(), body, {field.substr(0, size)}).ok()) << size;
  }
}

INSTANTIATE_TEST_SUITE_P(Kinds, Notices, testing::Values(Kind{"stripe", "Stripe-Signature"}),
                         [](const auto& row) { return std::string(row.param.kind); });

class StripeEvents : public Notices {
 protected:
  static NoticeFact fact_of(const std::string& type, const std::string& object) {
    const std::string body = R"({"id":"evt_77","object":"event","created":1699999999,"type":")" +
                             type + R"(","data":{"object":)" + object + "}}";
    auto notice = verify({"stripe", "Stripe-Signature"}, body, {sign(kNow_s, body)});
    EXPECT_TRUE(notice.ok());
    if (!notice.ok() || notice->facts.size() != 1) return {};
    EXPECT_EQ(notice->facts[0].key, "evt_77");
    EXPECT_EQ(notice->facts[0].type, type);
    EXPECT_EQ(notice->facts[0].happened_at, 1'699'999'999 * kNanosPerSecond);
    return notice->facts[0];
  }
};

TEST_F(StripeEvents, the_published_scheme) {
  std::ifstream file(std::string(FLORIN_TEST_DATA) + "/connectors/stripe_signature.json");
  std::ostringstream text;
  text << file.rdbuf();
  const auto document = json::parse(text.str());
  ASSERT_TRUE(document.ok());
  for (const json::value& item : document->as_object().at("vectors").as_array()) {
    const json::object& vector = item.as_object();
    const auto member = [&](const char* name) { return std::string(vector.at(name).as_string()); };
    // Its event has no object: authentic, and not readable.
    expect(Errc::malformed_value, verify({"stripe", "Stripe-Signature"}, member("raw_body"),
                                         {"t=" + member("t") + ",v1=" + member("v1")},
                                         std::stoll(member("t")), {member("secret")}));
  }
}

TEST_F(StripeEvents, events_become_facts_about_operations) {
  const NoticeFact held =
      fact_of("payment_intent.amount_capturable_updated", intent("requires_capture", 129'900, 0));
  EXPECT_EQ(held.kind, OperationKind::authorize);
  EXPECT_EQ(held.reference, "op_01ARZ3NDEKTSV4RRFFQ69G5FAV");
  EXPECT_EQ(held.outcome.outcome, OutcomeClass::succeeded);
  EXPECT_EQ(held.outcome.reference, held.reference);

  // A capture is named by its intent: the metadata are those of the authorization.
  const NoticeFact taken = fact_of("payment_intent.succeeded", intent("succeeded", 0, 129'900));
  EXPECT_EQ(taken.kind, OperationKind::capture);
  EXPECT_EQ(taken.reference, "");
  EXPECT_EQ(taken.psp_reference, kIntent);
  EXPECT_EQ(taken.outcome.outcome, OutcomeClass::succeeded);
  EXPECT_EQ(taken.outcome.amount->minor(), 129'900);

  const NoticeFact sold = fact_of("payment_intent.succeeded",
                                  replaced(intent("succeeded", 0, 129'900), "manual", "automatic"));
  EXPECT_EQ(sold.kind, OperationKind::sale);
  EXPECT_EQ(sold.reference, "op_01ARZ3NDEKTSV4RRFFQ69G5FAV");

  const NoticeFact failed = fact_of(
      "payment_intent.payment_failed",
      intent("requires_payment_method", 0, 0,
             R"(,"last_payment_error":{"code":"card_declined","decline_code":"lost_card"})"));
  EXPECT_EQ(failed.outcome.outcome, OutcomeClass::declined);
  EXPECT_EQ(failed.outcome.decline->code, "lost_card");

  EXPECT_EQ(fact_of("payment_intent.canceled", intent("canceled", 0, 0)).kind,
            OperationKind::void_);
  const NoticeFact back = fact_of("refund.updated", refund("succeeded"));
  EXPECT_EQ(back.kind, OperationKind::refund);
  EXPECT_EQ(back.outcome.outcome, OutcomeClass::succeeded);
  EXPECT_EQ(fact_of("refund.created", refund("pending")).outcome.outcome, OutcomeClass::pending);
  EXPECT_EQ(fact_of("refund.failed", refund("failed")).outcome.outcome, OutcomeClass::declined);
}

TEST_F(StripeEvents, other_events_are_about_nothing_that_is_kept) {
  for (const char* type : {"balance.available", "payment_intent.created", "charge.succeeded"}) {
    const std::string body = R"({"id":"evt_77","object":"event","type":")" + std::string(type) +
                             R"(","data":{"object":)" + intent("succeeded", 0, 1) + "}}";
    const auto notice = verify({"stripe", "Stripe-Signature"}, body, {sign(kNow_s, body)});
    ASSERT_TRUE(notice.ok());
    EXPECT_TRUE(notice->facts.empty());
  }
}

TEST_F(StripeEvents, secrets_have_a_form) {
  const NoticeVerifier* const stripe = find_notice_verifier("stripe");
  EXPECT_TRUE(stripe->check_secret(view_of(kSecret)).ok());
  EXPECT_FALSE(stripe->check_secret(view_of("sk_test_0123456789abcdef")).ok());
  EXPECT_FALSE(stripe->check_secret(view_of("whsec_")).ok());
  EXPECT_FALSE(stripe->check_secret(view_of("whsec_with space in it and more")).ok());
  EXPECT_EQ(find_notice_verifier("nobody"), nullptr);
}

std::string dispute(std::string_view status, std::string_view more = "") {
  return R"({"id":"du_1MtJUT2eZvKYlo2CNaw2HvEv","object":"dispute","amount":1000,)"
         R"("balance_transactions":[],"charge":"ch_1AZtxr2eZvKYlo2CJDX8whov","created":1680651737,)"
         R"("currency":"eur","evidence":{"customer_name":null},"evidence_details":{"due_by":)"
         R"(1682294399,"has_evidence":false,"past_due":false,"submission_count":0},)"
         R"("is_charge_refundable":true,"livemode":false,"metadata":{},"payment_intent":)"
         R"("pi_3MtwBwLkdIwHu7ix28a3tqPa","reason":"general","status":")" +
         std::string(status) + "\"" + std::string(more) + "}";
}

TEST_F(StripeEvents, disputes_are_told_by_their_place) {
  struct Row {
    const char* theirs;
    domain::DisputeStage stage;
    domain::DisputeStatus status;
  };
  using enum domain::DisputeStage;
  using enum domain::DisputeStatus;
  for (const Row& row : {Row{"warning_needs_response", inquiry, needs_response},
                         Row{"warning_under_review", inquiry, under_review},
                         Row{"warning_closed", inquiry, withdrawn},
                         Row{"needs_response", chargeback, needs_response},
                         Row{"under_review", chargeback, under_review}, Row{"won", chargeback, won},
                         Row{"lost", chargeback, lost}, Row{"prevented", chargeback, withdrawn}}) {
    for (const char* type :
         {"charge.dispute.created", "charge.dispute.updated", "charge.dispute.closed",
          "charge.dispute.funds_withdrawn", "charge.dispute.funds_reinstated"}) {
      const NoticeFact fact = fact_of(type, dispute(row.theirs));
      EXPECT_EQ(fact.psp_reference, kIntent);
      EXPECT_EQ(fact.reference, "");
      EXPECT_EQ(fact.outcome.outcome, OutcomeClass::unknown);
      ASSERT_TRUE(fact.late.has_value()) << row.theirs;
      EXPECT_EQ(fact.late->kind, domain::FactKind::dispute);
      EXPECT_EQ(fact.late->amount.text(), "10.00 EUR");
      EXPECT_EQ(fact.late->dispute,
                (domain::DisputeNotice{"du_1MtJUT2eZvKYlo2CNaw2HvEv", row.stage, row.status,
                                       "general", 1'682'294'399 * kNanosPerSecond}));
    }
  }
}

// In nanoseconds time ends in April 2262; what is later is left out.
TEST_F(StripeEvents, a_time_that_cannot_be_held_is_none) {
  const std::int64_t last_s = INT64_MAX / kNanosPerSecond;
  for (const std::int64_t told_s : {last_s, last_s + 1, INT64_MAX}) {
    const std::string told = std::to_string(told_s);
    const std::string body = R"({"id":"evt_77","object":"event","created":)" + told +
                             R"(,"type":"charge.dispute.updated","data":{"object":)" +
                             replaced(dispute("lost"), "1682294399", told) + "}}";
    const auto notice = verify({"stripe", "Stripe-Signature"}, body, {sign(kNow_s, body)});
    ASSERT_TRUE(notice.ok() && notice->facts.size() == 1);
    const UnixNanos held = told_s == last_s ? last_s * kNanosPerSecond : 0;
    EXPECT_EQ(notice->facts[0].happened_at, held);
    EXPECT_EQ(notice->facts[0].late->dispute->respond_by, held);
  }
}

TEST_F(StripeEvents, a_dispute_that_cannot_be_read_is_kept_for_people) {
  for (const std::string& object :
       {dispute("a_new_status"), replaced(dispute("lost"), "1000", "0"),
        replaced(dispute("lost"), "\"eur\"", "\"xxx\""),
        replaced(dispute("lost"), "du_1MtJUT2eZvKYlo2CNaw2HvEv", "du/1")}) {
    const NoticeFact fact = fact_of("charge.dispute.closed", object);
    EXPECT_EQ(fact.psp_reference, kIntent);
    EXPECT_FALSE(fact.late.has_value());
    EXPECT_EQ(fact.kind, std::nullopt);
  }
  // Not about an intent: not about anything of ours.
  const std::string body = R"({"id":"evt_77","object":"event","type":"charge.dispute.created",)"
                           R"("data":{"object":)" +
                           replaced(dispute("lost"), "\"pi_3MtwBwLkdIwHu7ix28a3tqPa\"", "null") +
                           "}}";
  const auto notice = verify({"stripe", "Stripe-Signature"}, body, {sign(kNow_s, body)});
  ASSERT_TRUE(notice.ok());
  EXPECT_TRUE(notice->facts.empty());
}

TEST_F(StripeEvents, a_refund_that_fails_afterwards_has_come_back) {
  for (const char* type : {"refund.failed", "refund.updated", "charge.refund.updated"}) {
    const NoticeFact failed = fact_of(type, refund("failed"));
    EXPECT_EQ(failed.outcome.outcome, OutcomeClass::declined);
    ASSERT_TRUE(failed.late.has_value());
    EXPECT_EQ(failed.late->kind, domain::FactKind::refund_returned);
    EXPECT_EQ(failed.late->psp_key, "re_1Nispe2eZvKYlo2Cd31jOCgZ");
    EXPECT_EQ(failed.late->amount.minor(), 129'900);
    EXPECT_FALSE(fact_of(type, refund("succeeded")).late.has_value());
    EXPECT_FALSE(fact_of(type, refund("pending")).late.has_value());
  }
}

}  // namespace
}  // namespace florin::connectors::stripe_notices_test

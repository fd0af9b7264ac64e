#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/hash.h"
#include "daemon/connectors/notice.h"
#include "daemon/connectors/timed_signature.h"

namespace florin::connectors::notices_test {
namespace {

constexpr std::int64_t kNow_s = 1'795'280'000;
constexpr UnixNanos kNow = kNow_s * kNanosPerSecond;
constexpr std::string_view kSecret = "notice-secret-of-a-sandbox";
constexpr std::string_view kOld = "the-one-before-this-secret";

std::vector<Secret> secrets() {
  std::vector<Secret> out;
  out.emplace_back(view_of(kSecret));
  out.emplace_back(view_of(kOld));
  return out;
}

std::string sign(std::string_view body, std::int64_t at_s, std::string_view secret = kSecret) {
  const std::string time = std::to_string(at_s);
  return "t=" + time + ",v1=" +
         to_hex(hmac_sha256(view_of(secret), {view_of(time), view_of("."), view_of(body)}));
}

Result<Notice> verify(std::string_view body, const std::string& header) {
  http::Headers headers;
  if (!header.empty()) headers.add("Sandbox-Signature", header);
  const std::vector<Secret> both = secrets();
  return find_notice_verifier("sandbox")->verify({headers, body}, {both, kNow});
}

Errc refusal(std::string_view body, const std::string& header) {
  const auto judged = verify(body, header);
  EXPECT_FALSE(judged.ok());
  return judged.ok() ? Errc::internal : judged.error().code();
}

constexpr std::string_view kApproved =
    R"({"id":"evt_1","type":"operation.answered","created":1795279990,"key":"k","kind":"charge",)"
    R"("reference":"op_1","answer_status":201,"answer":{"object":"charge","id":"ch_1",)"
    R"("reference":"op_1","status":"captured","amount":1250,"currency":"EUR"}})";

TEST(TimedSignature, IsOverTimeAndRawBody) {
  EXPECT_TRUE(verify(kApproved, sign(kApproved, kNow_s)).ok());
  EXPECT_TRUE(verify(kApproved, sign(kApproved, kNow_s, kOld)).ok());
  EXPECT_TRUE(verify(kApproved, sign(kApproved, kNow_s - 300)).ok());
  EXPECT_TRUE(verify(kApproved, sign(kApproved, kNow_s + 300)).ok());
  EXPECT_TRUE(
      verify(kApproved, "v0=x," + sign(kApproved, kNow_s) + ",v1=" + std::string(64, '0')).ok());
  EXPECT_EQ(refusal(kApproved, sign(kApproved, kNow_s - 301)), Errc::timestamp_skew);
  EXPECT_EQ(refusal(kApproved, sign(kApproved, kNow_s + 301)), Errc::timestamp_skew);
  EXPECT_EQ(refusal(kApproved, sign(kApproved, kNow_s, "another-secret-of-nobody")),
            Errc::signature_invalid);
  std::string changed(kApproved);
  changed[changed.find("1250")] = '9';
  EXPECT_EQ(refusal(changed, sign(kApproved, kNow_s)), Errc::signature_invalid);
  EXPECT_EQ(refusal(std::string(kApproved) + " ", sign(kApproved, kNow_s)),
            Errc::signature_invalid);
}

TEST(TimedSignature, OtherFormsAreRefused) {
  const std::string good = sign(kApproved, kNow_s);
  const std::string value = good.substr(good.find("v1="));
  for (const std::string& header :
       {std::string(), std::string("t="), std::string("v1="), "t=" + std::to_string(kNow_s), value,
        "t=0" + std::to_string(kNow_s) + "," + value, "t=-5," + value, "t=x," + value,
        good + ",t=1", "t=" + std::to_string(kNow_s) + ",v1=zz", good.substr(0, good.size() - 2),
        good + std::string(1024, ','), std::string(9, ',') + good}) {
    EXPECT_EQ(refusal(kApproved, header), Errc::header_invalid) << header.substr(0, 80);
  }
}

TEST(SandboxNotices, GiveFactsAsAnswersDo) {
  const auto notice = verify(kApproved, sign(kApproved, kNow_s));
  ASSERT_TRUE(notice.ok()) << notice.error().to_log();
  ASSERT_EQ(notice->facts.size(), 1U);
  const NoticeFact& fact = notice->facts.front();
  EXPECT_EQ(fact.key, "evt_1");
  EXPECT_EQ(fact.type, "operation.answered");
  EXPECT_EQ(fact.reference, "op_1");
  EXPECT_EQ(fact.psp_reference, "ch_1");
  EXPECT_EQ(fact.kind, domain::OperationKind::sale);
  EXPECT_EQ(fact.happened_at, 1'795'279'990 * kNanosPerSecond);
  EXPECT_EQ(fact.outcome.outcome, domain::OutcomeClass::succeeded);
  EXPECT_EQ(fact.outcome.reference, "op_1");
  ASSERT_TRUE(fact.outcome.amount.has_value());
  EXPECT_EQ(fact.outcome.amount->text(), "12.50 EUR");

  std::string other(kApproved);
  other.replace(other.find("operation.answered"), 18, "account.updated");
  const auto nothing = verify(other, sign(other, kNow_s));
  ASSERT_TRUE(nothing.ok());
  EXPECT_TRUE(nothing->facts.empty());

  // Signed, and no outcome is proven: a hint.
  std::string strange(kApproved);
  strange.replace(strange.find("captured"), 8, "exploded");
  const auto hint = verify(strange, sign(strange, kNow_s));
  ASSERT_TRUE(hint.ok());
  EXPECT_EQ(hint->facts.front().outcome.outcome, domain::OutcomeClass::unknown);
}

TEST(SandboxNotices, SignedButUnreadableIsRefused) {
  for (const std::string_view body : {"", "[]", "{", R"({"id":"evt_1"})"}) {
    const auto judged = verify(body, sign(body, kNow_s));
    ASSERT_FALSE(judged.ok()) << body;
    EXPECT_EQ(judged.error().error_class(), ErrorClass::invalid) << body;
  }
  // Whatever is cut off is never a fact.
  for (std::size_t size = 0; size < kApproved.size(); ++size) {
    const std::string_view part = kApproved.substr(0, size);
    EXPECT_FALSE(verify(part, sign(part, kNow_s)).ok()) << size;
  }
}

TEST(NoticeVerifier, ChecksSecretsAndKnowsItsKinds) {
  EXPECT_EQ(find_notice_verifier("nobody"), nullptr);
  const NoticeVerifier& verifier = *find_notice_verifier("sandbox");
  EXPECT_TRUE(verifier.check_secret(view_of(kSecret)).ok());
  EXPECT_FALSE(verifier.check_secret(view_of("short")).ok());
  EXPECT_FALSE(verifier.check_secret(view_of("a secret with blanks in it!")).ok());
  EXPECT_FALSE(verifier.check_secret(view_of(std::string(129, 'x'))).ok());
}

std::string late(std::string_view type, std::string_view object) {
  return R"({"id":"evt_2","type":")" + std::string(type) + R"(","created":1795279990,"object":)" +
         std::string(object) + "}";
}

constexpr std::string_view kDisputed =
    R"({"object":"dispute","id":"dp_1","charge":"ch_1","reference":"op_1","amount":1250,)"
    R"("currency":"EUR","stage":"chargeback","status":"lost","reason":"fraud","respond_by":1800000000,)"
    R"("number":1})";

TEST(SandboxNotices, TellWhatCameAfterTheEnd) {
  const auto fact_of = [](std::string_view type, std::string_view object) {
    const std::string body = late(type, object);
    const auto notice = verify(body, sign(body, kNow_s));
    EXPECT_TRUE(notice.ok() && notice->facts.size() == 1) << type;
    return notice.ok() ? notice->facts.front() : NoticeFact{};
  };
  const NoticeFact disputed = fact_of("dispute.changed", kDisputed);
  EXPECT_EQ(disputed.key, "evt_2");
  EXPECT_EQ(disputed.reference, "op_1");
  EXPECT_EQ(disputed.psp_reference, "ch_1");
  EXPECT_EQ(disputed.outcome.outcome, domain::OutcomeClass::unknown);
  ASSERT_TRUE(disputed.late.has_value());
  EXPECT_EQ(disputed.late->kind, domain::FactKind::dispute);
  EXPECT_EQ(disputed.late->amount.text(), "12.50 EUR");
  EXPECT_EQ(disputed.late->dispute, (domain::DisputeNotice{"dp_1", domain::DisputeStage::chargeback,
                                                           domain::DisputeStatus::lost, "fraud",
                                                           1'800'000'000 * kNanosPerSecond}));
  constexpr std::string_view part =
      R"({"id":"x_1","charge":"ch_1","reference":"op_2","amount":300,"currency":"USD"})";
  const NoticeFact returned = fact_of("refund.returned", part);
  EXPECT_EQ(returned.late->kind, domain::FactKind::refund_returned);
  EXPECT_EQ(returned.kind, domain::OperationKind::refund);
  EXPECT_EQ(returned.late->psp_key, "x_1");
  EXPECT_EQ(returned.late->amount.text(), "3.00 USD");
  EXPECT_EQ(fact_of("capture.reversed", part).late->kind, domain::FactKind::capture_reversed);
  EXPECT_FALSE(returned.late->dispute.has_value());
}

// In nanoseconds time ends in April 2262.
TEST(SandboxNotices, ATimeThatCannotBeHeldIsRefused) {
  const std::string last = std::to_string(INT64_MAX / kNanosPerSecond);
  const std::string beyond = std::to_string(INT64_MAX / kNanosPerSecond + 1);
  const auto with = [](std::string body, std::string_view from, const std::string& to) {
    const std::size_t at = body.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return body.replace(at, from.size(), to);
  };
  const std::string disputed = late("dispute.changed", kDisputed);
  const struct {
    std::string body;
    std::string_view time;
  } rows[] = {
      {std::string(kApproved), "1795279990"}, {disputed, "1795279990"}, {disputed, "1800000000"}};
  for (const auto& row : rows) {
    const std::string good = with(row.body, row.time, last);
    EXPECT_TRUE(verify(good, sign(good, kNow_s)).ok()) << good;
    const std::string bad = with(row.body, row.time, beyond);
    EXPECT_EQ(refusal(bad, sign(bad, kNow_s)), Errc::malformed_value) << bad;
  }
}

TEST(SandboxNotices, WhatCannotBeAFactIsRefused) {
  const auto changed = [](std::string_view from, std::string_view to) {
    std::string object(kDisputed);
    const std::size_t at = object.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return late("dispute.changed", object.replace(at, from.size(), to));
  };
  for (const std::string& body :
       {changed("chargeback", "court"), changed("lost", "gone"), changed("EUR", "EUX"),
        changed("1250", "0"), changed("1250", "-1"), changed("1250", R"("9")"), changed("dp_1", ""),
        changed("dp_1", std::string(65, 'd')), changed("1800000000", "-1"),
        late("dispute.changed", "[]"), late("refund.returned", "{}")}) {
    const auto judged = verify(body, sign(body, kNow_s));
    ASSERT_FALSE(judged.ok()) << body;
    EXPECT_EQ(judged.error().error_class(), ErrorClass::invalid) << body;
  }
  const std::string whole = late("dispute.changed", kDisputed);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const std::string_view part = std::string_view(whole).substr(0, size);
    EXPECT_FALSE(verify(part, sign(part, kNow_s)).ok()) << size;
  }
}

}  // namespace
}  // namespace florin::connectors::notices_test

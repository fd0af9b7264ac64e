// What every codec has to keep, whoever the PSP is. A new codec is one more row of `samples`.
#include <gtest/gtest.h>

#include <algorithm>
#include <iostream>
#include <random>

#include "daemon/connectors/fault_matrix.h"
#include "daemon/connectors/notice.h"
#include "unit/connectors/golden.h"
#include "unit/connectors/sandbox_fixture.h"
#include "unit/connectors/stripe_fixture.h"

namespace florin::connectors::contract_test {
namespace {

using domain::OperationKind;
using domain::OutcomeClass;

struct Sandbox : SandboxFixture {
  using SandboxFixture::request;
  using SandboxFixture::success_body;
  void TestBody() override {}
};
struct Stripe : StripeFixture {
  using StripeFixture::error;
  using StripeFixture::request;
  using StripeFixture::success_body;
  void TestBody() override {}
};

/// What a PSP answers, for one codec.
struct Sample {
  const char* kind;
  int success_status;
  OperationRequest (*request)(OperationKind);
  std::string (*success)(OperationKind);
  int refusal_status;
  std::string refusal;  ///< given before the key is looked at
  std::string amount;   ///< how 129 900 stands in a success
};

std::vector<Sample> samples() {
  return {{"sandbox", 201, &Sandbox::request, &Sandbox::success_body, 401,
           R"({"code":"unauthorized","message":"No."})", "129900"},
          {"stripe", 200, &Stripe::request, &Stripe::success_body, 401,
           Stripe::error("invalid_request_error", "x"), "129900"}};
}

http::Response answer(int status, std::string body) {
  http::Response out;
  out.status = status;
  out.body = std::move(body);
  return out;
}

class Contract : public testing::TestWithParam<Sample> {
 protected:
  const Sample& sample() const { return GetParam(); }
  domain::Outcome decode(const OperationRequest& operation, const std::string& body) const {
    return codec_->decode(operation, answer(sample().success_status, body));
  }
  // What its sheet says that it can be asked.
  std::vector<OperationKind> kinds() const {
    std::vector<OperationKind> out;
    for (const OperationCapability& row : codec_->sheet().operations) {
      if (row.supported) out.push_back(row.kind);
    }
    return out;
  }
  const Codec* codec_ = find_codec(GetParam().kind);
  Secret key_{view_of(kApiKey)};
  Access access_{&key_};
};

TEST(Registry, every_codec_is_under_contract_and_ordered) {
  const auto all = samples();
  ASSERT_EQ(codecs().size(), all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ(codecs()[i]->sheet().kind, all[i].kind);
  }
}

TEST_P(Contract, success_repeats_amount_currency_and_reference) {
  for (const OperationKind kind : kinds()) {
    const OperationRequest operation = sample().request(kind);
    const auto outcome = decode(operation, sample().success(kind));
    ASSERT_EQ(outcome.outcome, OutcomeClass::succeeded) << outcome.evidence;
    EXPECT_EQ(outcome.reference, operation.reference);
    EXPECT_EQ(outcome.amount, operation.amount);
    EXPECT_FALSE(outcome.psp_reference.empty());
    EXPECT_LE(outcome.psp_reference.size(), domain::kMaxPspReference);
    EXPECT_FALSE(outcome.evidence.empty());
  }
}

TEST_P(Contract, wrong_amounts_are_passed_on_or_unknown) {
  for (const OperationKind kind : kinds()) {
    std::string body = sample().success(kind);
    for (std::size_t at = body.find(sample().amount); at != std::string::npos;
         at = body.find(sample().amount, at)) {
      body.replace(at, sample().amount.size(), "129901");
    }
    const auto outcome = decode(sample().request(kind), body);
    if (outcome.outcome != OutcomeClass::succeeded) continue;
    EXPECT_NE(outcome.amount, sample().request(kind).amount);
  }
}

TEST_P(Contract, every_truncation_of_a_success_is_unknown) {
  for (const OperationKind kind : kinds()) {
    const std::string body = sample().success(kind);
    for (std::size_t size = 0; size < body.size(); ++size) {
      EXPECT_EQ(decode(sample().request(kind), body.substr(0, size)).outcome, OutcomeClass::unknown)
          << size;
    }
  }
}

TEST_P(Contract, unknown_fields_change_nothing) {
  for (const OperationKind kind : kinds()) {
    const std::string body =
        R"({"a_new_member":{"deep":[1,null,true]},)" + sample().success(kind).substr(1);
    EXPECT_EQ(decode(sample().request(kind), body).outcome, OutcomeClass::succeeded);
  }
}

TEST_P(Contract, no_success_is_of_another_status_and_no_server_error_a_fact) {
  for (const OperationKind kind : kinds()) {
    for (int status = 0; status < 600; ++status) {
      const auto outcome =
          codec_->decode(sample().request(kind), answer(status, sample().success(kind)));
      if (status == sample().success_status) continue;
      EXPECT_EQ(outcome.outcome, OutcomeClass::unknown) << status;
    }
    for (int status = 500; status < 600; ++status) {
      EXPECT_EQ(codec_->decode(sample().request(kind), answer(status, sample().refusal)).outcome,
                OutcomeClass::unknown);
    }
  }
}

TEST_P(Contract, a_refusal_before_the_key_says_nothing_about_an_earlier_send) {
  OperationRequest operation = sample().request(OperationKind::capture);
  const http::Response refusal = answer(sample().refusal_status, sample().refusal);
  EXPECT_EQ(codec_->decode(operation, refusal).outcome, OutcomeClass::refused);
  operation.replay = true;
  EXPECT_EQ(codec_->decode(operation, refusal).outcome, OutcomeClass::unknown);
}

TEST_P(Contract, a_replay_is_the_same_bytes_under_the_same_key) {
  for (const OperationKind kind : kinds()) {
    OperationRequest operation = sample().request(kind);
    const http::Request first = codec_->encode(operation, access_);
    operation.replay = true;
    EXPECT_EQ(render(codec_->encode(operation, access_)), render(first));
    EXPECT_EQ(first.headers.get("Idempotency-Key"), operation.psp_key);
  }
}

TEST_P(Contract, the_secret_is_in_the_authorization_field_alone) {
  std::vector<http::Request> requests{codec_->encode_check(access_)};
  for (const OperationKind kind : kinds()) {
    requests.push_back(codec_->encode(sample().request(kind), access_));
    requests.push_back(codec_->encode_inquiry(sample().request(kind), access_));
    if (codec_->sheet().can_cancel_key) {
      requests.push_back(codec_->encode_cancel_key(sample().request(kind), access_));
    }
  }
  for (const http::Request& request : requests) {
    EXPECT_EQ(request.body.find(kApiKey), std::string::npos);
    EXPECT_EQ(request.target.find(kApiKey), std::string::npos);
    EXPECT_TRUE(request.target.starts_with('/'));
    for (const auto& [name, value] : request.headers.fields()) {
      EXPECT_EQ(value.find(kApiKey) != std::string::npos, name == "Authorization") << name;
      EXPECT_EQ(value.find("lorin"), std::string::npos) << "names the product: " << name;
    }
  }
}

TEST_P(Contract, reads_are_reads) {
  EXPECT_EQ(codec_->encode_check(access_).method, "GET");
  for (const OperationKind kind : kinds()) {
    const http::Request inquiry = codec_->encode_inquiry(sample().request(kind), access_);
    EXPECT_EQ(inquiry.method, "GET");
    EXPECT_TRUE(inquiry.body.empty());
    EXPECT_EQ(inquiry.headers.count("Idempotency-Key"), 0U);
  }
}

TEST_P(Contract, the_sheet_is_complete_and_true) {
  const CapabilitySheet& sheet = codec_->sheet();
  EXPECT_FALSE(sheet.api_version.empty());
  EXPECT_FALSE(sheet.key_field.empty());
  EXPECT_FALSE(sheet.key_conflict.empty());
  EXPECT_FALSE(sheet.references.empty());
  for (const OperationKind kind : kinds()) {
    const OperationCapability& capability = sheet.of(kind);
    ASSERT_FALSE(capability.unknown_resolution.empty());
    // Whatever else fails, people decide.
    EXPECT_EQ(capability.unknown_resolution.back(), UnknownResolution::manual);
    for (const UnknownResolution way : capability.unknown_resolution) {
      if (way == UnknownResolution::replay_same_key) {
        EXPECT_TRUE(capability.idempotent);
        EXPECT_GT(capability.key_lifetime_s, 0);
      }
      EXPECT_TRUE(way != UnknownResolution::reverse || sheet.can_cancel_key);
    }
  }
  for (const OperationKind kind : kAllKinds) {
    EXPECT_TRUE(sheet.of(kind).supported) << domain::operation_kind_name(kind);
  }
  // What is not on the sheet is never sent.
  const OperationRequest increment = sample().request(OperationKind::increment);
  EXPECT_EQ(codec_->objection(increment).empty(), sheet.of(OperationKind::increment).supported);
  EXPECT_TRUE(domain::check_authorization_time(sheet.authorization).ok());
  EXPECT_FALSE(sheet.multiple_capture && !sheet.partial_capture);
  EXPECT_TRUE(sheet.notices == NoticeTrust::none || find_notice_verifier(sheet.kind) != nullptr);
}

// The rows of the fault matrix that a codec decides; the others are the client's, the core's and
// the recovery's, and are met by the system and interoperability tests.
TEST_P(Contract, the_fault_matrix_holds) {
  for (const FaultRow& row : fault_matrix(codec_->sheet())) {
    const OperationRequest operation = sample().request(row.operation);
    const std::string good = sample().success(row.operation);
    domain::Outcome outcome;
    if (row.fault.name == "server_error") {
      outcome = codec_->decode(operation, answer(500, sample().refusal));
    } else if (row.fault.name == "answer_cut_off") {
      outcome = decode(operation, good.substr(0, good.size() - 1));
    } else if (row.fault.name == "answer_malformed") {
      outcome = decode(operation, "<html>" + good);
    } else if (row.fault.name == "answer_of_another") {
      OperationRequest other = operation;
      other.reference = "op_01ARZ3NDEKTSV4RRFFQ69G5FAW";
      other.psp_reference = "other_payment";
      outcome = decode(other, good);
    } else if (row.fault.name == "credentials_refused") {
      outcome = codec_->decode(operation, answer(sample().refusal_status, sample().refusal));
    } else {
      continue;
    }
    EXPECT_EQ(outcome.outcome, row.fault.outcome)
        << row.fault.name << " " << domain::operation_kind_name(row.operation);
  }
}

TEST_P(Contract, codes_are_rows_of_the_decline_catalogue) {
  ASSERT_FALSE(codec_->declines().empty());
  for (const DeclineMapping& row : codec_->declines()) {
    EXPECT_FALSE(row.theirs.empty());
    EXPECT_EQ(find_decline(row.ours).code, row.ours) << row.theirs;
  }
}

TEST_P(Contract, damaged_bytes_never_crash_and_never_name_another_operation) {
  const unsigned seed = std::random_device{}();
  RecordProperty("seed", std::to_string(seed));
  std::cout << "seed " << seed << "\n";
  std::mt19937 random(seed);
  for (const OperationKind kind : kinds()) {
    const std::string good = sample().success(kind);
    const OperationRequest operation = sample().request(kind);
    for (int round = 0; round < 4'000; ++round) {
      std::string body = good;
      for (unsigned change = 0; change < 1 + random() % 4; ++change) {
        body[random() % body.size()] = static_cast<char>(random() % 256);
      }
      const auto outcome = decode(operation, body);
      if (outcome.outcome == OutcomeClass::succeeded) {
        EXPECT_EQ(outcome.reference, operation.reference);
      }
      (void)codec_->decode_inquiry(operation, answer(200, body));
      (void)codec_->decode_cancel_key(operation, answer(409, body));
      (void)codec_->decode_check(answer(200, body));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Codecs, Contract, testing::ValuesIn(samples()),
                         [](const auto& row) { return std::string(row.param.kind); });

}  // namespace
}  // namespace florin::connectors::contract_test

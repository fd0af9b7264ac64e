// Every encoded request of the sandbox codec equals its golden file.
#include <gtest/gtest.h>

#include "unit/connectors/golden.h"
#include "unit/connectors/sandbox_fixture.h"

namespace florin::connectors::sandbox_requests_test {
namespace {

class SandboxRequests : public SandboxFixture {};

TEST_F(SandboxRequests, operations_match_their_golden_files) {
  for (const domain::OperationKind kind : kAllKinds) {
    expect_golden("sandbox/" + std::string(domain::operation_kind_name(kind)),
                  codec_->encode(request(kind), access_));
  }
  expect_golden("sandbox/increment",
                codec_->encode(request(domain::OperationKind::increment), access_));
  OperationRequest final_capture = request(domain::OperationKind::capture);
  final_capture.final_capture = true;
  expect_golden("sandbox/capture_final", codec_->encode(final_capture, access_));
  OperationRequest bare = request(domain::OperationKind::authorize);
  bare.merchant_reference.clear();
  expect_golden("sandbox/authorize_bare", codec_->encode(bare, access_));
}

TEST_F(SandboxRequests, inquiry_and_cancellation_match_their_golden_files) {
  const OperationRequest operation = request(domain::OperationKind::sale);
  expect_golden("sandbox/inquiry", codec_->encode_inquiry(operation, access_));
  expect_golden("sandbox/cancel_key", codec_->encode_cancel_key(operation, access_));
}

TEST_F(SandboxRequests, a_replay_is_the_same_bytes) {
  OperationRequest operation = request(domain::OperationKind::refund);
  const std::string first = render(codec_->encode(operation, access_));
  operation.replay = true;
  EXPECT_EQ(render(codec_->encode(operation, access_)), first);
}

TEST_F(SandboxRequests, a_reference_of_the_acquirer_cannot_change_the_path) {
  OperationRequest operation = request(domain::OperationKind::capture);
  operation.psp_reference = "../x?y=1 \r\nHost: z";
  EXPECT_EQ(codec_->encode(operation, access_).target,
            "/v1/charges/%2E%2E%2Fx%3Fy%3D1%20%0D%0AHost%3A%20z/captures");
}

TEST(ApiKey, only_what_fits_a_header_field) {
  EXPECT_TRUE(check_api_key(view_of("sandbox-key-1234")).ok());
  EXPECT_FALSE(check_api_key(view_of("short")).ok());
  EXPECT_FALSE(check_api_key(view_of("with space in it")).ok());
  EXPECT_FALSE(check_api_key(view_of("line\r\nX-Evil: 1")).ok());
  EXPECT_FALSE(check_api_key(view_of(std::string(257, 'k'))).ok());
}

TEST_F(SandboxRequests, the_sheet_is_data) {
  const CapabilitySheet& sheet = codec_->sheet();
  EXPECT_TRUE(sheet.can_cancel_key);
  const auto& authorize = sheet.of(domain::OperationKind::authorize);
  EXPECT_TRUE(authorize.supported);
  EXPECT_TRUE(authorize.idempotent);
  EXPECT_EQ(authorize.unknown_resolution.front(), UnknownResolution::inquire);
  const auto printed = json::parse(json::write(to_json(sheet)));
  ASSERT_TRUE(printed.ok());
  EXPECT_EQ(printed->as_object().at("operations").as_array().size(), 6U);
  EXPECT_EQ(printed->as_object().at("authorization_validity_s"), 7 * 86'400);
  EXPECT_EQ(printed->as_object().at("authorization_margin_s"), 3'600);
  EXPECT_FALSE(CapabilitySheet{}.of(domain::OperationKind::refund).supported);
}

TEST(FindCodec, knows_each_kind_by_its_exact_name) {
  ASSERT_NE(find_codec("sandbox"), nullptr);
  EXPECT_EQ(find_codec("sandbox"), find_codec("sandbox"));
  ASSERT_NE(find_codec("stripe"), nullptr);
  EXPECT_NE(find_codec("stripe"), find_codec("sandbox"));
  EXPECT_EQ(find_codec("Sandbox"), nullptr);
  EXPECT_EQ(find_codec(""), nullptr);
}

}  // namespace
}  // namespace florin::connectors::sandbox_requests_test

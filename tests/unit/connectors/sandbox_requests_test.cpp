// Every encoded request of the sandbox codec equals its golden file. Set FLORIN_UPDATE_GOLDEN=1 to
// write them anew after a deliberate change.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "unit/connectors/sandbox_fixture.h"

namespace florin::connectors {
namespace {

std::string render(const http::Request& request) {
  std::string out = request.method + " " + request.target + "\n";
  for (const auto& [name, value] : request.headers.fields()) out += name + ": " + value + "\n";
  return out + "\n" + request.body + (request.body.empty() ? "" : "\n");
}

void expect_golden(const std::string& name, const http::Request& request) {
  const std::string path =
      std::string(FLORIN_TEST_DATA) + "/../golden/connectors/sandbox/" + name + ".http";
  if (std::getenv("FLORIN_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary) << render(request);
  }
  std::ifstream file(path, std::ios::binary);
  std::ostringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(render(request), golden.str()) << path;
}

class SandboxRequests : public SandboxFixture {};

TEST_F(SandboxRequests, operations_match_their_golden_files) {
  for (const domain::OperationKind kind : kAllKinds) {
    expect_golden(std::string(domain::operation_kind_name(kind)),
                  codec_->encode(request(kind), access_));
  }
  OperationRequest final_capture = request(domain::OperationKind::capture);
  final_capture.final_capture = true;
  expect_golden("capture_final", codec_->encode(final_capture, access_));
  OperationRequest bare = request(domain::OperationKind::authorize);
  bare.merchant_reference.clear();
  expect_golden("authorize_bare", codec_->encode(bare, access_));
}

TEST_F(SandboxRequests, inquiry_and_cancellation_match_their_golden_files) {
  const OperationRequest operation = request(domain::OperationKind::sale);
  expect_golden("inquiry", codec_->encode_inquiry(operation, access_));
  expect_golden("cancel_key", codec_->encode_cancel_key(operation, access_));
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

TEST_F(SandboxRequests, the_api_key_is_in_one_header_only) {
  for (const domain::OperationKind kind : kAllKinds) {
    const http::Request encoded = codec_->encode(request(kind), access_);
    EXPECT_EQ(encoded.body.find(kApiKey), std::string::npos);
    EXPECT_EQ(encoded.target.find(kApiKey), std::string::npos);
    int seen = 0;
    for (const auto& [name, value] : encoded.headers.fields()) {
      if (value.find(kApiKey) != std::string::npos) ++seen;
    }
    EXPECT_EQ(seen, 1);
  }
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
  EXPECT_EQ(printed->as_object().at("operations").as_array().size(), 5U);
  EXPECT_FALSE(CapabilitySheet{}.of(domain::OperationKind::refund).supported);
}

TEST(FindCodec, knows_the_sandbox_only) {
  ASSERT_NE(find_codec("sandbox"), nullptr);
  EXPECT_EQ(find_codec("sandbox"), find_codec("sandbox"));
  EXPECT_EQ(find_codec("Sandbox"), nullptr);
  EXPECT_EQ(find_codec(""), nullptr);
}

}  // namespace
}  // namespace florin::connectors

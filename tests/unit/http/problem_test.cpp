#include "daemon/http/problem.h"

#include <gtest/gtest.h>

#include "daemon/http/status.h"

namespace florin::http::problem_test {
namespace {

std::vector<Errc> all_codes() {
  std::vector<Errc> codes;
  for (int number = 0; number < 1000; ++number) {
    const auto code = static_cast<Errc>(number);
    // The catalogue answers unknown numbers with its last row.
    if (errc_name(code) != "internal" || code == Errc::internal) codes.push_back(code);
  }
  return codes;
}

TEST(Problem, EveryCodeHasAStatusOfItsClass) {
  ASSERT_GT(all_codes().size(), 60U);
  for (const Errc code : all_codes()) {
    const int status = status_of(code);
    EXPECT_FALSE(reason_of(status).empty()) << errc_name(code);
    const int family = status / 100;
    switch (errc_class(code)) {
      case ErrorClass::invalid:
        EXPECT_TRUE(family == 4 || status == 501 || status == 505) << errc_name(code);
        break;
      case ErrorClass::unauthenticated:
        EXPECT_EQ(status, 401) << errc_name(code);
        break;
      case ErrorClass::denied:
        EXPECT_EQ(status, 403) << errc_name(code);
        break;
      case ErrorClass::not_found:
        EXPECT_EQ(status, 404) << errc_name(code);
        break;
      case ErrorClass::conflict:
        EXPECT_EQ(status, 409) << errc_name(code);
        break;
      case ErrorClass::exhausted:
        EXPECT_TRUE(status == 429 || status == 503) << errc_name(code);
        break;
      case ErrorClass::unavailable:
        EXPECT_TRUE(status == 502 || status == 503) << errc_name(code);
        break;
      case ErrorClass::corrupt:
      case ErrorClass::internal:
        EXPECT_EQ(status, 500) << errc_name(code);
        break;
    }
  }
}

TEST(Problem, StatusesOfTheApi) {
  const std::pair<Errc, int> rows[] = {
      {Errc::malformed_json, 400},
      {Errc::header_invalid, 400},
      {Errc::idempotency_key_missing, 400},
      {Errc::idempotency_key_invalid, 400},
      {Errc::malformed_value, 422},
      {Errc::validation_failed, 422},
      {Errc::field_missing, 422},
      {Errc::amount_invalid, 422},
      {Errc::currency_mismatch, 422},
      {Errc::idempotency_key_reused, 422},
      {Errc::payload_too_large, 413},
      {Errc::uri_too_long, 414},
      {Errc::unsupported_media_type, 415},
      {Errc::expectation_failed, 417},
      {Errc::header_too_large, 431},
      {Errc::request_timeout, 408},
      {Errc::not_implemented, 501},
      {Errc::http_version_unsupported, 505},
      {Errc::not_acceptable, 406},
      {Errc::method_not_allowed, 405},
      {Errc::idempotency_in_progress, 409},
      {Errc::rate_limited, 429},
      {Errc::overloaded, 503},
      {Errc::connector_rejected, 502},
      {Errc::hsm_unavailable, 503},
  };
  for (const auto& [code, status] : rows) EXPECT_EQ(status_of(code), status) << errc_name(code);
}

TEST(Problem, GoldenDocument) {
  const std::vector<Error> errors = {
      Error(Errc::validation_failed, "", "Two fields are wrong.", "for the log only"),
      Error(Errc::amount_invalid, "/amount", ""),
      Error(Errc::field_missing, "/currency", "Say which currency.")};
  const Response response = problem(errors, "req_1", {{"resource", "/v1/payments/pay_1"}});
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
  EXPECT_EQ(response.headers.count("Retry-After"), 0U);
  EXPECT_EQ(response.body,
            R"({"type":"about:blank","title":"Unprocessable Content","status":422,)"
            R"("detail":"Two fields are wrong.","code":"validation-failed","request_id":"req_1",)"
            R"("errors":[{"pointer":"/amount","code":"amount-invalid",)"
            R"("detail":"The amount is not allowed."},{"pointer":"/currency",)"
            R"("code":"field-missing","detail":"Say which currency."}],)"
            R"("resource":"/v1/payments/pay_1"})");
}

TEST(Problem, OwnFaultsSayNothing) {
  for (const Errc code : {Errc::internal, Errc::ledger_corrupt, Errc::decryption_failed}) {
    const Response response = problem(Error(code, "/secret/path", "segment 7 is broken", "x"), "");
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.body,
              R"({"type":"about:blank","title":"Internal Server Error","status":500,)"
              R"("detail":"Something went wrong on our side.","code":"internal"})");
  }
  EXPECT_EQ(problem(std::vector<Error>{}, "").status, 500);
}

TEST(Problem, LaterAndAllow) {
  EXPECT_EQ(problem(Error(Errc::rate_limited), "").headers.get("Retry-After"), "1");
  EXPECT_EQ(problem(Error(Errc::unavailable), "").headers.get("Retry-After"), "5");
  EXPECT_EQ(problem(Error(Errc::method_not_allowed, "", "", "GET, HEAD"), "").headers.get("Allow"),
            "GET, HEAD");
}

TEST(Problem, NoAnswerNamesTheProduct) {
  for (const Errc code : all_codes()) {
    const std::string bytes = serialize(problem(Error(code), "req_1"), false, false);
    EXPECT_EQ(bytes.find("lorin"), std::string::npos) << errc_name(code);
    EXPECT_EQ(bytes.find("Server:"), std::string::npos) << errc_name(code);
  }
}

}  // namespace
}  // namespace florin::http::problem_test

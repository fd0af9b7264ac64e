// Requests, faults and options: what is taken, what is refused, and with which words.
#include <gtest/gtest.h>

#include "sandbox/faults.h"
#include "sandbox/options.h"
#include "sandbox/requests.h"

namespace florin::sandbox::inputs_test {
namespace {

Result<Command> read(OperationKind kind, const std::string& body,
                     const std::string& key = "0123456789abcdef") {
  http::Request request;
  request.method = "POST";
  request.target = "/v1/charges";
  if (!key.empty()) request.headers.add("Idempotency-Key", key);
  request.body = body;
  return read_command(kind, "ch_1", request);
}

constexpr const char* kCharge =
    R"({"reference":"op_1","amount":100,"currency":"JPY","token":"tok_approve","capture":true})";

TEST(Requests, a_charge) {
  const auto command = read(OperationKind::charge, kCharge);
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(command->reference, "op_1");
  EXPECT_EQ(command->amount->minor(), 100);
  EXPECT_TRUE(command->capture);
  EXPECT_EQ(command->fingerprint.size(), 64U);
}

TEST(Requests, keys_are_mandatory_and_narrow) {
  for (const std::string& key : {std::string(), std::string("short"), std::string(65, 'a'),
                                 std::string("0123456789abcde/")}) {
    const auto command = read(OperationKind::charge, kCharge, key);
    ASSERT_FALSE(command.ok());
    EXPECT_EQ(command.error().code(), Errc::idempotency_key_invalid);
  }
}

TEST(Requests, bad_bodies) {
  const struct {
    OperationKind kind;
    const char* body;
  } rows[] = {
      {OperationKind::charge, ""},
      {OperationKind::charge, "[]"},
      {OperationKind::charge, R"({"reference":"r"})"},
      {OperationKind::refund, R"({"reference":"r","amount":0,"currency":"EUR"})"},
      {OperationKind::refund, R"({"reference":"r","amount":-1,"currency":"EUR"})"},
      {OperationKind::refund, R"({"reference":"r","amount":1.5,"currency":"EUR"})"},
      {OperationKind::refund, R"({"reference":"r","amount":9007199254740992,"currency":"EUR"})"},
      {OperationKind::refund, R"({"reference":"r","amount":1,"currency":"eur"})"},
      {OperationKind::refund, R"({"reference":"r","amount":1,"amount":1,"currency":"EUR"})"},
      {OperationKind::refund, R"({"reference":"r","amount":1,"currency":"EUR","final":true})"},
      {OperationKind::capture, R"({"reference":"r","amount":1,"currency":"EUR"})"},
      {OperationKind::void_, R"({"reference":"r","amount":1,"currency":"EUR"})"},
      {OperationKind::void_, R"({"reference":""})"},
  };
  for (const auto& row : rows) EXPECT_FALSE(read(row.kind, row.body).ok()) << row.body;
  EXPECT_TRUE(read(OperationKind::void_, R"({"reference":"r"})").ok());
}

Result<void> arm(Faults& faults, const char* body) {
  const auto parsed = json::parse(body);
  EXPECT_TRUE(parsed.ok());
  return faults.arm(*parsed);
}

TEST(FaultsTest, are_counted_down_in_order) {
  Faults faults;
  ASSERT_TRUE(arm(faults, R"({"rules":[{"operation":"charge","behaviour":"close_after","count":2},
      {"operation":"refund","behaviour":"stall","count":1},
      {"operation":"charge","behaviour":"error_500_after","count":1}]})")
                  .ok());
  EXPECT_FALSE(faults.take("capture").has_value());
  EXPECT_EQ(faults.take("charge"), Behaviour::close_after);
  EXPECT_EQ(faults.take("charge"), Behaviour::close_after);
  EXPECT_EQ(faults.take("charge"), Behaviour::error_500_after);
  EXPECT_FALSE(faults.take("charge").has_value());
  EXPECT_EQ(faults.take("refund"), Behaviour::stall);
  ASSERT_TRUE(arm(faults, R"({"rules":[]})").ok());
  EXPECT_EQ(json::write(faults.print()), R"({"rules":[]})");
}

TEST(FaultsTest, bad_rules_change_nothing) {
  Faults faults;
  ASSERT_TRUE(
      arm(faults, R"({"rules":[{"operation":"void","behaviour":"stall_before","count":1}]})").ok());
  for (const char* body :
       {R"([])", R"({})", R"({"rules":{}})", R"({"rules":[1]})", R"({"rules":[],"x":1})",
        R"({"rules":[{"operation":"x","behaviour":"stall","count":1}]})",
        R"({"rules":[{"operation":"void","behaviour":"x","count":1}]})",
        R"({"rules":[{"operation":"void","behaviour":"stall","count":-1}]})",
        R"({"rules":[{"operation":"void","behaviour":"stall"}]})"}) {
    EXPECT_FALSE(arm(faults, body).ok()) << body;
  }
  EXPECT_EQ(faults.take("void"), Behaviour::stall_before);
}

TEST(OptionsTest, all_of_them) {
  const std::string_view arguments[] = {"--certificate",
                                        "c.pem",
                                        "--private-key=k.pem",
                                        "--book",
                                        "b.jsonl",
                                        "--api-key-file",
                                        "key",
                                        "--port",
                                        "8443",
                                        "--stall-ms",
                                        "5",
                                        "--address",
                                        "::1",
                                        "--port-file",
                                        "p",
                                        "--amount-outcomes",
                                        "off"};
  const auto options = parse_options(arguments);
  ASSERT_TRUE(options.ok()) << options.error().to_log();
  EXPECT_EQ(options->port, 8443);
  EXPECT_EQ(options->private_key, "k.pem");
  EXPECT_EQ(options->stall.count(), 5);
  EXPECT_FALSE(options->amount_outcomes);
}

TEST(OptionsTest, mistakes_name_the_option) {
  const std::vector<std::vector<std::string_view>> rows = {{"--port", "70000"},
                                                           {"--port", "x"},
                                                           {"--port"},
                                                           {"--nothing", "1"},
                                                           {"--amount-outcomes", "maybe"},
                                                           {"--stall-ms", "-1"},
                                                           {"--certificate", "c"}};
  for (const auto& row : rows) {
    const auto options = parse_options(row);
    ASSERT_FALSE(options.ok());
    EXPECT_TRUE(options.error().field().starts_with("--"));
  }
  const std::string_view help[] = {"--help"};
  EXPECT_TRUE(parse_options(help)->help);
  EXPECT_NE(help_text().find("test and evaluation tool"), std::string_view::npos);
}

}  // namespace
}  // namespace florin::sandbox::inputs_test

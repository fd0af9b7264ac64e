#include "daemon/api/payment_requests.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace florin::api::payment_requests_test {
namespace {

using Expected = std::multiset<std::pair<std::string, std::string>>;  // pointer, code

json::value parsed(const std::string& text) {
  auto value = json::parse(text);
  EXPECT_TRUE(value.ok()) << text << ": " << value.error().to_log();
  return value.ok() ? *value : json::value();
}

Expected seen(const Problems& problems) {
  Expected out;
  for (const Error& error : problems) {
    out.emplace(error.field(), errc_name(error.code()));
    EXPECT_FALSE(error.message().empty());
  }
  return out;
}

template <class T>
Expected problems_of(const Parsed<T>& result) {
  const auto* problems = std::get_if<Problems>(&result);
  return problems == nullptr ? Expected{} : seen(*problems);
}

// A valid body whose members can be replaced by other JSON texts, or left out with "".
std::string create_body(const std::map<std::string, std::string>& changes = {}) {
  std::map<std::string, std::string> members = {
      {"amount", R"({"value":1299,"currency":"EUR"})"},
      {"payment_method", R"({"type":"token","token":"tok_1"})"},
      {"merchant_reference", R"("order-1")"}};
  for (const auto& [name, text] : changes) members[name] = text;
  std::string out = "{";
  for (const auto& [name, text] : members) {
    if (text.empty()) continue;
    if (out.size() > 1) out += ",";
    out += "\"" + name + "\":" + text;
  }
  return out + "}";
}

std::string in_quotes(const std::string& text) {
  return "\"" + text + "\"";
}

TEST(CreateBody, TakesTheLeastAndTheMost) {
  const auto least = parse_create(parsed(create_body()));
  const auto* body = std::get_if<CreateBody>(&least);
  ASSERT_NE(body, nullptr);
  EXPECT_TRUE(body->confirm);
  const domain::PaymentTerms* terms = &body->terms;
  EXPECT_EQ(terms->amount.minor(), 1'299);
  EXPECT_EQ(terms->amount.currency().code(), "EUR");
  EXPECT_EQ(terms->capture_method, domain::CaptureMethod::automatic);
  EXPECT_EQ(terms->merchant_reference, "order-1");
  EXPECT_EQ(terms->payment_token, "tok_1");
  EXPECT_EQ(terms->description, "");
  EXPECT_EQ(terms->metadata, "{}");
  EXPECT_FALSE(terms->has_branch());

  const std::string branch = "mer_01KAJ3V7S0Q4T5W6X7Y8Z9ABCE";
  const auto of_branch = parse_create(parsed(create_body({{"branch", in_quotes(branch)}})));
  ASSERT_TRUE(std::holds_alternative<CreateBody>(of_branch));
  EXPECT_EQ(std::get<CreateBody>(of_branch).terms.branch.text(), branch);

  const auto most = parse_create(parsed(create_body(
      {{"amount", R"({"value":9007199254740991,"currency":"KWD","exponent":3})"},
       {"merchant_reference", in_quotes(std::string(64, 'r'))},
       {"payment_method", R"({"type":"token","token":")" + std::string(128, '~') + "\"}"},
       {"description", in_quotes(std::string(256, 'd'))},
       {"capture_method", R"("manual")"},
       {"metadata", R"({"b":"2","a":"1"})"},
       {"confirm", "false"}})));
  body = std::get_if<CreateBody>(&most);
  ASSERT_NE(body, nullptr);
  EXPECT_FALSE(body->confirm);
  terms = &body->terms;
  EXPECT_EQ(terms->amount.minor(), kMaxAmountMinor);
  EXPECT_EQ(terms->capture_method, domain::CaptureMethod::manual);
  EXPECT_EQ(terms->metadata, R"({"a":"1","b":"2"})");
}

TEST(CreateBody, EveryProblemIsNamed) {
  struct Row {
    const char* name;
    std::string body;
    Expected expected;
  };
  const auto with = [](const std::string& member, const std::string& text) {
    return create_body({{member, text}});
  };
  const auto amount = [&](const std::string& value, const std::string& rest) {
    return with("amount", R"({"value":)" + value + rest + "}");
  };
  const std::string eur = R"(,"currency":"EUR")";
  const Row rows[] = {
      {"nothing",
       "{}",
       {{"/amount", "field-missing"},
        {"/payment_method", "field-missing"},
        {"/merchant_reference", "field-missing"}}},
      {"no object", "[]", {{"", "field-type"}}},
      {"a text", R"("x")", {{"", "field-type"}}},
      {"null", "null", {{"", "field-type"}}},
      {"unknown member", with("amonut", "1"), {{"/amonut", "field-unknown"}}},
      {"unknown member with slash and tilde", with("a/b~c", "1"), {{"/a~1b~0c", "field-unknown"}}},
      {"status cannot be set", with("status", R"("succeeded")"), {{"/status", "field-unknown"}}},
      {"merchant cannot be set", with("merchant", R"("mer_1")"), {{"/merchant", "field-unknown"}}},
      {"several at once",
       create_body({{"merchant_reference", "5"}, {"capture_method", R"("later")"}, {"x", "1"}}),
       {{"/merchant_reference", "field-type"},
        {"/capture_method", "malformed-value"},
        {"/x", "field-unknown"}}},

      {"amount missing", with("amount", ""), {{"/amount", "field-missing"}}},
      {"amount null", with("amount", "null"), {{"/amount", "field-type"}}},
      {"amount a number", with("amount", "1299"), {{"/amount", "field-type"}}},
      {"amount empty",
       with("amount", "{}"),
       {{"/amount/value", "field-missing"}, {"/amount/currency", "field-missing"}}},
      {"amount with more",
       amount("1", eur + R"(,"unit":"major")"),
       {{"/amount/unit", "field-unknown"}}},
      {"value 0", amount("0", eur), {{"/amount/value", "amount-invalid"}}},
      {"value -1", amount("-1", eur), {{"/amount/value", "amount-invalid"}}},
      {"value 2^53", amount("9007199254740992", eur), {{"/amount/value", "amount-invalid"}}},
      {"value 2^63-1", amount("9223372036854775807", eur), {{"/amount/value", "amount-invalid"}}},
      {"value a text", amount(R"("100")", eur), {{"/amount/value", "field-type"}}},
      {"value true", amount("true", eur), {{"/amount/value", "field-type"}}},
      {"value null", amount("null", eur), {{"/amount/value", "field-type"}}},
      {"value a list", amount("[1]", eur), {{"/amount/value", "field-type"}}},
      {"currency missing", amount("1", ""), {{"/amount/currency", "field-missing"}}},
      {"currency unknown",
       amount("1", R"(,"currency":"XYZ")"),
       {{"/amount/currency", "currency-unknown"}}},
      {"currency lower case",
       amount("1", R"(,"currency":"eur")"),
       {{"/amount/currency", "currency-unknown"}}},
      {"currency mixed case",
       amount("1", R"(,"currency":"Eur")"),
       {{"/amount/currency", "currency-unknown"}}},
      {"currency too long",
       amount("1", R"(,"currency":"EURO")"),
       {{"/amount/currency", "value-too-long"}}},
      {"currency empty",
       amount("1", R"(,"currency":"")"),
       {{"/amount/currency", "malformed-value"}}},
      {"currency a number",
       amount("1", R"(,"currency":978)"),
       {{"/amount/currency", "field-type"}}},
      {"currency without minor unit",
       amount("1", R"(,"currency":"XAU")"),
       {{"/amount/currency", "currency-unknown"}}},
      {"exponent of EUR",
       amount("1", eur + R"(,"exponent":3)"),
       {{"/amount/exponent", "amount-invalid"}}},
      {"exponent of JPY",
       amount("1", R"(,"currency":"JPY","exponent":2)"),
       {{"/amount/exponent", "amount-invalid"}}},
      {"exponent of KWD",
       amount("1", R"(,"currency":"KWD","exponent":2)"),
       {{"/amount/exponent", "amount-invalid"}}},
      {"exponent a text",
       amount("1", eur + R"(,"exponent":"2")"),
       {{"/amount/exponent", "field-type"}}},
      {"value and currency",
       amount("0", R"(,"currency":"eur")"),
       {{"/amount/value", "amount-invalid"}, {"/amount/currency", "currency-unknown"}}},

      {"method missing", with("payment_method", ""), {{"/payment_method", "field-missing"}}},
      {"method a text", with("payment_method", R"("tok_1")"), {{"/payment_method", "field-type"}}},
      {"method empty",
       with("payment_method", "{}"),
       {{"/payment_method/type", "field-missing"}, {"/payment_method/token", "field-missing"}}},
      {"method of a card",
       with("payment_method", R"({"type":"card","number":"4111111111111111"})"),
       {{"/payment_method/type", "malformed-value"},
        {"/payment_method/token", "field-missing"},
        {"/payment_method/number", "field-unknown"}}},
      {"token with a blank",
       with("payment_method", R"({"type":"token","token":"a b"})"),
       {{"/payment_method/token", "malformed-value"}}},
      {"token with a letter outside ASCII",
       with("payment_method", R"({"type":"token","token":"\u00e9"})"),
       {{"/payment_method/token", "malformed-value"}}},
      {"token empty",
       with("payment_method", R"({"type":"token","token":""})"),
       {{"/payment_method/token", "malformed-value"}}},
      {"token too long",
       with("payment_method", R"({"type":"token","token":")" + std::string(129, 't') + "\"}"),
       {{"/payment_method/token", "value-too-long"}}},

      {"reference empty",
       with("merchant_reference", R"("")"),
       {{"/merchant_reference", "malformed-value"}}},
      {"reference too long",
       with("merchant_reference", in_quotes(std::string(65, 'r'))),
       {{"/merchant_reference", "value-too-long"}}},
      {"reference a list",
       with("merchant_reference", "[]"),
       {{"/merchant_reference", "field-type"}}},
      {"branch by name", with("branch", R"("shop-north")"), {{"/branch", "malformed-value"}}},
      {"branch of another kind",
       with("branch", R"("pay_01KAJ3V7S0Q4T5W6X7Y8Z9ABCE")"),
       {{"/branch", "malformed-value"}}},
      {"branch of nobody",
       with("branch", in_quotes("mer_" + std::string(26, '0'))),
       {{"/branch", "malformed-value"}}},
      {"branch empty", with("branch", R"("")"), {{"/branch", "malformed-value"}}},
      {"branch a number", with("branch", "7"), {{"/branch", "field-type"}}},
      {"description too long",
       with("description", in_quotes(std::string(257, 'd'))),
       {{"/description", "value-too-long"}}},
      {"description null", with("description", "null"), {{"/description", "field-type"}}},
      {"capture method in capitals",
       with("capture_method", R"("MANUAL")"),
       {{"/capture_method", "malformed-value"}}},
      {"confirm a text", with("confirm", R"("no")"), {{"/confirm", "field-type"}}},
      {"capture method a flag",
       with("capture_method", "false"),
       {{"/capture_method", "field-type"}}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(problems_of(parse_create(parsed(row.body))), row.expected) << row.name;
  }
}

// Numbers that are not plain whole numbers never reach the fields, but the answer names the field.
TEST(CreateBody, AmountsWithFractionOrExponentAreNoNumbersOfOurs) {
  const std::pair<const char*, Errc> rows[] = {{"1.0", Errc::field_type},
                                               {"1e2", Errc::field_type},
                                               {"12.99", Errc::field_type},
                                               {"-0", Errc::field_type},
                                               {"9223372036854775808", Errc::field_type},
                                               {"01", Errc::malformed_json},
                                               {"+1", Errc::malformed_json},
                                               {"NaN", Errc::malformed_json},
                                               {"", Errc::malformed_json}};
  for (const auto& [value, code] : rows) {
    const std::string body =
        create_body({{"amount", std::string(R"({"value":)") + value + R"(,"currency":"EUR"})"}});
    const auto result = json::parse(body);
    ASSERT_FALSE(result.ok()) << value;
    EXPECT_EQ(result.error().code(), code) << value;
    if (code == Errc::field_type) {
      EXPECT_EQ(result.error().field(), "/amount/value") << value;
    }
  }
}

TEST(CreateBody, ExponentsThatFit) {
  for (const char* rest :
       {R"("EUR","exponent":2)", R"("JPY","exponent":0)", R"("KWD","exponent":3)"}) {
    const std::string body =
        create_body({{"amount", std::string(R"({"value":1,"currency":)") + rest + "}"}});
    EXPECT_TRUE(problems_of(parse_create(parsed(body))).empty()) << rest;
  }
}

TEST(CreateBody, ControlAndInvisibleCharactersAreRefused) {
  const char* const bad[] = {R"(\n)",           R"(\t)",          R"(\u0001)", R"(\u001f)",
                             R"(\u007f)",       R"(\u0080)",      R"(\u009f)",
                             R"(\u00ad)",  // soft hyphen
                             R"(\u061c)",  // Arabic letter mark
                             R"(\u180e)",  // Mongolian vowel separator
                             R"(\u200b)",       R"(\u200c)",      R"(\u200d)", R"(\u200e)",
                             R"(\u200f)",       R"(\u2028)",      R"(\u2029)", R"(\u202a)",
                             R"(\u202e)",       R"(\u2060)",      R"(\u2066)", R"(\u2069)",
                             R"(\u206f)",
                             R"(\ufeff)",                            // byte order mark
                             R"(\ufff9)",       R"(\ufffb)",         // interlinear annotation
                             R"(\udb40\udc20)", R"(\udb40\udc7f)"};  // tags
  for (const char* character : bad) {
    for (const char* member : {"merchant_reference", "description"}) {
      for (const std::string& text : {"a" + std::string(character) + "b", std::string(character)}) {
        const Expected expected = {{std::string("/") + member, "malformed-value"}};
        EXPECT_EQ(problems_of(parse_create(parsed(create_body({{member, in_quotes(text)}})))),
                  expected)
            << member << " " << text;
      }
    }
  }
  for (const char* good : {"Caf\xC3\xA9", "\xE2\x82\xAC 5", "\xE6\x97\xA5\xE6\x9C\xAC",
                           "\xD8\xA7\xD9\x84", "\xF0\x9F\x98\x80", "\xC2\xA0", "\xE2\x80\xA6"}) {
    EXPECT_TRUE(
        problems_of(parse_create(parsed(create_body({{"description", in_quotes(good)}})))).empty())
        << good;
  }
}

TEST(CreateBody, MetadataRules) {
  const auto members = [](int count, std::size_t value) {
    std::string out = "{";
    for (int i = 0; i < count; ++i) {
      if (i > 0) out += ",";
      out += "\"k" + std::to_string(i) + "\":\"" + std::string(value, 'v') + "\"";
    }
    return out + "}";
  };
  struct Row {
    const char* name;
    std::string metadata;
    Expected expected;
  };
  const std::string long_name(41, 'n');
  const Row rows[] = {
      {"empty", "{}", {}},
      {"fifty", members(50, 1), {}},
      {"longest name", R"({")" + std::string(40, 'n') + R"(":"v"})", {}},
      {"longest value", R"({"k":")" + std::string(500, 'v') + "\"}", {}},
      {"fifty-one", members(51, 1), {{"/metadata", "value-too-long"}}},
      {"too many bytes", members(5, 490), {{"/metadata", "value-too-long"}}},
      {"too many bytes once escaped",
       R"({"a":")" +
           std::string(400, '"').replace(0, 400,
                                         [] {
                                           std::string text;
                                           for (int i = 0; i < 249; ++i) text += "\xC3\xA9";
                                           return text;
                                         }()) +
           R"(","b":"\u00e9)" + std::string(450, 'v') + R"(","c":")" + std::string(200, 'v') +
           "\"}",
       {{"/metadata", "value-too-long"}}},
      {"list", "[]", {{"/metadata", "field-type"}}},
      {"null", "null", {{"/metadata", "field-type"}}},
      {"number inside", R"({"k":5})", {{"/metadata/k", "field-type"}}},
      {"object inside", R"({"k":{}})", {{"/metadata/k", "field-type"}}},
      {"empty value", R"({"k":""})", {{"/metadata/k", "malformed-value"}}},
      {"value too long",
       R"({"k":")" + std::string(501, 'v') + "\"}",
       {{"/metadata/k", "value-too-long"}}},
      {"empty name", R"({"":"v"})", {{"/metadata/", "malformed-value"}}},
      {"name too long",
       R"({")" + long_name + R"(":"v"})",
       {{"/metadata/" + long_name.substr(0, 40), "malformed-value"}}},
      {"control in a name", R"({"a\nb":"v"})", {{"/metadata/a\nb", "malformed-value"}}},
      {"slash in a name", R"({"a/b":5})", {{"/metadata/a~1b", "field-type"}}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(problems_of(parse_create(parsed(create_body({{"metadata", row.metadata}})))),
              row.expected)
        << row.name;
  }
  EXPECT_FALSE(json::parse(create_body({{"metadata", R"({"k":"1","k":"2"})"}})).ok());
}

TEST(CaptureBody, Table) {
  struct Row {
    std::string body;
    Expected expected;
  };
  const Row rows[] = {
      {"{}", {}},
      {R"({"amount":{"value":5,"currency":"EUR"}})", {}},
      {R"({"final":true})", {}},
      {R"({"final":"true"})", {{"/final", "field-type"}}},
      {R"({"final":1})", {{"/final", "field-type"}}},
      {R"({"amount":null})", {{"/amount", "field-type"}}},
      {R"({"amount":{"value":0,"currency":"EUR"}})", {{"/amount/value", "amount-invalid"}}},
      {R"({"amount":5})", {{"/amount", "field-type"}}},
      {R"({"reason":"x"})", {{"/reason", "field-unknown"}}},
      {"[]", {{"", "field-type"}}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(problems_of(parse_capture(parsed(row.body))), row.expected) << row.body;
  }
  const auto whole = parse_capture(parsed("{}"));
  EXPECT_FALSE(std::get<CaptureBody>(whole).amount.has_value());
  EXPECT_FALSE(std::get<CaptureBody>(whole).final_capture);
  const auto part =
      parse_capture(parsed(R"({"amount":{"value":5,"currency":"EUR"},"final":true})"));
  EXPECT_EQ(std::get<CaptureBody>(part).amount->minor(), 5);
  EXPECT_TRUE(std::get<CaptureBody>(part).final_capture);
}

TEST(RefundBody, Table) {
  struct Row {
    std::string body;
    Expected expected;
  };
  const std::string amount = R"("amount":{"value":5,"currency":"EUR"})";
  const Row rows[] = {
      {"{" + amount + "}", {}},
      {"{" + amount + R"(,"reason":"returned"})", {}},
      {"{}", {{"/amount", "field-missing"}}},
      {"{" + amount + R"(,"reason":""})", {{"/reason", "malformed-value"}}},
      {"{" + amount + R"(,"reason":"\u202e"})", {{"/reason", "malformed-value"}}},
      {"{" + amount + R"(,"reason":")" + std::string(65, 'r') + "\"}",
       {{"/reason", "value-too-long"}}},
      {"{" + amount + R"(,"final":true})", {{"/final", "field-unknown"}}},
      {R"({"amount":{"value":-5,"currency":"EUR"}})", {{"/amount/value", "amount-invalid"}}},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(problems_of(parse_refund(parsed(row.body))), row.expected) << row.body;
  }
}

TEST(EmptyBody, TakesNothing) {
  EXPECT_TRUE(parse_empty(parsed("{}")).empty());
  EXPECT_EQ(seen(parse_empty(parsed(R"({"amount":1})"))), (Expected{{"/amount", "field-unknown"}}));
  EXPECT_EQ(seen(parse_empty(parsed("[]"))), (Expected{{"", "field-type"}}));
}

TEST(ListQuery, Table) {
  struct Row {
    std::string query;
    std::size_t limit;
    std::string cursor;
    Expected expected;
  };
  const Row rows[] = {
      {"", 25, "", {}},
      {"limit=1", 1, "", {}},
      {"limit=100", 100, "", {}},
      {"cursor=abc&limit=7", 7, "abc", {}},
      {"cursor=a%2Bb", 25, "a+b", {}},
      {"branch=mer_01KAJ3V7S0Q4T5W6X7Y8Z9ABCE", 25, "", {}},
      {"branch=shop-north", 0, "", {{"branch", "malformed-value"}}},
      {"branch=", 0, "", {{"branch", "field-unknown"}}},
      {"limit=0", 0, "", {{"limit", "malformed-value"}}},
      {"limit=101", 0, "", {{"limit", "malformed-value"}}},
      {"limit=-1", 0, "", {{"limit", "malformed-value"}}},
      {"limit=+5", 0, "", {{"limit", "malformed-value"}}},
      {"limit=5x", 0, "", {{"limit", "malformed-value"}}},
      {"limit=", 0, "", {{"limit", "malformed-value"}}},
      {"limit=99999999999999999999999", 0, "", {{"limit", "malformed-value"}}},
      {"limit=1&limit=2", 0, "", {{"limit", "field-unknown"}}},
      {"cursor=a&cursor=b", 0, "", {{"cursor", "field-unknown"}}},
      {"cursor=", 0, "", {{"cursor", "field-unknown"}}},
      {"status=failed", 0, "", {{"status", "field-unknown"}}},
      {"Limit=5", 0, "", {{"Limit", "field-unknown"}}},
      {"=5", 0, "", {{"query", "field-unknown"}}},
      {"limit=%zz", 0, "", {{"query", "malformed-value"}}},
      {"limit=0&x=1", 0, "", {{"limit", "malformed-value"}, {"x", "field-unknown"}}},
  };
  for (const Row& row : rows) {
    const auto result = parse_list_query(row.query);
    EXPECT_EQ(problems_of(result), row.expected) << row.query;
    if (const auto* taken = std::get_if<ListQuery>(&result)) {
      EXPECT_EQ(taken->limit, row.limit) << row.query;
      EXPECT_EQ(taken->cursor, row.cursor) << row.query;
    }
  }
}

TEST(ContentType, OnlyJsonInUtf8) {
  const auto check = [](std::optional<std::string> value, std::string body) {
    http::Request request;
    request.body = std::move(body);
    if (value) request.headers.add("Content-Type", *value);
    return check_content_type(request);
  };
  EXPECT_TRUE(check(std::nullopt, "").ok());
  for (const char* good : {"application/json", "application/json; charset=utf-8",
                           "application/json;charset=utf-8", "application/json; charset=UTF-8",
                           "Application/JSON", "application/json;charset=\"utf-8\""}) {
    EXPECT_TRUE(check(good, "{}").ok()) << good;
    EXPECT_TRUE(check(good, "").ok()) << good;
  }
  for (const char* bad :
       {"", "text/plain", "text/json", "application/jsonp", "application/json; charset=latin-1",
        "application/json, text/plain", "application/x-www-form-urlencoded", "application/json;",
        "application/json; q=1", "application/problem+json"}) {
    const auto result = check(bad, "{}");
    ASSERT_FALSE(result.ok()) << bad;
    EXPECT_EQ(result.error().code(), Errc::unsupported_media_type);
    EXPECT_EQ(result.error().field(), "Content-Type");
  }
  EXPECT_FALSE(check(std::nullopt, "{}").ok());
  http::Request twice;
  twice.headers.add("Content-Type", "application/json");
  twice.headers.add("content-type", "application/json");
  EXPECT_FALSE(check_content_type(twice).ok());
}

TEST(PreferredWait, OnlyInItsOneForm) {
  const auto wait_of = [](const char* value) {
    http::Request request;
    if (value != nullptr) request.headers.add("Prefer", value);
    return preferred_wait(request).count();
  };
  EXPECT_EQ(wait_of(nullptr), 0);
  EXPECT_EQ(wait_of("wait=5"), 5);
  EXPECT_EQ(wait_of("wait=0"), 0);
  EXPECT_EQ(wait_of("wait=20"), 20);
  EXPECT_EQ(wait_of("wait=100000"), 20);
  for (const char* other : {"wait", "wait=", "wait=-1", "wait=5s", "wait=99999999999", "x", ""}) {
    EXPECT_EQ(wait_of(other), 0) << other;
  }
}

}  // namespace
}  // namespace florin::api::payment_requests_test

#include "daemon/admin/body.h"

#include <gtest/gtest.h>

namespace florin::admin::body_test {
namespace {

http::Request request_of(std::string target, std::string body = {}) {
  http::Request request;
  request.method = body.empty() ? "GET" : "POST";
  request.target = std::move(target);
  request.body = std::move(body);
  return request;
}

TEST(ReadTexts, GivesValuesInTheOrderAsked) {
  const auto texts =
      read_texts(request_of("/", R"({"b":"2","a":"1"})"), {{"a", 5}, {"b", 5}, {"c", 5, false}});
  ASSERT_TRUE(texts.ok());
  EXPECT_EQ(*texts, (std::vector<std::string>{"1", "2", ""}));
  EXPECT_TRUE(read_texts(request_of("/"), {{"c", 5, false}}).ok());
}

TEST(ReadTexts, EveryProblemIsNamed) {
  struct Row {
    std::string body;
    Errc code;
    std::string field;
  };
  const Row rows[] = {
      {"", Errc::field_missing, "/name"},
      {"{}", Errc::field_missing, "/name"},
      {R"({"name":5})", Errc::field_type, "/name"},
      {R"({"name":null})", Errc::field_type, "/name"},
      {R"({"name":""})", Errc::malformed_value, "/name"},
      {R"({"name":"123456"})", Errc::value_too_long, "/name"},
      {R"({"name":"1","other":"2"})", Errc::field_unknown, "/other"},
      {R"({"name":"1","name":"2"})", Errc::malformed_json, "/name"},
      {R"({"name":"1")", Errc::malformed_json, ""},
      {R"({"name":"1"} x)", Errc::malformed_json, ""},
      {"[]", Errc::field_type, ""},
      {R"("name")", Errc::field_type, ""},
  };
  for (const Row& row : rows) {
    const auto texts = read_texts(request_of("/", row.body), {{"name", 5}});
    ASSERT_FALSE(texts.ok()) << row.body;
    EXPECT_EQ(texts.error().code(), row.code) << row.body;
    EXPECT_EQ(texts.error().field(), row.field) << row.body;
  }
}

TEST(ReadPage, Defaults) {
  const auto page = read_page(request_of("/entries"));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->from, 0U);
  EXPECT_EQ(page->limit, 100U);
  EXPECT_EQ(page->cursor, "");
  EXPECT_EQ(page->merchant, "");
}

TEST(ReadPage, TakesEachOnce) {
  const auto page =
      read_page(request_of("/entries?from=18446744073709551615&limit=1000&cursor=c&merchant=shop"));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->from, UINT64_MAX);
  EXPECT_EQ(page->limit, 1'000U);
  EXPECT_EQ(page->cursor, "c");
  EXPECT_EQ(page->merchant, "shop");
}

TEST(ReadPage, EveryProblemIsNamed) {
  struct Row {
    std::string query;
    Errc code;
    std::string field;
  };
  const Row rows[] = {
      {"limit=0", Errc::malformed_value, "limit"},
      {"limit=1001", Errc::malformed_value, "limit"},
      {"limit=", Errc::malformed_value, "limit"},
      {"limit=ten", Errc::malformed_value, "limit"},
      {"limit=-1", Errc::malformed_value, "limit"},
      {"from=18446744073709551616", Errc::malformed_value, "from"},
      {"from=1.5", Errc::malformed_value, "from"},
      {"from=1&from=1", Errc::malformed_value, "from"},
      {"cursor=a&cursor=a", Errc::malformed_value, "cursor"},
      {"form=1", Errc::field_unknown, "form"},
      {std::string(100, 'x') + "=1", Errc::field_unknown, std::string(64, 'x')},
  };
  for (const Row& row : rows) {
    const auto page = read_page(request_of("/entries?" + row.query));
    ASSERT_FALSE(page.ok()) << row.query;
    EXPECT_EQ(page.error().code(), row.code) << row.query;
    EXPECT_EQ(page.error().field(), row.field) << row.query;
  }
  EXPECT_FALSE(read_page(request_of("/entries?limit=%2")).ok());
}

TEST(Documents, NameTheirSchema) {
  const http::Response list = list_document("tenants/1", {json::object{{"name", "bank"}}});
  EXPECT_EQ(list.status, 200);
  EXPECT_EQ(list.body, R"({"schema":"tenants/1","items":[{"name":"bank"}],"next":null})");
  EXPECT_EQ(document(201, "tenant/1", {{"name", "bank"}}).body,
            R"({"schema":"tenant/1","name":"bank"})");
}

class Lent : public ::testing::Test {
 protected:
  Lent() {
    machine_.not_serving = [] { return Error(Errc::not_initialised); };
  }
  Machine machine_;
  http::Match match_;
  http::Request request_;
  Call call_{machine_, match_, request_, {}};
};

TEST_F(Lent, WithoutAnApplianceEveryCallSaysSo) {
  for (const auto& result :
       {appliance_of(call_).ok() ? Errc::internal : appliance_of(call_).error().code(),
        ledger_of(call_).ok() ? Errc::internal : ledger_of(call_).error().code()}) {
    EXPECT_EQ(result, Errc::not_initialised);
  }
}

}  // namespace
}  // namespace florin::admin::body_test

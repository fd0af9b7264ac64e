#include "daemon/http/router.h"

#include <gtest/gtest.h>

namespace florin::http::router_test {
namespace {

class RouterTest : public testing::Test {
 protected:
  RouterTest() {
    list_ = router_.add("GET", "/v1/payments");
    create_ = router_.add("POST", "/v1/payments");
    read_ = router_.add("GET", "/v1/payments/{id}");
    recent_ = router_.add("GET", "/v1/payments/recent");
    capture_ = router_.add("POST", "/v1/payments/{id}/captures/{capture}");
  }
  Router router_;
  std::size_t list_, create_, read_, recent_, capture_;
};

TEST_F(RouterTest, Matches) {
  EXPECT_EQ(router_.match("GET", "/v1/payments")->route, list_);
  EXPECT_EQ(router_.match("HEAD", "/v1/payments")->route, list_);
  EXPECT_EQ(router_.match("POST", "/v1/payments")->route, create_);
  const auto read = router_.match("GET", "/v1/payments/pay_1");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->route, read_);
  EXPECT_EQ(read->parameter("id"), "pay_1");
  EXPECT_EQ(read->parameter("other"), "");
  EXPECT_EQ(router_.match("GET", "/v1/payments/recent")->route, recent_);
  const auto capture = router_.match("POST", "/v1/payments/pay_1/captures/c_2");
  ASSERT_TRUE(capture.ok());
  EXPECT_EQ(capture->route, capture_);
  EXPECT_EQ(capture->parameter("id"), "pay_1");
  EXPECT_EQ(capture->parameter("capture"), "c_2");
  EXPECT_EQ(router_.template_of(capture_), "/v1/payments/{id}/captures/{capture}");
}

TEST_F(RouterTest, PathTricksFindNothing) {
  for (const char* path :
       {"", "/", "v1/payments", "/v1/payments/", "//v1/payments", "/v1//payments", "/v1/./payments",
        "/V1/payments", "/v1/payments/..", "/v1/payments/.", "/v1/payments/%2e%2e",
        "/v1/payments/a%2fb", "/v1/payments/a;x", "/v1/payments;x", "/v1/%70ayments",
        "/v1/payments//captures/c", "/v1/payments/a%00"}) {
    const auto match = router_.match("GET", path);
    ASSERT_FALSE(match.ok()) << path;
    EXPECT_EQ(match.error().code(), Errc::not_found) << path;
  }
}

TEST_F(RouterTest, WrongMethodNamesTheRightOnes) {
  const auto all = router_.match("DELETE", "/v1/payments");
  ASSERT_FALSE(all.ok());
  EXPECT_EQ(all.error().code(), Errc::method_not_allowed);
  EXPECT_EQ(all.error().detail(), "GET, HEAD, POST");
  EXPECT_EQ(router_.match("GET", "/v1/payments/p/captures/c").error().detail(), "POST");
  EXPECT_EQ(router_.match("get", "/v1/payments").error().code(), Errc::method_not_allowed);
}

}  // namespace
}  // namespace florin::http::router_test

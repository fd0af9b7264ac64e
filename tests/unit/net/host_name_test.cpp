#include "daemon/net/host_name.h"

#include <gtest/gtest.h>

namespace florin::net::host_name_test {
namespace {

TEST(HostName, IsComparedWithoutCasePortAndRoot) {
  EXPECT_EQ(normal_host("Pay.Example."), "pay.example");
  EXPECT_EQ(normal_host("PAY.example:8443"), "pay.example");
  EXPECT_EQ(normal_host("pay.example.:443"), "pay.example");
  EXPECT_EQ(normal_host("[::1]:8443"), "::1");
  EXPECT_EQ(normal_host(""), "");
  // Only one dot is the root's.
  EXPECT_EQ(normal_host("pay.example.."), "pay.example.");
}

TEST(HostName, DomainsHaveOneSpelling) {
  for (const char* good : {"localhost", "pay.bank.example", "a-b.c1", "*.bank.example", "1.a"}) {
    EXPECT_TRUE(valid_domain(good)) << good;
  }
  for (const char* bad : {"", ".", "a.", ".a", "a..b", "Pay.example", "a_b", "-a.b", "a-.b", "*",
                          "*.com", "a.*.b", "*a.b.c", "a b", "../etc", "*.*.b.c", "a/b"}) {
    EXPECT_FALSE(valid_domain(bad)) << bad;
  }
  EXPECT_FALSE(valid_domain(std::string(64, 'a') + ".b"));
  EXPECT_TRUE(valid_domain(std::string(63, 'a') + ".b"));
  std::string longest = "a";
  while (longest.size() < 254) longest += ".a";
  EXPECT_FALSE(valid_domain(longest));
}

TEST(HostName, AWildcardStandsForOneLabel) {
  EXPECT_EQ(wildcard_of("a.b.c"), "*.b.c");
  EXPECT_EQ(wildcard_of("localhost"), "");
  EXPECT_EQ(wildcard_of(""), "");
}

}  // namespace
}  // namespace florin::net::host_name_test

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json.h"
#include "daemon/net/address_guard.h"
#include "daemon/net/client.h"

namespace florin::net::address_and_url_test {
namespace {

json::object data() {
  std::ifstream file(FLORIN_TEST_DATA "/net/addresses-and-urls.json");
  std::stringstream text;
  text << file.rdbuf();
  auto parsed = json::parse(text.str());
  EXPECT_TRUE(parsed.ok());
  return parsed.ok() ? parsed->as_object() : json::object();
}

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

const char* name_of(AddressClass address_class) {
  switch (address_class) {
    case AddressClass::public_internet:
      return "public";
    case AddressClass::private_network:
      return "private";
    case AddressClass::never:
      return "never";
  }
  return "";
}

TEST(AddressGuard, ClassOfEveryAddress) {
  const json::object all = data();
  ASSERT_EQ(all.at("addresses").as_array().size(), 75U);
  for (const json::value& row : all.at("addresses").as_array()) {
    const std::string ip = text(row.at("ip"));
    const auto address = parse_address(ip);
    ASSERT_TRUE(address.has_value()) << ip;
    EXPECT_EQ(name_of(classify(*address)), text(row.at("class"))) << ip;
  }
}

TEST(AddressGuard, OnlyStrictNotations) {
  for (const char* ip : {"", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "1.2.3.4.",
                         "1.2.3.4 ", "fe80::1%eth0", "[::1]", "::1/128", "1.2.3.256", ":::"}) {
    EXPECT_FALSE(parse_address(ip).has_value()) << ip;
  }
}

TEST(ParseUrl, EveryNotation) {
  const json::object all = data();
  ASSERT_EQ(all.at("urls").as_array().size(), 64U);
  for (const json::value& row : all.at("urls").as_array()) {
    const auto url = parse_url(text(row.at("url")));
    EXPECT_EQ(url.ok(), row.at("parses").as_bool()) << text(row.at("url"));
    if (!url.ok()) {
      EXPECT_EQ(url.error().code(), Errc::malformed_value);
    }
  }
}

TEST(ParseUrl, Parts) {
  const auto url = parse_url("HTTPS://Hooks.Example.Test:8443/a/b?x=1");
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->host, "hooks.example.test");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->target, "/a/b?x=1");
  const auto bare = parse_url("https://hooks.example.test");
  ASSERT_TRUE(bare.ok());
  EXPECT_EQ(bare->port, 443);
  EXPECT_EQ(bare->target, "/");
  EXPECT_EQ(parse_url("https://a.test?x")->target, "/?x");
  const auto six = parse_url("https://[2001:db8::1]:444/");
  ASSERT_TRUE(six.ok());
  EXPECT_EQ(six->host, "2001:db8::1");
  EXPECT_EQ(six->port, 444);
  EXPECT_FALSE(parse_url("https://[127.0.0.1]/").ok());
  EXPECT_FALSE(parse_url("https://[::1/").ok());
  EXPECT_FALSE(parse_url("https://[").ok());
  EXPECT_FALSE(parse_url("").ok());
  EXPECT_FALSE(parse_url(std::string_view("https://a.test/\0", 16)).ok());
  EXPECT_FALSE(parse_url(std::string_view("https://a\0.test/", 16)).ok());
}

TEST(Egress, AListOfHostsIsWholeNamesAndDomains) {
  EXPECT_TRUE(host_allowed({}, "anybody.example"));
  const std::vector<std::string> allowed = {"api.psp.example", ".bank.example"};
  EXPECT_TRUE(host_allowed(allowed, "api.psp.example"));
  EXPECT_TRUE(host_allowed(allowed, "a.b.bank.example"));
  for (const char* other : {"psp.example", "xapi.psp.example", "api.psp.example.evil",
                            "bank.example", ".bank.example", "evilbank.example", ""}) {
    EXPECT_FALSE(host_allowed(allowed, other)) << other;
  }
}

}  // namespace
}  // namespace florin::net::address_and_url_test

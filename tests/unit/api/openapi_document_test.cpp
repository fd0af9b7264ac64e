#include "daemon/api/openapi_document.h"

#include <gtest/gtest.h>

#include <set>

#include "base/json.h"
#include "daemon/api/merchant_api.h"

namespace florin::api::openapi_document_test {
namespace {

// The contract and the router name the same routes, neither more nor less.
TEST(OpenApiDocument, HasExactlyTheRoutesOfTheRouter) {
  const auto document = json::parse(openapi_document(), {.bytes = std::size_t{1} << 20U});
  ASSERT_TRUE(document.ok()) << document.error().to_log();
  std::set<std::string> described;
  for (const auto& [path, item] : document->at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      if (method == "parameters") continue;
      std::string upper(method);
      for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      described.insert(upper + " " + std::string(path));
    }
  }
  const std::vector<std::string> routes = MerchantApi::route_list();
  EXPECT_EQ(described, std::set<std::string>(routes.begin(), routes.end()));
  EXPECT_EQ(described.size(), routes.size());
}

}  // namespace
}  // namespace florin::api::openapi_document_test

#pragma once
#include <string_view>

namespace florin::api {

/// The bytes of daemon/api/openapi.json.
std::string_view openapi_document();

}  // namespace florin::api

#pragma once
/// Parameters of an operation as checked values; errors name them as "/parameters/NAME".
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/json.h"

namespace florin::control {

struct TextParameter {
  std::string_view name;
  std::size_t limit = 64;
  bool required = true;
};
/// Texts in the order asked for, empty when absent; `also` may be there and is not read. Errors:
/// `field_missing`, `field_type`, `value_too_long`, `field_unknown`.
Result<std::vector<std::string>> read_parameters(const json::object& parameters,
                                                 const std::vector<TextParameter>& wanted,
                                                 const std::vector<std::string_view>& also = {});
/// Error: `malformed_value` naming the parameter, unless it is a whole number without a sign.
Result<std::uint64_t> number_parameter(std::string_view name, std::string_view text);
/// Error: `malformed_value` naming the parameter, unless it is a UTC day, YYYY-MM-DD.
Result<std::int32_t> day_parameter(std::string_view name, const std::string& text);
Error wrong_parameter(Errc code, std::string_view name, std::string message);

}  // namespace florin::control

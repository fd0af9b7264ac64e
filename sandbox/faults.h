#pragma once
/// Misbehaviour armed by tests.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace florin::sandbox {

enum class Behaviour : std::uint8_t {
  stall,            ///< executes, answers late
  stall_before,     ///< executes late
  close_before,     ///< executes nothing, closes the connection
  close_after,      ///< executes, closes the connection
  error_500_after,  ///< executes, answers 500
  malformed_after,  ///< executes, answers half of the body
};

class Faults {
 public:
  /// Replaces the rules by those of {"rules": […]}. Errors name the field; then nothing changes.
  Result<void> arm(const json::value& body);
  /// The behaviour of the first rule for this operation with a count left, which is counted down.
  std::optional<Behaviour> take(std::string_view operation);
  [[nodiscard]] json::value print() const;

 private:
  struct Rule {
    std::string operation;
    Behaviour behaviour;
    std::int64_t count;
  };
  static std::optional<Rule> read_rule(json::Reader& reader, const std::string& pointer);
  std::vector<Rule> rules_;
};

}  // namespace florin::sandbox

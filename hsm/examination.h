#pragma once
/// What `florin hsm probe` finds: a token's properties proven one by one, and what its vendor's row
/// recommends.
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace florin::hsm {

enum class Proof : std::uint8_t {
  passed,
  failed,
  not_possible,  ///< the device does not let it be tried, e.g. takes no test key
};
std::string_view proof_name(Proof proof) noexcept;

struct Finding {
  std::string property;
  Proof proof = Proof::passed;
  std::string detail;  ///< why not; empty when passed
};

struct Examination {
  std::string dialect;
  bool tried = false;  ///< the vendor's row comes from trials, not from documents alone
  std::string facts;
  std::string iv_rule;  ///< proven and in use; what the vendor's row says is in `facts`
  std::size_t recommended_lanes = 1;
  std::chrono::milliseconds recommended_timeout{};
  std::vector<Finding> findings;
  /// Nothing failed.
  [[nodiscard]] bool fit() const noexcept;
};

}  // namespace florin::hsm

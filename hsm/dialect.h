#pragma once
/// What is known about vendors' modules, as data. Nothing here is believed without proof:
/// `florin hsm probe` and the self-test at every start decide.
#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

namespace florin::hsm {

/// Who makes the initialisation vector of AES-GCM.
enum class IvRule : std::uint8_t {
  caller,        ///< ours, 96 bits, always given
  written_back,  ///< the device's, written into our zeroed buffer
  appended,      ///< the device's, 128 bits, behind the tag
  prepended,     ///< the device's, 96 bits, before the ciphertext
  none,          ///< the device has no AES-GCM
  unknown,
};
std::string_view iv_rule_name(IvRule rule) noexcept;

struct Dialect {
  std::string_view name;
  std::string_view manufacturer;  ///< a part of CK_TOKEN_INFO's manufacturerID or model
  std::size_t lanes = 1;
  std::chrono::milliseconds op_timeout{2'000};
  IvRule iv = IvRule::unknown;
  bool tried = false;  ///< false: from the vendor's documents, not tried here
  std::string_view facts;
};

/// The row whose manufacturer occurs in one of the two texts, else the row "generic".
const Dialect& dialect_of(std::string_view manufacturer, std::string_view model) noexcept;
std::span<const Dialect> dialects() noexcept;

}  // namespace florin::hsm

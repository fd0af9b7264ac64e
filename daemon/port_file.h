#pragma once
/// Where scripts and tests learn a port from.
#include <cstdint>
#include <filesystem>

#include "base/result.h"

namespace florin {

/// Complete or absent, never half. Error: `io_failure`.
Result<void> write_port_file(const std::filesystem::path& path, std::uint16_t port);

}  // namespace florin

#pragma once
/// Where the PIN comes from: never the command line, the environment or a URI.
#include <string_view>

#include "base/secret.h"

namespace florin::hsm {

/// Reads the PIN. `source` is "credential:NAME", the file NAME below $CREDENTIALS_DIRECTORY
/// (systemd.exec(5)), or "file:/absolute/path" or a plain absolute path of a regular file of our
/// own uid that group and others cannot touch. One trailing newline is dropped. At most 255 bytes.
/// Errors: `config_invalid` (form), `hsm_pin_missing` (not there, empty, or not private enough).
Result<Secret> read_pin(std::string_view source);

}  // namespace florin::hsm

#pragma once
/// Small files whose text is sent.
#include <string>

#include "base/result.h"

namespace florin::cli {

/// At most 16 KiB. Errors: `io_failure`, `malformed_value`; the field is the path.
Result<std::string> read_text_file(const std::string& path);
/// SHA-256 of a file of any size, in hexadecimal. Errors: `io_failure`, and `malformed_value` for
/// an empty one; the field is the path.
Result<std::string> file_digest(const std::string& path);

}  // namespace florin::cli

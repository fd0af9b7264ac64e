#pragma once
/// Translation of LMDB's return codes; private to the room.
#include <string_view>

#include "base/result.h"

namespace florin::lmdb {

/// `code` is what an mdb_ function returned, not 0. `action` names the call, for the log.
Error lmdb_error(int code, std::string_view action);

}  // namespace florin::lmdb

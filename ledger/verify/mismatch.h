#pragma once
/// The one error of a bookkeeping rule that is broken.
#include <string>

#include "base/result.h"

namespace florin::verify {

inline Error mismatch(std::string what) {
  return Error(Errc::ledger_mismatch, {}, std::move(what));
}

}  // namespace florin::verify

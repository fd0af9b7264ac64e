#include "daemon/domain/operation.h"

namespace florin::domain {

std::string_view verdict_name(Verdict verdict) noexcept {
  return verdict == Verdict::succeeded ? "succeeded" : "not_executed";
}

}  // namespace florin::domain

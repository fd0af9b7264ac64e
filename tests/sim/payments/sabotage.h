#pragma once
/// Mistakes that a daemon might make, made on its behalf to show that the auditor sees them.
#include <cstdint>

namespace florin::sim {

enum class Sabotage : std::uint8_t {
  none,
  timeout_is_failure,  ///< a lost answer is reported as if nothing had been sent
  resend_anew,         ///< after a lost answer the request goes out again under another key
  no_join,             ///< a repeated request is taken for a new one
  lying_notice,        ///< a signed notice says that what was executed was declined
  people_guess,        ///< two people decide without looking at the PSP
};

}  // namespace florin::sim

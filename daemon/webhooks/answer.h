#pragma once
/// What a receiver's HTTP status means.
#include <cstdint>

namespace florin::webhooks {

enum class Answer : std::uint8_t {
  delivered,   ///< 2xx
  gone,        ///< 410: the receiver wants no more; the endpoint is disabled
  redirected,  ///< 3xx: a failed attempt; a redirect is never followed
  failed,      ///< everything else
};

constexpr Answer classify(int status) noexcept {
  if (status >= 200 && status <= 299) return Answer::delivered;
  if (status == 410) return Answer::gone;
  if (status >= 300 && status <= 399) return Answer::redirected;
  return Answer::failed;
}

}  // namespace florin::webhooks

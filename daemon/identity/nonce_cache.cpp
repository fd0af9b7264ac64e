#include "daemon/identity/nonce_cache.h"

#include "daemon/identity/signed_request.h"

namespace florin::identity {

Result<void> NonceCache::remember(std::string_view key_id, std::string_view nonce,
                                  std::int64_t timestamp_s, bool is_read, UnixNanos now) {
  const std::int64_t now_s = now / kNanosPerSecond;
  if (is_read && timestamp_s < started_at_ / kNanosPerSecond) {
    return Error(Errc::timestamp_skew, "Authorization",
                 "the request was signed before the service started; sign it again");
  }
  while (!order_.empty() && order_.front().expires_s < now_s) {
    seen_.erase(order_.front().text);
    order_.pop_front();
  }
  if (order_.size() >= limit_) return Error(Errc::overloaded);
  std::string text = std::string(key_id) + "\n" + std::string(nonce);
  if (!seen_.insert(text).second) return Error(Errc::nonce_reused, "Authorization", {});
  // A stamp may lie a window ahead of now and stays valid a window longer; entries are kept in
  // order of arrival, so each is kept for the longest time that any of them can need.
  order_.push_back({std::move(text), now_s + 2 * kWindow_s + 1});
  return {};
}

}  // namespace florin::identity

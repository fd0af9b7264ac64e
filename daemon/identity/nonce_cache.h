#pragma once
/// Nonces seen in the signature window: the first guard against a repeated request. Those of writes
/// are also unique keys in the ledger, so a restart does not forget them; reads stamped before the
/// start are refused, since a restart forgot theirs.
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/clock.h"
#include "base/result.h"

namespace florin::identity {

/// Belongs to the I/O thread.
class NonceCache {
 public:
  /// `started_at` is the process's start; `limit` bounds the memory.
  NonceCache(UnixNanos started_at, std::size_t limit) : started_at_(started_at), limit_(limit) {}

  /// Remembers a proven nonce. Errors: `nonce_reused`; `timestamp_skew` for a read stamped before
  /// the start; `overloaded` when full: nothing is forgotten early.
  Result<void> remember(std::string_view key_id, std::string_view nonce, std::int64_t timestamp_s,
                        bool is_read, UnixNanos now);

 private:
  struct Entry {
    std::string text;
    std::int64_t expires_s;
  };
  UnixNanos started_at_;
  std::size_t limit_;
  std::deque<Entry> order_;
  std::unordered_set<std::string> seen_;
};

}  // namespace florin::identity

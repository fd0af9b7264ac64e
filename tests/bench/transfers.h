#pragma once
/// The work that two ledgers are compared on: transfers between 10 000 accounts.
#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <span>

#include "base/uuid.h"

namespace florin::bench {

inline constexpr std::uint64_t kDebitAccounts = 5000;
inline constexpr std::uint64_t kCreditAccounts = 5000;
inline constexpr std::uint64_t kHotAccount = 1;

/// One entry with two postings.
struct Transfer {
  Uuid id;
  std::uint64_t debit = 0;   ///< 1 .. kDebitAccounts
  std::uint64_t credit = 0;  ///< 1 .. kCreditAccounts
  std::uint64_t amount = 0;
};

enum class Traffic { uniform, hot };  ///< hot: every second transfer debits kHotAccount

/// Ids ascend over all sources of a run, as ids that begin with the time do.
inline std::atomic<std::uint64_t> last_transfer_number{0};

/// Not thread-safe: one a client.
class TransferSource {
 public:
  TransferSource(std::uint64_t seed, Traffic traffic) : random_(seed), traffic_(traffic) {}
  Transfer next() {
    const std::uint64_t number = ++last_transfer_number;
    const std::uint64_t bits = random_();
    Transfer transfer;
    for (std::size_t i = 0; i < 8; ++i) {
      transfer.id.bytes[i] = static_cast<std::uint8_t>(number >> (8 * (7 - i)));
      transfer.id.bytes[8 + i] = static_cast<std::uint8_t>(bits >> (8 * i));
    }
    const bool hot = traffic_ == Traffic::hot && (bits & 1U) != 0;
    transfer.debit = hot ? kHotAccount : 1 + random_() % kDebitAccounts;
    transfer.credit = 1 + random_() % kCreditAccounts;
    transfer.amount = 100 + bits % 9000;
    return transfer;
  }

 private:
  std::mt19937_64 random_;
  Traffic traffic_;
};

/// One client of a ledger; returns when what it posted is durable. Not thread-safe.
class Client {
 public:
  virtual ~Client() = default;
  virtual void post(const Transfer& transfer) = 0;
  virtual void post_group(std::span<const Transfer> group) = 0;
};

class Books {
 public:
  virtual ~Books() = default;
  /// Must not outlive the books.
  virtual std::unique_ptr<Client> client() = 0;
  /// Waits until nothing is left to be done for what was posted.
  virtual void settle() = 0;
};

}  // namespace florin::bench

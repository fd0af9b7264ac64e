#pragma once
/// The subject keys of one ledger as its users see them: which slot comes next, and one key out of
/// the keyring's file.
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "base/subject_keys.h"
#include "base/tenant_keys.h"
#include "daemon/vault/keyring_store.h"
#include "daemon/vault/subject_pool.h"

namespace florin::vault {

/// A ledger as the keyring knows it: a tenant and `subjects_test` or `subjects_live`.
using SubjectBooks = std::pair<TenantId, Purpose>;

/// Ledgers that run low on keys. Thread-safe.
class SupplyQueue {
 public:
  void ask(const SubjectBooks& books);
  /// Waits for the next one; nothing at the end.
  std::optional<SubjectBooks> next();
  /// Waits, but not beyond the end.
  void pause(std::chrono::milliseconds time);
  void stop();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::set<SubjectBooks> asked_;
  bool stopped_ = false;
};

/// Holders may keep it longer than the keyring, whose end they see as `hsm_unavailable`.
class SubjectSource final : public SubjectKeys {
 public:
  SubjectSource(std::weak_ptr<const KeyringStore> store, std::shared_ptr<const TenantKeys> keys,
                SubjectBooks books, std::shared_ptr<SupplyQueue> queue)
      : store_(std::move(store)), keys_(std::move(keys)), books_(books), queue_(std::move(queue)) {}

  Result<std::uint64_t> take() override;
  [[nodiscard]] Result<SubjectKey> open(std::uint64_t slot) const override;
  /// True unless the key is there: nothing is left to be destroyed. Errors: as open.
  [[nodiscard]] Result<bool> is_gone(std::uint64_t slot) const;

  /// From which slot the books of this life go on, and with which pools.
  void begin(const Uuid& life, std::uint64_t next, const std::vector<std::uint32_t>& pools);
  void add(std::uint32_t pool);
  /// Less than half a pool is ready.
  [[nodiscard]] bool is_low() const;
  [[nodiscard]] std::uint64_t left() const;
  [[nodiscard]] Uuid life() const;
  /// The pool of the highest slot that the books know; a new one comes behind it.
  [[nodiscard]] std::uint32_t known_pool() const;

 private:
  struct Slots {
    std::uint64_t next = 0;
    std::uint64_t end = 0;
  };
  [[nodiscard]] RootName pool_name(std::uint64_t slot) const;
  void add_locked(std::uint32_t pool);
  [[nodiscard]] std::uint64_t left_locked() const;

  std::weak_ptr<const KeyringStore> store_;
  std::shared_ptr<const TenantKeys> keys_;
  SubjectBooks books_;
  std::shared_ptr<SupplyQueue> queue_;
  mutable std::mutex mutex_;  ///< guards what follows
  Uuid life_;
  std::uint64_t begin_ = 0;
  std::deque<Slots> ready_;
};

}  // namespace florin::vault

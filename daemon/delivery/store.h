#pragma once
/// The delivery database: one mutable LMDB environment for all ledgers. Every member is one step of
/// the protocol inside a transaction that the caller commits.
///
/// Tables: `cursor` (ledger → last event expanded), `delivery`, `due` (see encode_due_key),
/// `in_flight` (deliveries with an open attempt), `held`, `attempt` (append only) and `endpoint`
/// (disabled ones). A delivery that is not at its end has exactly one row in `due`, `in_flight` or
/// `held`.
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "daemon/delivery/rows.h"
#include "ledger/lmdb/environment.h"
#include "ledger/lmdb/table.h"

namespace florin::delivery {

/// What may be claimed.
struct ClaimRequest {
  UnixNanos now = 0;
  std::size_t capacity = 0;      ///< attempts that may start
  std::size_t per_endpoint = 0;  ///< in flight at one endpoint
  std::set<LedgerKey> ledgers;   ///< those that are attached; rows of others wait
  std::map<EndpointKey, std::size_t> in_flight;
  std::optional<EndpointKey> after;  ///< the endpoint served last, so that each has its turn
};

struct ClaimResult {
  std::vector<Delivery> started;             ///< `attempts` is the number of the attempt
  std::optional<UnixNanos> next_due;         ///< earliest row that is not due yet
  std::optional<EndpointKey> last_endpoint;  ///< where the next claim goes on
};

/// The end of an attempt and what follows from it.
struct AttemptEnd {
  AttemptOutcome outcome = AttemptOutcome::none;
  std::uint16_t status = 0;
  std::uint32_t duration_ms = 0;
  UnixNanos at = 0;
  DeliveryState state = DeliveryState::due;
  bool counts = true;     ///< uses up a step of the schedule
  UnixNanos next_at = 0;  ///< when `state` is due
};

class Store {
 public:
  /// Creates the directory (mode 0700) and the tables. Errors: `io_failure`, `state_conflict`, ….
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory,
                                             std::uint64_t map_bytes);

  [[nodiscard]] Result<lmdb::WriteTransaction> write() { return environment_->write(); }
  [[nodiscard]] Result<lmdb::ReadTransaction> read() const { return environment_->read(); }

  /// A snapshot of the last commit as `data.mdb` in an empty directory.
  Result<void> copy_to(const std::filesystem::path& directory) const {
    return environment_->copy_to(directory, false);
  }

  [[nodiscard]] Result<Position> cursor(const lmdb::Transaction& transaction,
                                        const LedgerKey& key) const;
  /// Adds the rows and moves the cursor from `from` to `to`. Error: `state_conflict` when it is not
  /// at `from`.
  Result<void> expand(lmdb::WriteTransaction& transaction, const LedgerKey& key, Position from,
                      Position to, const std::vector<Delivery>& rows) const;
  /// Appends `started` for what is due and may run.
  Result<ClaimResult> claim(lmdb::WriteTransaction& transaction, const ClaimRequest& request) const;
  /// Appends `finished` for the open attempt and moves the delivery on. Outcome `gone` also
  /// disables the endpoint: its other deliveries become `held` when their time comes.
  Result<void> finish(lmdb::WriteTransaction& transaction, const DeliveryKey& key,
                      const AttemptEnd& end) const;
  /// Ends every open attempt as `unknown`; the deliveries are due at `now`. Returns how many.
  Result<std::size_t> recover(lmdb::WriteTransaction& transaction, UnixNanos now) const;

  /// Takes back that the endpoint was disabled and makes up to `limit` of its held deliveries due
  /// at `now`. Returns how many; fewer than `limit` means that none is left.
  Result<std::size_t> release(lmdb::WriteTransaction& transaction, const EndpointKey& endpoint,
                              UnixNanos now, std::size_t limit) const;

  [[nodiscard]] Result<std::optional<Delivery>> find(const lmdb::Transaction& transaction,
                                                     const DeliveryKey& key) const;
  /// Deliveries of an endpoint, newest event first, starting before `before`.
  [[nodiscard]] Result<std::vector<Delivery>> list(const lmdb::Transaction& transaction,
                                                   const EndpointKey& endpoint,
                                                   std::optional<Position> before,
                                                   std::size_t limit) const;
  /// All records of a delivery in order, the chain checked up to the head in its row.
  /// Error: `ledger_corrupt`.
  [[nodiscard]] Result<std::vector<AttemptRecord>> attempts(const lmdb::Transaction& transaction,
                                                            const DeliveryKey& key) const;
  /// When the endpoint was disabled by its receiver.
  [[nodiscard]] Result<std::optional<UnixNanos>> disabled_at(const lmdb::Transaction& transaction,
                                                             const EndpointKey& endpoint) const;
  [[nodiscard]] Result<std::uint64_t> due_count(const lmdb::Transaction& transaction) const {
    return tables_.due.count(transaction);
  }

 private:
  struct Tables {
    lmdb::StateDbi cursor;
    lmdb::StateDbi delivery;
    lmdb::StateDbi due;
    lmdb::StateDbi in_flight;
    lmdb::StateDbi held;
    lmdb::AppendDbi attempt;
    lmdb::StateDbi endpoint;
  };
  struct Scan;

  Store(std::unique_ptr<lmdb::Environment> environment, Tables tables)
      : environment_(std::move(environment)), tables_(tables) {}
  Result<void> scan_due(const lmdb::Transaction& transaction, const ClaimRequest& request,
                        Scan& scan) const;
  Result<std::optional<Delivery>> start(lmdb::WriteTransaction& transaction, const DueKey& due,
                                        UnixNanos now) const;
  Result<Delivery> required(const lmdb::Transaction& transaction, const DeliveryKey& key) const;
  Result<void> append(lmdb::WriteTransaction& transaction, Delivery& delivery,
                      AttemptRecord record) const;
  /// Writes the row, and the one in `due` or `held` that its state calls for.
  Result<void> put(lmdb::WriteTransaction& transaction, const Delivery& delivery) const;

  std::unique_ptr<lmdb::Environment> environment_;
  Tables tables_;
};

}  // namespace florin::delivery

#pragma once
/// The books of one tenant in one mode: an append-only, double-entry ledger with objects, holds,
/// unique keys, idempotent answers and an outbox. Truth is a segment log; LMDB beside it holds what
/// can be rebuilt from the log. See ledger/FORMAT.md for the bytes and DESIGN decisions in
/// docs/adr/.
///
/// Thread rules: every public call is thread-safe. `submit` callbacks run on the ledger's writer
/// thread and must only hand over. Reads see the last LMDB commit.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "base/signature.h"
#include "base/tenant_keys.h"
#include "base/uint128.h"
#include "base/uuid.h"
#include "ledger/anchor.h"
#include "ledger/command.h"
#include "ledger/projector.h"

namespace florin::ledger {

enum class Mode : std::uint8_t { system = 0, test = 1, live = 2 };
std::string_view mode_name(Mode mode) noexcept;
Result<Mode> parse_mode(std::string_view text);

/// What a successful append tells.
struct Receipt {
  std::uint64_t seq = 0;
  UnixNanos booked_at = 0;
  bool duplicate = false;  ///< the same command (entry id and content) was appended before
};

struct ObjectRow {
  ObjectKind kind{};
  Uuid id;
  std::uint64_t version = 0;
  std::uint64_t seq = 0;  ///< entry that wrote this version
  Bytes immutable;
  Bytes head;
};

struct UniqueRow {
  std::uint64_t seq = 0;
  Bytes value;
};

struct IdempotencyRow {
  Key16 fingerprint{};
  bool answered = false;  ///< false: reserved, the first request still runs (or crashed)
  std::uint64_t seq = 0;  ///< entry that wrote the row last
  Uuid resource;
  std::uint16_t http_status = 0;
  UnixNanos expires_at = 0;  ///< of the answer; the row itself stays for ever
  Bytes body;                ///< stored answer, empty while reserved
};

struct Account {
  std::uint64_t number = 0;
  AccountKey key;
  std::uint8_t exponent = 0;
  std::uint64_t parent = 0;      ///< number of the account that it rolls up into, 0 = none
  std::uint64_t opened_seq = 0;  ///< entry that opened it
};

/// Cumulative totals; balance = debits - credits (or the reverse, by account type).
struct AccountBalance {
  Account account;
  Uint128 debits_posted = 0;
  Uint128 credits_posted = 0;
  Uint128 debits_pending = 0;
  Uint128 credits_pending = 0;
  std::uint64_t last_seq = 0;
  std::uint32_t flags = 0;  ///< see AccountFlag; of now, also in balances of an earlier time
};

/// What a hold still holds on one account, in the pending layer.
struct HoldLeg {
  std::uint64_t account = 0;
  Uuid party;      ///< of the posting that made the leg
  Int128 net = 0;  ///< debits less credits
};

struct HoldState {
  Uuid id;
  std::uint16_t asset = 0;
  std::uint64_t authorized = 0;
  std::uint64_t captured = 0;
  std::uint64_t released = 0;  ///< voided and expired
  std::uint64_t refunded = 0;
  UnixNanos expires_at = 0;     ///< 0 = never
  bool limit_passed = false;    ///< a fact passed a limit of it once
  std::vector<HoldLeg> legs{};  ///< in order of account, party; those of zero are left out
};

struct DueHold {
  Uuid hold;
  UnixNanos expires_at = 0;
};

/// One posting of an account, as a statement shows it.
struct StatementLine {
  std::uint64_t seq = 0;
  Uuid entry_id;
  EntryType type{};
  UnixNanos booked_at = 0;
  std::int32_t effective_day = 0;
  Uuid subject;
  std::string note;
  Side side{};
  Layer layer{};
  std::uint64_t amount = 0;
  Uuid party;
  Uint128 total = 0;  ///< of that side and layer of the account, after the posting
};

struct StatementPage {
  AccountBalance opening;            ///< before the oldest line of the page
  AccountBalance closing;            ///< after the newest line of the page
  std::vector<StatementLine> lines;  ///< newest first; postings of one entry stay together
  bool more = false;                 ///< older lines follow: ask again with `before_seq`
};

/// Which entries a statement tells of: from_seq <= seq < before_seq.
struct StatementRequest {
  std::uint64_t account = 0;
  std::uint64_t from_seq = 0;
  std::uint64_t before_seq = UINT64_MAX;
  std::size_t limit = 1000;  ///< of entries, at most 10 000
};

/// What holds for the books as a whole.
struct BooksState {
  UnixNanos clock = 0;                         ///< of the last clock entry, 0 when none
  std::optional<std::int32_t> locked_through;  ///< days up to this one are locked
  bool recovering = false;  ///< restored and not reopened: no command but audit and recovery
};

struct EntryView {
  std::uint64_t seq = 0;
  Bytes leaf;  ///< canonical bytes; decode with ledger/verify
  Hash32 leaf_hash{};
};

struct OutboxEvent {
  std::uint64_t seq = 0;    ///< entry
  std::uint32_t index = 0;  ///< position among the entry's events
  UnixNanos booked_at = 0;
  Event event;
  std::uint64_t merchant_seq = 0;  ///< gap-free per merchant, from 1
};

struct Head {
  std::uint64_t next_seq = 0;     ///< number of entries
  std::uint64_t visible_seq = 0;  ///< entries below this number are seen by reads
  Hash32 root{};                  ///< Merkle root over all durable entries
  std::uint64_t signed_size = 0;  ///< size of the last signed checkpoint, 0 when none
};

/// How far the files of the log may be copied: what stands before this is durable and is never
/// written again.
struct DurableLog {
  std::uint64_t segment = 0;  ///< number of the last segment with entries
  std::uint64_t end = 0;      ///< offset behind its last durable group; earlier ones count whole
  std::uint64_t entries = 0;  ///< in the log up to there
  Hash32 root{};              ///< over these entries
};

struct IndexPage {
  struct Row {
    Bytes key;  ///< the full index key after the index number
    ObjectKind kind{};
    Uuid id;
  };
  std::vector<Row> rows;
  bool more = false;
};

struct OpenOptions {
  std::filesystem::path directory;  ///< .../<tenant>/<mode>/epoch-1, must exist, mode 0700
  Uuid tenant;                      ///< nil for the system ledger
  Mode mode = Mode::system;
  bool evaluation = false;  ///< stamped into the genesis entry when the ledger is created
  std::string origin;       ///< first line of checkpoints, e.g. "bank.example/ledger/tnt_…/live"
  std::uint64_t map_bytes = std::uint64_t{64} << 30U;
  std::uint64_t segment_bytes = std::uint64_t{256} << 20U;
  /// Key that the last checkpoint must be signed with (DER SubjectPublicKeyInfo); empty: unchecked.
  Bytes checkpoint_key_der;
  std::optional<Anchor> anchor;  ///< the log must contain this head
  /// Called now and then while the log is read, on the opening thread.
  std::function<void(const OpenProgress&)> progress;
};

/// True for the origin that a ledger was opened with first, and for those that its checkpoints have
/// after restores.
bool is_origin_of(std::string_view origin, std::string_view original);

class Ledger {
 public:
  /// Opens, or creates with a genesis entry. Scans the log, closes a torn tail, rolls LMDB forward
  /// (or rebuilds it), compares with the last signed checkpoint. `projectors`, clock, entropy must
  /// outlive the ledger. Errors: `ledger_corrupt`, `ledger_mismatch`, `decryption_failed`,
  /// `io_failure`, ….
  static Result<std::unique_ptr<Ledger>> open(OpenOptions options,
                                              std::shared_ptr<const TenantKeys> keys,
                                              const ProjectorSet& projectors, const Clock& clock,
                                              Entropy& entropy);
  virtual ~Ledger() = default;  ///< stops the writer after what is queued

  using Done = std::function<void(Result<Receipt>)>;
  /// Queues one command. It is applied whole or refused whole; `done` is called once, after the
  /// flush that made it durable. Error `overloaded` is given at once when the queue is full
  /// (commands with origin fact are always taken).
  virtual void submit(Command command, Done done) = 0;
  /// Same, waiting for each result, in order. Not from a writer thread.
  std::vector<Result<Receipt>> append(std::vector<Command> commands);

  /// Waits until reads see all that is durable now. Not from a writer thread.
  [[nodiscard]] Result<void> catch_up();

  /// Calls `done` when reads see entry `seq`.
  virtual void wait_visible(std::uint64_t seq, std::function<void(Result<void>)> done) = 0;

  [[nodiscard]] virtual Result<std::optional<ObjectRow>> object(ObjectKind kind,
                                                                const Uuid& id) const = 0;
  /// All objects of a kind in id order, starting after `after`.
  [[nodiscard]] virtual Result<std::vector<ObjectRow>> objects(ObjectKind kind,
                                                               std::optional<Uuid> after,
                                                               std::size_t limit) const = 0;
  [[nodiscard]] virtual Result<std::optional<UniqueRow>> unique(UniqueTable table,
                                                                const Key16& key) const = 0;
  [[nodiscard]] virtual Result<std::optional<IdempotencyRow>> idempotency(
      const Key16& key) const = 0;
  /// Rows of one index whose key begins with `prefix`, ascending (or descending), starting after
  /// `cursor` (a full key) when given. At most 10 000.
  [[nodiscard]] virtual Result<IndexPage> index(IndexNumber number, BytesView prefix,
                                                std::optional<Bytes> cursor, std::size_t limit,
                                                bool descending) const = 0;
  [[nodiscard]] virtual Result<std::vector<AccountBalance>> balances() const = 0;
  /// As they were when the ledger had `size` entries: accounts opened by then, totals by then.
  [[nodiscard]] virtual Result<std::vector<AccountBalance>> balances_at(
      std::uint64_t size) const = 0;
  /// How many entries were booked at or before `time`.
  [[nodiscard]] virtual Result<std::uint64_t> size_at(UnixNanos time) const = 0;
  [[nodiscard]] virtual Result<std::optional<AccountBalance>> account(
      const AccountKey& key) const = 0;
  /// Error: `not_found` for an account that was never opened.
  [[nodiscard]] virtual Result<StatementPage> statement(const StatementRequest& request) const = 0;
  [[nodiscard]] virtual Result<std::optional<HoldState>> hold(const Uuid& id) const = 0;
  /// Holds with something left whose time has passed at `now`, the oldest first. To let them
  /// expire: a clock entry of that time, then an entry of type expiry for each.
  [[nodiscard]] virtual Result<std::vector<DueHold>> due_holds(UnixNanos now,
                                                               std::size_t limit) const = 0;
  [[nodiscard]] virtual Result<BooksState> books_state() const = 0;
  /// The entry with this id.
  [[nodiscard]] virtual Result<std::optional<std::uint64_t>> entry_seq(const Uuid& id) const = 0;
  /// Numbers of the entries about `subject`, ascending, behind `after` when given.
  [[nodiscard]] virtual Result<std::vector<std::uint64_t>> entries_about(
      const Uuid& subject, std::optional<std::uint64_t> after, std::size_t limit) const = 0;
  /// RFC 9162 §2.1.3.1: proof that entry `seq` is in the tree of the first `size` entries. Error:
  /// `validation_failed` unless seq < size <= visible entries.
  [[nodiscard]] virtual Result<std::vector<Hash32>> inclusion_proof(std::uint64_t seq,
                                                                    std::uint64_t size) const = 0;
  /// RFC 9162 §2.1.4.1: proof that the tree of `size` entries continues that of `old_size`. Error:
  /// `validation_failed` unless 0 < old_size <= size <= visible entries.
  [[nodiscard]] virtual Result<std::vector<Hash32>> consistency_proof(std::uint64_t old_size,
                                                                      std::uint64_t size) const = 0;
  [[nodiscard]] virtual Result<std::vector<EntryView>> entries(std::uint64_t from_seq,
                                                               std::size_t limit) const = 0;
  /// Events of entries after position (seq, index), in order.
  [[nodiscard]] virtual Result<std::vector<OutboxEvent>> outbox(std::uint64_t after_seq,
                                                                std::uint32_t after_index,
                                                                std::size_t limit) const = 0;
  [[nodiscard]] virtual Head head() const = 0;
  /// For backups. Error: `not_implemented` where the books are not kept in segments.
  [[nodiscard]] virtual Result<DurableLog> durable_log() const {
    return Error(Errc::not_implemented);
  }

  /// Signs the present durable head (when it is newer than the last checkpoint) and stores
  /// `cp/<size>.note`. The consistency of the new tree with the last signed one is verified first.
  /// Blocks on the signer: call from a thread that may wait. Returns the signed size.
  virtual Result<std::uint64_t> checkpoint(Signer& signer) = 0;
  /// The last signed note and its size.
  [[nodiscard]] virtual Result<std::optional<std::string>> last_checkpoint() const = 0;

  /// Called on the writer thread after each group: the ledger has new durable entries up to
  /// `next_seq`.
  virtual void on_commit(std::function<void(std::uint64_t next_seq)> observer) = 0;
  /// Called on the writer thread when reads see the entries below `next_seq`: for those who read
  /// what was written but need not hurry LMDB's commit, as `wait_visible` does. Books whose reads
  /// see everything at once tell it with `on_commit`.
  virtual void on_visible(std::function<void(std::uint64_t next_seq)> observer) {
    on_commit(std::move(observer));
  }

  [[nodiscard]] virtual const OpenOptions& options() const noexcept = 0;
};

}  // namespace florin::ledger

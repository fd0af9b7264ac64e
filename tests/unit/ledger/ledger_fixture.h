#pragma once
/// A ledger in a temporary directory, and commands to feed it.
#include <gtest/gtest.h>

#include <map>

#include "ledger/lmdb/cursor.h"
#include "ledger/lmdb/environment.h"
#include "ledger/log_file.h"
#include "ledger/open.h"
#include "ledger/verify/leaf.h"
#include "support/manual_clock.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"
#include "support/test_signer.h"

namespace florin::ledger {

inline Uuid id_of(std::uint64_t number, std::uint8_t kind = 0) {
  Uuid id;
  id.bytes[0] = kind;
  for (std::size_t i = 0; i < 8; ++i) {
    id.bytes[15 - i] = static_cast<std::uint8_t>(number >> (8 * i));
  }
  return id;
}

inline Key16 key_of(std::uint64_t number) {
  return id_of(number).bytes;
}

/// Indexes objects by the first byte of their head.
inline std::vector<IndexEntry> by_first_byte(ObjectKind kind, const Uuid& id, BytesView,
                                             BytesView head) {
  if (kind != ObjectKind{1} || head.empty()) return {};
  Bytes key = {head[0]};
  key.insert(key.end(), id.bytes.begin(), id.bytes.end());
  return {{IndexNumber{7}, key}};
}

inline Command command_of(std::uint64_t entry, EntryType type = EntryType::audit) {
  Command command;
  command.entry_id = id_of(entry, 0xE0);
  command.type = type;
  return command;
}

inline Posting posting(AccountCode code, Side side, std::uint64_t amount, std::uint16_t asset = 978,
                       std::uint64_t owner = 1, Layer layer = Layer::posted) {
  return {{code, asset, id_of(owner, 0xAA)}, side, layer, amount, id_of(owner, 0xAA)};
}

/// Debit receivable, credit payable.
inline Command transfer(std::uint64_t entry, std::uint64_t amount, std::uint64_t owner = 1) {
  Command command = command_of(entry, EntryType::capture);
  command.postings = {posting(AccountCode::psp_receivable, Side::debit, amount, 978, owner),
                      posting(AccountCode::merchant_payable, Side::credit, amount, 978, owner)};
  return command;
}

inline Command hold_command(std::uint64_t entry, HoldOperation operation, std::uint64_t amount,
                            Origin origin = Origin::command, std::uint64_t hold = 1) {
  Command command = command_of(entry, EntryType::authorization);
  command.origin = origin;
  command.holds = {{id_of(hold, 0xB0), operation, 978, amount}};
  return command;
}

/// Everything at once.
inline Command rich(std::uint64_t entry) {
  Command command = transfer(entry, 100 + entry, entry % 3);
  command.note = "rich";
  command.holds = {{id_of(entry, 0xB0), HoldOperation::open, 978, 50}};
  command.objects = {{ObjectKind{1}, id_of(entry, 1), 0, Bytes(300, 7),
                      Bytes{static_cast<std::uint8_t>(entry), 1, 2}}};
  command.uniques = {{UniqueTable{2}, key_of(entry), Bytes{9, 9}}};
  command.idempotency = IdempotencyWrite{
      key_of(entry), key_of(entry + 1000), true, id_of(entry), 201, 77, Bytes(40, 3)};
  command.events = {{id_of(entry, 4), id_of(entry % 2, 5), ObjectKind{1}, id_of(entry, 1), 1,
                     "payment.captured", Bytes{'{', '}'}}};
  return command;
}

using Dump = std::map<std::string, std::vector<std::pair<Bytes, Bytes>>>;

class LedgerTest : public testing::Test {
 protected:
  OpenOptions options() const {
    OpenOptions out;
    out.directory = dir_.path();
    out.tenant = id_of(42, 0x11);
    out.mode = Mode::test;
    out.origin = "bank.example/ledger/tnt_test/test";
    out.map_bytes = map_bytes_;
    out.segment_bytes = segment_bytes_;
    return out;
  }
  Result<std::unique_ptr<Ledger>> try_open() {
    return open_ledger(options(), keys_, projectors_, clock_, entropy_, *files_);
  }
  void open() {
    auto opened = try_open();
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    ledger_ = std::move(*opened);
  }
  void close() { ledger_.reset(); }
  void reopen() {
    close();
    open();
  }
  Errc open_error() {
    auto opened = try_open();
    return opened.ok() ? Errc{} : opened.error().code();
  }
  Result<Receipt> one(Command command) { return ledger_->append({std::move(command)}).front(); }
  Errc refused(Command command) {
    const auto result = one(std::move(command));
    return result.ok() ? Errc{} : result.error().code();
  }
  void settle() {
    std::mutex mutex;
    std::condition_variable condition;
    bool done = false;
    ledger_->wait_visible(ledger_->head().next_seq - 1, [&](const Result<void>& visible) {
      EXPECT_TRUE(visible.ok());
      const std::lock_guard lock(mutex);
      done = true;
      condition.notify_all();
    });
    std::unique_lock lock(mutex);
    condition.wait(lock, [&] { return done; });
  }
  std::vector<std::filesystem::path> segments() const {
    std::vector<std::filesystem::path> out;
    for (const auto& at : std::filesystem::directory_iterator(dir_.path() / "log")) {
      out.push_back(at.path());
    }
    std::sort(out.begin(), out.end());
    return out;
  }
  Dump dump() const {
    Dump out;
    auto environment =
        lmdb::Environment::open({dir_.path() / "proj", std::uint64_t{256} << 20U, 32});
    auto transaction = (*environment)->write();
    for (const char* name :
         {"entries", "entry_ids", "accounts", "account_keys", "balances", "holds", "object_heads",
          "object_immutables", "uniques", "idempotency", "outbox", "merchants", "index",
          "balance_marks", "due_holds", "reversals", "meta", "tiles", "subjects"}) {
      auto table = lmdb::StateDbi::open(*transaction, name);
      auto cursor = lmdb::Cursor::open(*transaction, *table);
      for (auto at = cursor->first(); at->has_value(); at = cursor->next()) {
        out[name].emplace_back(to_bytes((*at)->key), to_bytes((*at)->value));
      }
    }
    return out;
  }

  test::TempDir dir_;
  test::ManualClock clock_;
  test::SeededEntropy entropy_{1};
  std::shared_ptr<const TenantKeys> keys_ = test::test_keys();
  ProjectorSet projectors_{1, {&by_first_byte}};
  PosixLogFiles posix_files_;
  LogFiles* files_ = &posix_files_;
  std::uint64_t segment_bytes_ = std::uint64_t{256} << 20U;
  std::uint64_t map_bytes_ = std::uint64_t{256} << 20U;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace florin::ledger

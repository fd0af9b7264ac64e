#pragma once
/// One ledger of the engine under test, in a directory of its own, with a clock that stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/verify/leaf.h"
#include "support/ledger_commands.h"
#include "support/manual_clock.h"
#include "support/memory_ledger/memory_ledger.h"
#include "support/temp_dir.h"
#include "support/test_keys.h"

namespace florin::ledger::contract {

enum class Engine : std::uint8_t { log, memory };
inline std::string engine_name(const testing::TestParamInfo<Engine>& engine) {
  return engine.param == Engine::log ? "Log" : "Memory";
}

inline constexpr IndexNumber kByFirstByte{7};

/// Indexes objects of kind 1 by the first byte of their head.
inline std::vector<IndexEntry> by_first_byte(ObjectKind kind, const Uuid& id, BytesView,
                                             BytesView head) {
  if (kind != ObjectKind{1} || head.empty()) return {};
  Bytes key = {head[0]};
  key.insert(key.end(), id.bytes.begin(), id.bytes.end());
  return {{kByFirstByte, key}};
}

class LedgerContract : public testing::TestWithParam<Engine> {
 protected:
  void SetUp() override { open(); }

  void open() {
    OpenOptions options;
    options.directory = dir_.path();
    options.tenant = numbered_id(42, 0x11);
    options.mode = Mode::test;
    options.origin = "bank.example/ledger/tnt_test/test";
    options.map_bytes = std::uint64_t{256} << 20U;
    if (GetParam() == Engine::memory) {
      ledger_ = std::make_unique<test::MemoryLedger>(options, projectors_, clock_);
      return;
    }
    auto opened = Ledger::open(options, keys_, projectors_, clock_, entropy_);
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    ledger_ = std::move(*opened);
  }
  /// Whatever has to survive a restart does; the engine in memory has no restart.
  void reopen() {
    if (GetParam() == Engine::memory) return;
    ledger_.reset();
    open();
  }

  Result<Receipt> one(Command command) { return ledger_->append({std::move(command)}).front(); }
  /// The code of the refusal; Errc{} when the command was taken.
  Errc code_of(Command command) {
    const auto result = one(std::move(command));
    return result.ok() ? Errc{} : result.error().code();
  }
  /// The entry's number.
  std::uint64_t book(Command command) {
    const auto result = one(std::move(command));
    EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().to_log());
    settle();
    return result.ok() ? result->seq : UINT64_MAX;
  }
  void settle() { ASSERT_TRUE(ledger_->catch_up().ok()); }

  verify::Leaf leaf_of(std::uint64_t seq) {
    const auto views = ledger_->entries(seq, 1);
    if (!views.ok() || views->size() != 1) {
      ADD_FAILURE() << "no entry " << seq;
      return {};
    }
    const auto leaf = verify::decode_leaf(views->front().leaf);
    EXPECT_TRUE(leaf.ok()) << leaf.error().to_log();
    return leaf.ok() ? *leaf : verify::Leaf{};
  }
  AccountBalance balance_of(const AccountKey& key) {
    const auto found = ledger_->account(key);
    EXPECT_TRUE(found.ok() && found->has_value());
    return found.ok() && found->has_value() ? **found : AccountBalance{};
  }
  HoldState hold_of(std::uint64_t number = 1) {
    const auto found = ledger_->hold(hold_id(number));
    EXPECT_TRUE(found.ok() && found->has_value());
    return found.ok() && found->has_value() ? **found : HoldState{};
  }
  std::int32_t today() const { return day_of(clock_.now()); }

  test::TempDir dir_;
  test::ManualClock clock_;
  test::SeededEntropy entropy_{1};
  std::shared_ptr<const TenantKeys> keys_ = test::test_keys();
  ProjectorSet projectors_{1, {&by_first_byte}};
  std::unique_ptr<Ledger> ledger_;
};

/// "debits credits" posted, and pending when there is any.
inline std::string totals_text(const AccountBalance& row) {
  std::string text = to_decimal(row.debits_posted) + " " + to_decimal(row.credits_posted);
  if (row.debits_pending != 0 || row.credits_pending != 0) {
    text += " | " + to_decimal(row.debits_pending) + " " + to_decimal(row.credits_pending);
  }
  return text;
}
/// "authorized captured released refunded"
inline std::string sums_text(const HoldState& hold) {
  return std::to_string(hold.authorized) + " " + std::to_string(hold.captured) + " " +
         std::to_string(hold.released) + " " + std::to_string(hold.refunded);
}

/// Every suite of the contract is run against every engine.
#define FLORIN_LEDGER_CONTRACT(suite)                                                    \
  class suite : public LedgerContract {};                                                \
  INSTANTIATE_TEST_SUITE_P(Engines, suite, testing::Values(Engine::log, Engine::memory), \
                           engine_name)

}  // namespace florin::ledger::contract

#pragma once
/// A ledger without anything in it: tests override what they need.
#include "ledger/ledger.h"

namespace florin::test {

class EmptyLedger : public ledger::Ledger {
 public:
  void submit(ledger::Command, Done done) override { done(Error(Errc::ledger_stopped)); }
  void wait_visible(std::uint64_t, std::function<void(Result<void>)> done) override { done({}); }
  [[nodiscard]] Result<std::optional<ledger::ObjectRow>> object(ledger::ObjectKind,
                                                                const Uuid&) const override {
    return std::optional<ledger::ObjectRow>();
  }
  [[nodiscard]] Result<std::vector<ledger::ObjectRow>> objects(ledger::ObjectKind,
                                                               std::optional<Uuid>,
                                                               std::size_t) const override {
    return std::vector<ledger::ObjectRow>();
  }
  [[nodiscard]] Result<std::optional<ledger::UniqueRow>> unique(ledger::UniqueTable,
                                                                const Key16&) const override {
    return std::optional<ledger::UniqueRow>();
  }
  [[nodiscard]] Result<std::optional<ledger::IdempotencyRow>> idempotency(
      const Key16&) const override {
    return std::optional<ledger::IdempotencyRow>();
  }
  [[nodiscard]] Result<ledger::IndexPage> index(ledger::IndexNumber, BytesView,
                                                std::optional<Bytes>, std::size_t,
                                                bool) const override {
    return ledger::IndexPage();
  }
  [[nodiscard]] Result<std::vector<ledger::AccountBalance>> balances() const override {
    return std::vector<ledger::AccountBalance>();
  }
  [[nodiscard]] Result<std::vector<ledger::AccountBalance>> balances_at(
      std::uint64_t) const override {
    return std::vector<ledger::AccountBalance>();
  }
  [[nodiscard]] Result<std::uint64_t> size_at(UnixNanos) const override { return std::uint64_t{0}; }
  [[nodiscard]] Result<std::optional<ledger::AccountBalance>> account(
      const ledger::AccountKey&) const override {
    return std::optional<ledger::AccountBalance>();
  }
  [[nodiscard]] Result<ledger::StatementPage> statement(
      const ledger::StatementRequest&) const override {
    return ledger::StatementPage();
  }
  [[nodiscard]] Result<std::optional<ledger::HoldState>> hold(const Uuid&) const override {
    return std::optional<ledger::HoldState>();
  }
  [[nodiscard]] Result<std::vector<ledger::DueHold>> due_holds(UnixNanos,
                                                               std::size_t) const override {
    return std::vector<ledger::DueHold>();
  }
  [[nodiscard]] Result<ledger::BooksState> books_state() const override {
    return ledger::BooksState();
  }
  [[nodiscard]] Result<std::optional<std::uint64_t>> entry_seq(const Uuid&) const override {
    return std::optional<std::uint64_t>();
  }
  [[nodiscard]] Result<std::vector<ledger::EntryView>> entries(std::uint64_t,
                                                               std::size_t) const override {
    return std::vector<ledger::EntryView>();
  }
  [[nodiscard]] Result<std::vector<ledger::OutboxEvent>> outbox(std::uint64_t, std::uint32_t,
                                                                std::size_t) const override {
    return std::vector<ledger::OutboxEvent>();
  }
  [[nodiscard]] Result<std::vector<std::uint64_t>> entries_about(const Uuid&,
                                                                 std::optional<std::uint64_t>,
                                                                 std::size_t) const override {
    return std::vector<std::uint64_t>();
  }
  [[nodiscard]] Result<std::vector<Hash32>> inclusion_proof(std::uint64_t,
                                                            std::uint64_t) const override {
    return Error(Errc::validation_failed);
  }
  [[nodiscard]] Result<std::vector<Hash32>> consistency_proof(std::uint64_t,
                                                              std::uint64_t) const override {
    return Error(Errc::validation_failed);
  }
  [[nodiscard]] ledger::Head head() const override { return {}; }
  Result<std::uint64_t> checkpoint(Signer&) override { return std::uint64_t{0}; }
  [[nodiscard]] Result<std::optional<std::string>> last_checkpoint() const override {
    return std::optional<std::string>();
  }
  void on_commit(std::function<void(std::uint64_t)>) override {}
  [[nodiscard]] const ledger::OpenOptions& options() const noexcept override { return options_; }

 private:
  ledger::OpenOptions options_;
};

}  // namespace florin::test

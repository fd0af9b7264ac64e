#include "ledger/verify/package_opening.h"

#include "ledger/verify/numbers.h"

namespace florin::verify {
namespace {

bool read_account(TableReader& accounts, TableReader& balances, Position& position) {
  const auto line = accounts.next();
  if (!line) return accounts.fail("ends too early"), false;
  auto account = parse_account_line(*line);
  if (!account.ok() || account_line(*account) != *line) {
    return accounts.fail("not a row of accounts"), false;
  }
  const auto totals = balances.next();
  if (!totals) return balances.fail("ends too early"), false;
  const auto good = parse_balance_line(*totals, *account);
  if (!good.ok()) return balances.fail(good.error().message()), false;
  position.accounts.push_back(std::move(account).value());
  return true;
}

bool read_hold(TableReader& holds, std::optional<Uuid>& before, Position& position) {
  const auto line = holds.next();
  if (!line) return holds.fail("ends too early"), false;
  auto hold = parse_hold_line(*line);
  if (!hold.ok() || (before && hold->first <= *before)) {
    return holds.fail("not a row of holds in order"), false;
  }
  before = hold->first;
  position.holds.insert(std::move(hold).value());
  return true;
}

bool read_reversed(TableReader& reversed, Position& position) {
  const auto line = reversed.next();
  if (!line) return reversed.fail("ends too early"), false;
  const auto seq = parse_u64(*line);
  if (!seq || (!position.reversed.empty() && *seq <= *position.reversed.rbegin())) {
    return reversed.fail("not an entry's number in order"), false;
  }
  position.reversed.insert(position.reversed.end(), *seq);
  return true;
}

}  // namespace

std::optional<Position> read_opening(const std::filesystem::path& directory,
                                     const Manifest& manifest, TableReader& accounts,
                                     std::vector<Finding>& findings) {
  TableReader balances(directory, kOpeningBalancesFile, kBalancesHeader, findings);
  TableReader holds(directory, kOpeningHoldsFile, kHoldsHeader, findings);
  TableReader reversed(directory, kOpeningReversedFile, kReversedHeader, findings);
  Position out;
  out.next_seq = manifest.from_seq;
  out.mode = manifest.mode == "live"   ? Mode::live
             : manifest.mode == "test" ? Mode::test
                                       : Mode::system;
  out.tenant = *Uuid::parse(manifest.tenant);
  out.booked_at = manifest.opening_booked_at.value_or(-1);
  out.clock = manifest.opening_clock;
  out.locked_through = manifest.opening_locked_through;
  out.recovering = manifest.opening_recovering;
  for (std::uint64_t i = 0; i < manifest.opening_accounts; ++i) {
    if (!read_account(accounts, balances, out)) return std::nullopt;
  }
  std::optional<Uuid> before;
  for (std::uint64_t i = 0; i < manifest.opening_holds; ++i) {
    if (!read_hold(holds, before, out)) return std::nullopt;
  }
  for (std::uint64_t i = 0; i < manifest.opening_reversed; ++i) {
    if (!read_reversed(reversed, out)) return std::nullopt;
  }
  for (TableReader* const table : {&balances, &holds, &reversed}) table->expect_end();
  if (accounts.failed() || balances.failed() || holds.failed() || reversed.failed()) {
    return std::nullopt;
  }
  return out;
}

}  // namespace florin::verify

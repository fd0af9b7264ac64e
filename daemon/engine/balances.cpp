#include "daemon/engine/balances.h"

#include <algorithm>

#include "daemon/engine/store.h"

namespace florin::engine {
namespace {

using ledger::AccountCode;

// What every reader of JSON can hold (RFC 8259 §6): 2^53 - 1.
constexpr std::uint64_t kHighestAmount = 9'007'199'254'740'991;
constexpr std::uint16_t kHighestCurrencyNumber = 999;  // ISO 4217: three digits

const std::vector<Currency>& all_currencies() {
  static const std::vector<Currency> all = [] {
    std::vector<Currency> out;
    for (std::uint16_t number = 1; number <= kHighestCurrencyNumber; ++number) {
      if (const auto currency = Currency::from_number(number); currency.ok()) {
        out.push_back(*currency);
      }
    }
    std::sort(out.begin(), out.end(),
              [](const Currency& a, const Currency& b) { return a.code() < b.code(); });
    return out;
  }();
  return all;
}

// Whatever is posted for a merchant has its other side on an account of a connector: these are few,
// where merchants may be many.
Result<std::vector<Currency>> currencies_in_use(const Context& context) {
  constexpr std::size_t kConnectors = 1'000;
  FLORIN_TRY(const std::vector<ledger::ObjectRow> connectors,
             context.books().objects(static_cast<ledger::ObjectKind>(domain::Kind::connector),
                                     std::nullopt, kConnectors));
  std::vector<Currency> out;
  for (const Currency& currency : all_currencies()) {
    bool used = false;
    for (const ledger::ObjectRow& connector : connectors) {
      for (const AccountCode code :
           {AccountCode::psp_receivable, AccountCode::authorization_contra}) {
        if (used) break;
        FLORIN_TRY(const auto account,
                   context.books().account({code, currency.number(), connector.id}));
        used = account.has_value();
      }
    }
    if (used) out.push_back(currency);
  }
  return out;
}

// What stands on the second side more than on the first.
Result<std::int64_t> difference(Uint128 less, Uint128 more) {
  const bool negative = less > more;
  const Uint128 size = negative ? less - more : more - less;
  if (size > kHighestAmount) {
    return Error(Errc::ledger_overflow, {}, {}, "a balance that no answer can hold");
  }
  const auto amount = static_cast<std::int64_t>(size);
  return negative ? -amount : amount;
}

Result<void> add(std::int64_t& to, std::int64_t amount) {
  // Neither is beyond the highest amount, so that the sum is no overflow.
  to += amount;
  if (to <= static_cast<std::int64_t>(kHighestAmount) &&
      -to <= static_cast<std::int64_t>(kHighestAmount)) {
    return {};
  }
  return Error(Errc::ledger_overflow, {}, {}, "a sum of balances that no answer can hold");
}

/// Whether any account was there, and what they hold.
struct Found {
  bool any = false;
  Position position;
};

Result<Found> position_of(const Context& context, AccountCode payable, const Currency& currency,
                          const MerchantId& owner) {
  const ledger::Ledger& books = context.books();
  const std::uint16_t asset = currency.number();
  Found out;
  FLORIN_TRY(const auto owed, books.account({payable, asset, owner.value}));
  FLORIN_TRY(const auto withheld,
             books.account({AccountCode::dispute_holding, asset, owner.value}));
  FLORIN_TRY(const auto memo, books.account({AccountCode::authorization_memo, asset, owner.value}));
  out.any = owed.has_value() || withheld.has_value() || memo.has_value();
  if (owed) {
    FLORIN_TRY(out.position.payable, difference(owed->debits_posted, owed->credits_posted));
  }
  if (withheld) {
    FLORIN_TRY(out.position.disputed,
               difference(withheld->credits_posted, withheld->debits_posted));
  }
  if (memo) {
    FLORIN_TRY(out.position.authorized, difference(memo->credits_pending, memo->debits_pending));
  }
  return out;
}

Result<void> add(Position& total, const Position& part) {
  FLORIN_TRY_VOID(add(total.payable, part.payable));
  FLORIN_TRY_VOID(add(total.disputed, part.disputed));
  return add(total.authorized, part.authorized);
}

}  // namespace

Result<std::vector<MerchantId>> branches_of(const Context& context, const MerchantId& merchant) {
  FLORIN_TRY(
      const ledger::IndexPage page,
      context.books().index(static_cast<ledger::IndexNumber>(domain::Index::branches_of_merchant),
                            merchant.value.view(), std::nullopt, domain::kMaxBranches, false));
  std::vector<MerchantId> out;
  out.reserve(page.rows.size());
  for (const auto& row : page.rows) out.push_back({row.id});
  return out;
}

Result<std::vector<MerchantBalance>> balances_of(const Context& context,
                                                 const MerchantId& merchant) {
  FLORIN_TRY(const std::vector<MerchantId> branches, branches_of(context, merchant));
  std::vector<BranchPosition> named;
  named.reserve(branches.size());
  for (const MerchantId& branch : branches) {
    FLORIN_TRY(domain::Merchant record, load_merchant(context, branch));
    named.push_back({.branch = branch, .name = std::move(record.name), .position = {}});
  }
  FLORIN_TRY(const std::vector<Currency> currencies, currencies_in_use(context));
  std::vector<MerchantBalance> out;
  for (const Currency& currency : currencies) {
    FLORIN_TRY(const Found own,
               position_of(context, AccountCode::merchant_payable, currency, merchant));
    MerchantBalance balance{
        .currency = currency, .total = own.position, .own = own.position, .branches = named};
    bool any = own.any;
    for (BranchPosition& row : balance.branches) {
      FLORIN_TRY(const Found found,
                 position_of(context, AccountCode::submerchant_payable, currency, row.branch));
      any = any || found.any;
      row.position = found.position;
      FLORIN_TRY_VOID(add(balance.total, found.position));
    }
    if (any) out.push_back(std::move(balance));
  }
  return out;
}

}  // namespace florin::engine

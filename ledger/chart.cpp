#include "ledger/chart.h"

namespace florin::ledger {
namespace {

constexpr ChartRow asset(AccountCode code, std::string_view name) {
  return {code, name, AccountType::asset, Side::debit};
}
constexpr ChartRow liability(AccountCode code, std::string_view name) {
  return {code, name, AccountType::liability, Side::credit};
}
constexpr ChartRow expense(AccountCode code, std::string_view name) {
  return {code, name, AccountType::expense, Side::debit};
}
constexpr ChartRow revenue(AccountCode code, std::string_view name) {
  return {code, name, AccountType::revenue, Side::credit};
}

using enum AccountCode;
constexpr ChartRow kChart[] = {
    asset(psp_receivable, "PSP receivable"),
    asset(psp_in_transit, "PSP in transit"),
    asset(settlement_bank, "settlement bank"),
    asset(psp_reserve, "reserve held at PSP"),
    asset(merchant_receivable, "merchant receivable"),
    liability(merchant_payable, "merchant payable"),
    liability(merchant_pending, "merchant payable, pending settlement"),
    liability(merchant_reserve, "merchant rolling reserve"),
    {submerchant_payable, "sub-merchant payable", AccountType::liability, Side::credit,
     merchant_payable},
    liability(payout_in_transit, "payout in transit"),
    liability(refund_clearing, "refund clearing"),
    liability(dispute_holding, "dispute holding"),
    liability(tax_payable, "tax payable on fees"),
    liability(loyalty_points, "loyalty points"),
    {fx_position, "FX position", AccountType::control, Side::debit},
    {suspense, "suspense", AccountType::control, Side::debit, std::nullopt, false},
    revenue(fee_revenue, "fee revenue"),
    revenue(fx_margin, "FX margin"),
    expense(psp_fees, "PSP fees"),
    expense(scheme_fees, "scheme fees"),
    expense(chargeback_loss, "chargeback loss"),
    expense(loyalty_issue_cost, "loyalty issue cost"),
    {authorization_memo, "authorization memo", AccountType::memo, Side::debit, std::nullopt, false},
    {authorization_contra, "authorization contra", AccountType::memo, Side::credit, std::nullopt,
     false},
};

}  // namespace

std::string_view account_type_name(AccountType type) noexcept {
  switch (type) {
    case AccountType::asset:
      return "asset";
    case AccountType::liability:
      return "liability";
    case AccountType::control:
      return "control";
    case AccountType::revenue:
      return "revenue";
    case AccountType::expense:
      return "expense";
    case AccountType::memo:
      return "memo";
  }
  return "unknown";
}

std::span<const ChartRow> chart() noexcept {
  return kChart;
}

std::optional<ChartRow> chart_row(AccountCode code) noexcept {
  for (const ChartRow& row : kChart) {
    if (row.code == code) return row;
  }
  return std::nullopt;
}

}  // namespace florin::ledger

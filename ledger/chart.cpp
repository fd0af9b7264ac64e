#include "ledger/chart.h"

namespace florin::ledger {
namespace {

constexpr ChartRow kChart[] = {
    {AccountCode::psp_receivable, "PSP receivable", AccountType::asset, Side::debit},
    {AccountCode::merchant_payable, "merchant payable", AccountType::liability, Side::credit},
    {AccountCode::refund_clearing, "refund clearing", AccountType::liability, Side::credit},
    {AccountCode::suspense, "suspense", AccountType::control, Side::debit},
    {AccountCode::authorization_memo, "authorization memo", AccountType::memo, Side::debit},
    {AccountCode::authorization_contra, "authorization contra", AccountType::memo, Side::credit},
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

// Texts of an export package: the manifest and the rows of its tables.
#include "base/check.h"
#include "ledger/verify/package_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace florin::verify;  // NOLINT(google-build-using-namespace)
  const std::string_view text = florin::text_of({data, size});
  if (const auto manifest = parse_manifest(text); manifest.ok()) {
    FLORIN_ASSERT(manifest_text(*manifest) == text);
  }
  if (auto account = parse_account_line(text); account.ok()) {
    FLORIN_ASSERT(account_line(*account) == text);
  }
  AccountState account;
  if (parse_balance_line(text, account).ok()) {
    FLORIN_ASSERT(balance_line(account) == text);
  }
  if (const auto hold = parse_hold_line(text); hold.ok()) {
    FLORIN_ASSERT(hold_line(hold->first, hold->second) == text);
  }
  (void)leaf_of_line(text).ok();
  return 0;
}

#include "ledger/verify/reversals.h"

#include <fmt/format.h>

#include "ledger/verify/mismatch.h"

namespace florin::verify {
namespace {

bool may_be_reversed(std::uint8_t type) {
  return type != kGenesisType && type != kReversalType && type != kExpiryType &&
         type != kClockType && type != kPeriodType && type != kAccountType && type != kRecoveryType;
}

bool is_mirror(const Posting& posting, std::uint64_t account, const Posting& original) {
  return account == original.account && posting.amount == original.amount &&
         posting.asset == original.asset && posting.side != original.side &&
         posting.layer == original.layer && posting.party == original.party;
}

Result<void> check_postings(const Leaf& reversal, const Leaf& original) {
  if (reversal.postings.size() != original.postings.size()) {
    return mismatch("has not as many postings as the entry that it reverses");
  }
  auto redirection = reversal.redirections.begin();
  for (std::size_t i = 0; i < reversal.postings.size(); ++i) {
    std::uint64_t account = reversal.postings[i].account;
    if (redirection != reversal.redirections.end() && redirection->posting == i) {
      account = redirection->account;
      ++redirection;
    }
    if (is_mirror(reversal.postings[i], account, original.postings[i])) continue;
    return mismatch(
        fmt::format("posting {}: is not the mirror of that of entry {}", i + 1, original.seq));
  }
  return {};
}

}  // namespace

Result<void> check_mirror(const Leaf& reversal, const Leaf& original) {
  if (original.entry_id != reversal.reverses->entry_id) {
    return mismatch(fmt::format("reverses entry {}, which has another id", original.seq));
  }
  if (!may_be_reversed(original.type)) {
    return mismatch(fmt::format("reverses entry {} of type {}, which stands for ever", original.seq,
                                original.type));
  }
  FLORIN_TRY_VOID(check_postings(reversal, original));
  if (reversal.holds.size() != original.holds.size()) {
    return mismatch("has not as many hold changes as the entry that it reverses");
  }
  for (std::size_t i = 0; i < reversal.holds.size(); ++i) {
    HoldChange wanted = original.holds[i];
    wanted.takes_back = true;
    if (reversal.holds[i] == wanted) continue;
    return mismatch(fmt::format("hold change {}: is not that of entry {}", i + 1, original.seq));
  }
  return {};
}

}  // namespace florin::verify

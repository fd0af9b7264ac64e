#include "ledger/verify/position.h"

#include <fmt/format.h>

#include <cstring>

#include "ledger/verify/accounts.h"
#include "ledger/verify/mismatch.h"

namespace florin::verify {
namespace {

Error wrong(std::string_view what) {
  return mismatch(fmt::format("opening position: {}", what));
}

Result<void> check_account(const Position& position, std::size_t index) {
  const AccountState& account = position.accounts[index];
  const std::uint64_t number = index + 1;
  if (account.opening.number != number) return wrong(fmt::format("account {} is missing", number));
  const std::uint64_t earliest = index == 0 ? 0 : position.accounts[index - 1].opened_seq;
  if (account.opened_seq < earliest || account.opened_seq >= position.next_seq ||
      account.totals.last > position.next_seq) {
    return wrong(fmt::format("account {} knows of a later entry", number));
  }
  if (account.flags != 0 && !may_have_flags(account.opening.code)) {
    return wrong(fmt::format("account {} has flags", number));
  }
  if (auto good = check_parent(position.accounts, account.opening); !good.ok()) {
    return wrong(good.error().message());
  }
  return {};
}

// 64 bits a posting: no ledger that fits a disk comes near. Sums of such legs stay in 128 bits.
constexpr Int128 kMostNet = Int128{1} << 100U;

Result<void> check_hold(const Position& position, const Uuid& id, const HoldState& hold) {
  const auto bad = [&](std::string_view what) {
    return wrong(fmt::format("hold {}: {}", id.text(), what));
  };
  const HoldLeg* before = nullptr;
  for (const HoldLeg& leg : hold.legs) {
    if (leg.account == 0 || leg.account > position.accounts.size() || leg.net == 0) {
      return bad("a leg on no account or of nothing");
    }
    if (leg.net >= kMostNet || leg.net <= -kMostNet) {
      return bad("a leg of more than any ledger can hold");
    }
    if (before != nullptr && (leg.account < before->account ||
                              (leg.account == before->account && leg.party <= before->party))) {
      return bad("the legs are not in order");
    }
    before = &leg;
  }
  if (hold.limit_passed) return {};
  if (Uint128{hold.captured} + hold.released > hold.authorized) {
    return bad("captured and released exceed authorized");
  }
  if (hold.refunded > hold.captured) return bad("refunded exceeds captured");
  return {};
}

}  // namespace

const Uint128& Totals::of(Side side, Layer layer) const {
  if (layer == Layer::posted) return side == Side::debit ? debits_posted : credits_posted;
  return side == Side::debit ? debits_pending : credits_pending;
}

Uint128& Totals::of(Side side, Layer layer) {
  return const_cast<Uint128&>(std::as_const(*this).of(side, layer));  // NOLINT(*const-cast*)
}

std::size_t UuidHash::operator()(const Uuid& id) const noexcept {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  std::memcpy(&high, id.bytes.data(), sizeof(high));
  std::memcpy(&low, id.bytes.data() + sizeof(high), sizeof(low));
  return static_cast<std::size_t>((low ^ (high >> 32U) ^ (high << 32U)) * 0x9E3779B97F4A7C15ULL);
}

Result<void> check_position(const Position& position) {
  Sums sums;
  std::vector<Int128> pending(position.accounts.size(), 0);
  for (std::size_t i = 0; i < position.accounts.size(); ++i) {
    FLORIN_TRY_VOID(check_account(position, i));
    const AccountState& account = position.accounts[i];
    for (const Side side : {Side::debit, Side::credit}) {
      for (const Layer layer : {Layer::posted, Layer::pending}) {
        if (!sums.add(account.opening.asset, layer, side, account.totals.of(side, layer))) {
          return wrong("a sum overflows");
        }
      }
    }
    pending[i] =
        static_cast<Int128>(account.totals.debits_pending - account.totals.credits_pending);
  }
  if (const auto difference = sums.difference()) return wrong(*difference);
  for (const auto& [id, hold] : position.holds) {
    FLORIN_TRY_VOID(check_hold(position, id, hold));
    for (const HoldLeg& leg : hold.legs) {
      // Wraps at most to a difference that is found below.
      Int128& rest = pending[leg.account - 1];
      rest = static_cast<Int128>(static_cast<Uint128>(rest) - static_cast<Uint128>(leg.net));
    }
  }
  for (std::size_t i = 0; i < pending.size(); ++i) {
    if (pending[i] == 0) continue;
    return wrong(fmt::format("account {}: the holds do not make up what is pending", i + 1));
  }
  if (!position.reversed.empty() && *position.reversed.rbegin() >= position.next_seq) {
    return wrong("a later entry is reversed");
  }
  return {};
}

}  // namespace florin::verify

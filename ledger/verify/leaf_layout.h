#pragma once
/// Numbers of the leaf's layout that its decoder and its encoder share (ledger/FORMAT.md, "Leaf").
#include <cstddef>
#include <cstdint>

namespace florin::verify {

inline constexpr std::size_t kHeaderBytes = 160;
inline constexpr std::size_t kPostingBytes = 64;
inline constexpr std::size_t kMaxTlvs = 255;

enum class Tag : std::uint16_t {
  account_opened = 1,
  hold = 2,
  actor = 3,
  flags = 4,
  note = 5,
  account_flags = 6,
  redirection = 7,
  meant_day = 8,
  reverses = 9,
  approval = 10,
  lock = 11,
  clock = 12,
  recovery = 13,
};

/// Bytes of a TLV's value; zero for the note, whose length varies.
constexpr std::size_t value_bytes(Tag tag) noexcept {
  constexpr std::size_t kBytes[] = {0, 40, 40, 17, 4, 0, 16, 16, 4, 24, 48, 4, 8, 48};
  return kBytes[static_cast<std::size_t>(tag)];
}

/// True for tags that may stand several times in one leaf.
constexpr bool may_repeat(Tag tag) noexcept {
  return tag == Tag::account_opened || tag == Tag::hold || tag == Tag::account_flags ||
         tag == Tag::redirection || tag == Tag::approval;
}

}  // namespace florin::verify

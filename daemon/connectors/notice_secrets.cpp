#include "daemon/connectors/notice_secrets.h"

#include <algorithm>

namespace florin::connectors {
namespace {

constexpr std::size_t kMaxSecret = 128;

}  // namespace

// The length of the first in a byte, then both.
Secret join_notice_secrets(BytesView current, BytesView previous) {
  FLORIN_ASSERT(!current.empty() && current.size() <= kMaxSecret && previous.size() <= kMaxSecret);
  Secret out(1 + current.size() + previous.size());
  const auto bytes = out.writable();
  bytes[0] = static_cast<std::uint8_t>(current.size());
  std::copy(current.begin(), current.end(), bytes.begin() + 1);
  std::copy(previous.begin(), previous.end(),
            bytes.begin() + 1 + static_cast<std::ptrdiff_t>(current.size()));
  return out;
}

Result<std::vector<Secret>> split_notice_secrets(const Secret& joined) {
  const BytesView bytes = joined.view();
  const Error wrong(Errc::decryption_failed, {}, {}, "not the secrets of notices");
  if (bytes.empty() || bytes[0] == 0 || bytes[0] > kMaxSecret) return wrong;
  const std::size_t first = bytes[0];
  if (bytes.size() < 1 + first || bytes.size() > 1 + first + kMaxSecret) return wrong;
  std::vector<Secret> out;
  out.reserve(2);
  out.emplace_back(bytes.subspan(1, first));
  if (bytes.size() > 1 + first) out.emplace_back(bytes.subspan(1 + first));
  return out;
}

}  // namespace florin::connectors

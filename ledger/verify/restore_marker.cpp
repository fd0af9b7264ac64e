#include "ledger/verify/restore_marker.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "base/hash.h"
#include "base/uuid.h"
#include "ledger/verify/numbers.h"

namespace florin::verify {
namespace {

constexpr std::string_view kFormat = "restore-marker/1";
constexpr std::size_t kLines = 7;

Error malformed(std::string_view what) {
  return Error(Errc::malformed_value, {}, fmt::format("the restore marker: {}", what));
}

std::string checked_part(const RestoreMarker& marker) {
  return fmt::format("{}\nbackup {}\nentries {}\ncut {}\nsigned-size {}\nsigned-root {}\n", kFormat,
                     marker.backup, marker.entries, marker.cut ? 1 : 0, marker.signed_size,
                     to_hex(marker.signed_root));
}

}  // namespace

std::string format_restore_marker(const RestoreMarker& marker) {
  const std::string text = checked_part(marker);
  return fmt::format("{}sha256 {}\n", text, to_hex(sha256(view_of(text))));
}

Result<RestoreMarker> parse_restore_marker(std::string_view text) {
  std::vector<std::string_view> values;
  for (std::string_view rest = text.substr(0, kMaxRestoreMarkerBytes); !rest.empty();) {
    const std::size_t end = rest.find('\n');
    if (end == std::string_view::npos || values.size() == kLines) return malformed("form");
    const std::string_view line = rest.substr(0, end);
    values.push_back(line.substr(line.find(' ') + 1));
    rest.remove_prefix(end + 1);
  }
  if (values.size() != kLines) return malformed("form");
  RestoreMarker out;
  out.backup = values[1];
  const auto entries = parse_u64(values[2]);
  const auto signed_size = parse_u64(values[4]);
  const auto root = from_hex(values[5]);
  if (!entries || !signed_size || !root.ok() || root->size() != out.signed_root.size()) {
    return malformed("a value");
  }
  out.entries = *entries;
  out.cut = values[3] == "1";
  out.signed_size = *signed_size;
  std::copy(root->begin(), root->end(), out.signed_root.begin());
  if (out.signed_size == 0 && out.signed_root != Hash32{}) return malformed("a root of nothing");
  FLORIN_TRY_VOID(Uuid::parse(out.backup));
  // One marker has one text: this covers names, spelling and checksum at once.
  if (format_restore_marker(out) != text) return malformed("spelling or checksum");
  return out;
}

}  // namespace florin::verify

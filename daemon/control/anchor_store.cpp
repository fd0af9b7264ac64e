#include "daemon/control/anchor_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/hash.h"
#include "ledger/files.h"

namespace florin::control {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "anchor 1\n";
constexpr const char* kFile = "anchor";
constexpr const char* kUnsealed = "anchor.new";
constexpr const char* kRestored = "restored";

// Nothing when it is not there.
Result<std::optional<std::string>> read_text(const fs::path& path) {
  std::error_code failure;
  if (!fs::exists(path, failure) && !failure) return std::optional<std::string>{};
  FLORIN_TRY(const Bytes bytes, ledger::read_file(path));
  return std::optional<std::string>(text_of(bytes));
}

std::string encode(const AnchoredHeads& heads) {
  std::string text(kFirstLine);
  for (const auto& [origin, head] : heads) {
    text += fmt::format("{} {} {}\n", head.size, to_hex(head.root), origin);
  }
  return text;
}

Result<AnchoredHeads> decode(std::string_view text) {
  const Error malformed(Errc::ledger_corrupt, {}, "The file of the anchor is not well formed.");
  if (!text.starts_with(kFirstLine)) return malformed;
  AnchoredHeads heads;
  for (std::string_view rest = text.substr(kFirstLine.size()); !rest.empty();) {
    const std::size_t end = rest.find('\n');
    const std::size_t first = rest.find(' ');
    const std::size_t second = first == std::string_view::npos ? first : rest.find(' ', first + 1);
    if (end == std::string_view::npos || second == std::string_view::npos || second > end) {
      return malformed;
    }
    ledger::Anchor head;
    const std::string_view digits = rest.substr(0, first);
    const char* const digits_begin = digits.data();
    const char* const digits_end = digits_begin + digits.size();
    const auto number = std::from_chars(digits_begin, digits_end, head.size);
    const auto root = from_hex(rest.substr(first + 1, second - first - 1));
    if (number.ec != std::errc{} || number.ptr != digits_end || !root.ok() ||
        root->size() != head.root.size()) {
      return malformed;
    }
    std::copy(root->begin(), root->end(), head.root.begin());
    heads.insert_or_assign(std::string(rest.substr(second + 1, end - second - 1)), head);
    rest.remove_prefix(end + 1);
  }
  // One content has one spelling.
  if (encode(heads) != text) return malformed;
  return heads;
}

Error refused(const fs::path& file, std::string_view what) {
  return Error(Errc::ledger_mismatch, {},
               fmt::format("The anchor of the books, {}, {}: this is not the newest state of the "
                           "data directory. Put the newest state back, and start again.",
                           file.string(), what));
}

}  // namespace

bool AnchorStore::is_restored() const {
  std::error_code failure;
  return fs::exists(directory_ / kRestored, failure);
}

Result<AnchoredHeads> AnchorStore::load() {
  // What is anchored is not what was restored. The ledgers say that they were, and are not open.
  if (is_restored()) return known_ = {};
  const fs::path file = directory_ / kFile;
  const fs::path unsealed = directory_ / kUnsealed;
  FLORIN_TRY(const auto sealed, seal_.read());
  FLORIN_TRY(auto text, read_text(file));
  if (!sealed.has_value()) {
    // Before the first one was sealed there is at most an unsealed one.
    if (text.has_value()) return refused(file, "is not known to the security module");
    return known_ = {};
  }
  const auto is_sealed = [&sealed](const std::optional<std::string>& candidate) {
    return candidate.has_value() &&
           std::ranges::equal(sha256(view_of(*candidate)), BytesView(*sealed));
  };
  if (!is_sealed(text)) {
    // A crash came between sealing and renaming.
    FLORIN_TRY(auto next, read_text(unsealed));
    if (!is_sealed(next)) {
      return refused(
          file, text.has_value() ? "is not the one that the security module knows" : "is missing");
    }
    FLORIN_TRY_VOID(ledger::publish_file(unsealed, file));
    text = std::move(next);
  }
  FLORIN_TRY(known_, decode(*text));
  stored_ = true;
  return known_;
}

Result<void> AnchorStore::store(const AnchoredHeads& heads) {
  // To seal the same once more is right whatever became of it; to overwrite its file is not.
  if (unsettled_.has_value()) FLORIN_TRY_VOID(seal(*unsettled_));
  AnchoredHeads next = known_;
  for (const auto& [origin, head] : heads) {
    if (!next.contains(origin) || next[origin].size <= head.size) next[origin] = head;
  }
  if (stored_ && next == known_) return {};
  return seal(std::move(next));
}

Result<void> AnchorStore::seal(AnchoredHeads next) {
  const std::string text = encode(next);
  // Old and new file stand side by side until the module has decided between them.
  FLORIN_TRY_VOID(ledger::write_file(directory_ / kUnsealed, text));
  unsettled_ = next;
  FLORIN_TRY_VOID(seal_.write(sha256(view_of(text))));
  FLORIN_TRY_VOID(ledger::publish_file(directory_ / kUnsealed, directory_ / kFile));
  unsettled_.reset();
  known_ = std::move(next);
  stored_ = true;
  if (!is_restored()) return {};
  if (::unlink((directory_ / kRestored).c_str()) != 0) {
    return ledger::io_error("remove", directory_ / kRestored);
  }
  return ledger::sync_directory(directory_);
}

}  // namespace florin::control

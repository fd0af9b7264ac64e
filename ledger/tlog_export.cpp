#include "ledger/tlog_export.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/signature.h"
#include "ledger/files.h"
#include "ledger/merkle.h"
#include "ledger/tiles.h"
#include "ledger/verify/note.h"

namespace florin::ledger {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kPageEntries = 1024;  // whole bundles

Error io_failure(const fs::path& path, const std::error_code& error) {
  return Error(Errc::io_failure, "directory", {}, path.string() + ": " + error.message());
}

/// A directory tree that appears under its name when it is whole.
class Tree {
 public:
  static Result<Tree> create(const fs::path& directory) {
    std::error_code error;
    fs::path partial = directory;
    partial += ".partial";
    for (const fs::path& path : {directory, partial}) {
      if (fs::exists(fs::symlink_status(path, error))) {
        return Error(Errc::validation_failed, "directory",
                     "The directory \"" + path.string() + "\" exists already.");
      }
    }
    FLORIN_TRY_VOID(ensure_directory(partial));
    return Tree(directory, partial);
  }
  Tree(Tree&& other) noexcept
      : final_(std::move(other.final_)),
        partial_(std::exchange(other.partial_, {})),
        files_(other.files_) {}
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;
  Tree& operator=(Tree&&) = delete;
  ~Tree() {
    std::error_code ignored;
    if (!partial_.empty()) fs::remove_all(partial_, ignored);
  }

  Result<void> write(const std::string& file, std::string_view text) {
    fs::path folder = partial_;
    const fs::path relative(file);
    for (const fs::path& part : relative.parent_path()) {
      folder /= part;
      FLORIN_TRY_VOID(ensure_directory(folder));
    }
    ++files_;
    return write_file(partial_ / relative, text);
  }
  Result<void> publish() {
    std::error_code error;
    fs::rename(partial_, final_, error);
    if (error) return io_failure(final_, error);
    partial_.clear();
    return sync_directory(fs::absolute(final_, error).parent_path());
  }
  [[nodiscard]] std::uint64_t files() const noexcept { return files_; }

 private:
  Tree(fs::path final_path, fs::path partial)
      : final_(std::move(final_path)), partial_(std::move(partial)) {}
  fs::path final_;
  fs::path partial_;
  std::uint64_t files_ = 0;
};

// "tile/0/x001/234", and "….p/17" when it is not full.
std::string tile_path(const std::string& kind, std::uint64_t index, std::size_t width) {
  std::string path = "tile/" + kind + "/" + tlog_number_path(index);
  if (width < kTileHashes) path += fmt::format(".p/{}", width);
  return path;
}

class TlogWriter {
 public:
  TlogWriter(const Ledger& ledger, const verify::Checkpoint& checkpoint, Tree& files)
      : ledger_(ledger), checkpoint_(checkpoint), files_(files) {}

  Result<void> run() {
    while (edge_.size() < checkpoint_.size) {
      const std::uint64_t wanted = std::min(kPageEntries, checkpoint_.size - edge_.size());
      FLORIN_TRY(const std::vector<EntryView> page, ledger_.entries(edge_.size(), wanted));
      if (page.empty()) {
        return Error(Errc::unavailable, {}, "Not all signed entries can be read yet; try again.");
      }
      for (const EntryView& entry : page) FLORIN_TRY_VOID(take(entry));
    }
    if (tree_.root() != checkpoint_.root) {
      return Error(Errc::ledger_mismatch, {}, "The entries do not lead to the signed root.");
    }
    return write_unfinished();
  }

 private:
  Result<void> take(const EntryView& entry) {
    const Hash32 hash = merkle_leaf_hash(entry.leaf);
    bundle_.u16_be(static_cast<std::uint16_t>(entry.leaf.size()));
    bundle_.raw(entry.leaf);
    tree_.append(hash);
    for (const Tile& tile : edge_.append(hash)) {
      if (tile.level == 0) FLORIN_TRY_VOID(write_bundle(tile.index, kTileHashes));
      FLORIN_TRY_VOID(write_tile(tile.level, tile.index, tile.hashes));
    }
    return {};
  }

  Result<void> write_bundle(std::uint64_t index, std::size_t width) {
    const Bytes bytes = std::exchange(bundle_, ByteWriter()).take();
    return files_.write(tile_path("entries", index, width), text_of(bytes));
  }

  Result<void> write_tile(std::uint8_t level, std::uint64_t index, std::span<const Hash32> hashes) {
    const Bytes bytes = encode_tile(hashes);
    return files_.write(tile_path(std::to_string(level), index, hashes.size()), text_of(bytes));
  }

  Result<void> write_unfinished() {
    std::uint64_t hashes_of_level = checkpoint_.size;
    for (std::uint8_t level = 0; hashes_of_level > 0; ++level, hashes_of_level /= kTileHashes) {
      const auto unfinished = edge_.unfinished(level);
      if (unfinished.empty()) continue;
      const std::uint64_t index = hashes_of_level / kTileHashes;
      if (level == 0) FLORIN_TRY_VOID(write_bundle(index, unfinished.size()));
      FLORIN_TRY_VOID(write_tile(level, index, unfinished));
    }
    return {};
  }

  const Ledger& ledger_;
  const verify::Checkpoint& checkpoint_;
  Tree& files_;
  TileEdge edge_;
  CompactRange tree_;
  ByteWriter bundle_;
};

// <name>+<key hash>+<base64 of the type ECDSA and the key>, as verifiers of signed notes take it.
std::string verifier_key(const std::string& origin, BytesView public_key_der) {
  constexpr std::uint8_t kEcdsaWithSha256 = 2;
  ByteWriter key;
  key.u8(kEcdsaWithSha256);
  key.raw(public_key_der);
  return fmt::format("{}+{}+{}", origin, to_hex(verify::note_key_hash(public_key_der)),
                     to_base64(key.view()));
}

}  // namespace

std::string tlog_number_path(std::uint64_t number) {
  std::string path = fmt::format("{:03}", number % 1000);
  for (number /= 1000; number > 0; number /= 1000)
    path = fmt::format("x{:03}/", number % 1000) + path;
  return path;
}

Result<TlogSummary> export_tlog(const Ledger& ledger, const fs::path& directory,
                                BytesView public_key_der, const std::string& signed_note) {
  FLORIN_TRY(const verify::SignedNote note, verify::parse_note(signed_note));
  FLORIN_TRY_VOID(verify::verify_note(note, public_key_der));
  FLORIN_TRY(Tree files, Tree::create(directory));
  FLORIN_TRY_VOID(TlogWriter(ledger, note.checkpoint, files).run());
  FLORIN_TRY_VOID(files.write("key.vkey", verifier_key(note.checkpoint.origin, public_key_der)));
  FLORIN_TRY_VOID(files.write("pub.pem", public_key_pem(public_key_der)));
  FLORIN_TRY_VOID(files.write("checkpoint", signed_note));
  FLORIN_TRY_VOID(files.publish());
  return TlogSummary{directory, note.checkpoint.size, note.checkpoint.root, files.files()};
}

}  // namespace florin::ledger

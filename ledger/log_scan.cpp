#include "ledger/log_scan.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include "base/log.h"
#include "ledger/files.h"
#include "ledger/group.h"
#include "ledger/segment_window.h"

namespace florin::ledger {
namespace {

struct SegmentFile {
  std::filesystem::path path;
  SegmentHeader header;
};

std::string place_of(const std::filesystem::path& file, std::uint64_t offset) {
  return file.filename().string() + ", offset " + std::to_string(offset);
}

Error damaged(const std::filesystem::path& file, std::uint64_t offset, std::string_view what) {
  return Error(Errc::ledger_corrupt, {},
               "The ledger failed a check in " + file.filename().string() + " at offset " +
                   std::to_string(offset) + ".",
               std::string(what));
}

Result<std::vector<std::filesystem::path>> segment_paths(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> paths;
  std::error_code failure;
  for (std::filesystem::directory_iterator at(directory, failure), end; !failure && at != end;
       at.increment(failure)) {
    if (at->path().extension() == ".seg") paths.push_back(at->path());
  }
  if (failure) {
    return Error(Errc::io_failure, {}, {}, directory.string() + ": " + failure.message());
  }
  // Names are numbers with leading zeroes.
  std::sort(paths.begin(), paths.end());
  return paths;
}

Result<Bytes> read_header_block(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  Bytes block(kBlockBytes);
  file.read(reinterpret_cast<char*>(block.data()), kBlockBytes);  // NOLINT(*reinterpret-cast*)
  if (file.bad() || !file.is_open()) return io_error("read", path);
  block.resize(static_cast<std::size_t>(file.gcount()));
  return block;
}

class LogScan {
 public:
  LogScan(Uuid tenant, Mode mode, SegmentKeyring& keyring, const EntryVisitor& visit,
          std::optional<std::uint64_t> cut)
      : tenant_(tenant), mode_(mode), keyring_(keyring), visit_(visit), cut_(cut) {}

  Result<LogEnd> run(const std::filesystem::path& directory) {
    FLORIN_TRY(const auto paths, segment_paths(directory));
    for (const std::filesystem::path& path : paths) FLORIN_TRY_VOID(load_header(path));
    count_bytes();
    for (std::size_t i = 0; i < files_.size(); ++i) FLORIN_TRY_VOID(scan_segment(i));
    end_.segments = files_.size();
    end_.entries = next_seq_;
    return end_;
  }

 private:
  Result<void> load_header(const std::filesystem::path& path) {
    FLORIN_TRY(const Bytes block, read_header_block(path));
    const auto header = decode_segment_header(block);
    if (!header.ok()) return damaged(path, 0, header.error().detail());
    if (header->tenant != tenant_ || header->mode != mode_) {
      return Error(Errc::ledger_mismatch, {},
                   "The ledger in this directory belongs to another tenant or mode.",
                   path.string());
    }
    FLORIN_TRY_VOID(authenticate_segment_header(block, *header, keyring_.tenant_keys()));
    if (header->number != files_.size()) {
      return damaged(path, 0, "segment " + std::to_string(files_.size()) + " is missing");
    }
    if (path.filename() != segment_file_name(header->first_seq)) {
      return damaged(path, 0, "the file has the name of another segment");
    }
    keyring_.add(header->number, {header->key_version, header->salt});
    files_.push_back({path, *header});
    return {};
  }

  // Of the last segment only its size is known, zeroes included.
  void count_bytes() {
    for (std::size_t i = 0; i + 1 < files_.size(); ++i) {
      bytes_total_ += files_[i + 1].header.previous_end;
    }
    std::error_code failure;
    if (!files_.empty()) bytes_total_ += std::filesystem::file_size(files_.back().path, failure);
  }

  Result<void> scan_segment(std::size_t index) {
    const SegmentFile& file = files_[index];
    const bool is_last = index + 1 == files_.size();
    if (file.header.first_seq != next_seq_ || file.header.previous_leaf != leaf_hash_) {
      return damaged(file.path, 0, "the segment does not continue the one before");
    }
    if (index > 0 && (file.header.previous_end != end_.previous.end ||
                      file.header.previous_digest != end_.previous.digest)) {
      return damaged(files_[index - 1].path, 0,
                     "its digest is not the one that the next one names");
    }
    FLORIN_TRY(SegmentWindow segment, SegmentWindow::open(file.path));
    Sha256Stream digest;
    FLORIN_TRY(const BytesView block, segment.at(0, kBlockBytes));
    digest.update(block.first(std::min(block.size(), kBlockBytes)));
    FLORIN_TRY(const auto keys, keyring_.get(file.header.number));
    const BytesView key = keys->segment.view();
    GroupPosition at{kBlockBytes, 0, 0};
    // What the next segment does not vouch for was never acknowledged.
    const std::uint64_t closed_at =
        is_last ? segment.size() : files_[index + 1].header.previous_end;
    limit_ = limit_of(index);
    while (at.offset < closed_at && next_seq_ < limit_) {
      if (is_last) {
        FLORIN_TRY(const bool unused, segment.zero_from(at.offset));
        if (unused) break;
      }
      FLORIN_TRY(const BytesView bytes, segment.at(at.offset, kMaxPaddedGroupBytes));
      auto group = read_group(bytes, at, key);
      if (!group.ok()) {
        FLORIN_TRY(const bool goes_on, later_group_exists(segment, at, key));
        if (!is_last || goes_on) {
          return damaged(file.path, at.offset, group.error().detail());
        }
        close_torn(file, at, group.error());
        break;
      }
      FLORIN_TRY_VOID(take_group(file, *group));
      const std::uint64_t group_bytes = group->next.offset - at.offset;
      digest.update(bytes.first(static_cast<std::size_t>(group_bytes)));
      bytes_done_ += group_bytes;
      at = group->next;
    }
    if (!is_last && at.offset != closed_at) {
      return damaged(file.path, at.offset, "the segment does not end where the next one says");
    }
    finish_segment(file, at, digest);
    return {};
  }

  // The first entry that does not count in a segment, since a restore left it behind. A segment
  // that begins there or later was begun by a start after that restore.
  [[nodiscard]] std::uint64_t limit_of(std::size_t index) const {
    if (index + 1 < files_.size()) {
      const SegmentHeader& next = files_[index + 1].header;
      return next.after_cut ? next.first_seq : UINT64_MAX;
    }
    return cut_.has_value() && files_[index].header.first_seq < *cut_ ? *cut_ : UINT64_MAX;
  }

  static Result<bool> later_group_exists(SegmentWindow& segment, const GroupPosition& at,
                                         BytesView key) {
    for (std::uint64_t offset = at.offset + kBlockBytes; offset < segment.size();
         offset += kBlockBytes) {
      FLORIN_TRY(const BytesView bytes, segment.at(offset, kFrameHeaderBytes + kMaxSealedBytes));
      if (is_of_later_group(bytes, at.group, key)) return true;
    }
    return false;
  }

  void close_torn(const SegmentFile& file, const GroupPosition& at, const Error& error) {
    end_.torn = true;
    log(LogLevel::warning, "ledger.torn_tail",
        {{"file", file.path.filename().string()},
         {"offset", at.offset},
         {"found", error.detail()}});
  }

  void finish_segment(const SegmentFile& file, const GroupPosition& at, Sha256Stream& digest) {
    end_.place = place_of(file.path, at.offset);
    end_.next_segment = file.header.number;
    // A segment without a good group holds nothing; the next one takes its number and name.
    if (at.group == 0) return;
    ++end_.next_segment;
    end_.previous = {at.offset, digest.finish()};
    end_.sealed.push_back({file.path.filename().string(), file.header.number, file.header.first_seq,
                           next_seq_, at.offset, end_.previous.digest});
  }

  Result<void> take_group(const SegmentFile& file, Group& group) {
    for (GroupFrame& frame : group.frames) {
      if (next_seq_ == limit_) break;
      auto record = decode_entry(std::move(frame.content.leaf), std::move(frame.content.body));
      if (!record.ok()) {
        return damaged(file.path, frame.offset,
                       record.error().message() + " " + record.error().detail());
      }
      const verify::Leaf& leaf = record->leaf;
      if (leaf.seq != next_seq_ || leaf.previous_leaf != leaf_hash_ || leaf.tenant != tenant_ ||
          static_cast<Mode>(leaf.mode) != mode_ || leaf.booked_at <= booked_at_) {
        return damaged(file.path, frame.offset, "the entry does not continue the one before");
      }
      ++next_seq_;
      leaf_hash_ = record->leaf_hash;
      booked_at_ = leaf.booked_at;
      FLORIN_TRY_VOID(visit_({file.header.number, frame.header.frame, file.path, frame.offset,
                              frame.bytes, std::move(*record), bytes_done_, bytes_total_}));
    }
    return {};
  }

  Uuid tenant_;
  Mode mode_;
  SegmentKeyring& keyring_;
  const EntryVisitor& visit_;
  std::optional<std::uint64_t> cut_;
  std::uint64_t limit_ = UINT64_MAX;  // of the segment in hand
  std::vector<SegmentFile> files_;
  LogEnd end_;
  std::uint64_t next_seq_ = 0;
  Hash32 leaf_hash_{};
  UnixNanos booked_at_ = -1;
  std::uint64_t bytes_done_ = 0;
  std::uint64_t bytes_total_ = 0;
};

}  // namespace

std::string ScannedEntry::place() const {
  return place_of(file, offset);
}

Result<LogEnd> scan_log(const std::filesystem::path& directory, const Uuid& tenant, Mode mode,
                        SegmentKeyring& keyring, const EntryVisitor& visit,
                        std::optional<std::uint64_t> cut) {
  return LogScan(tenant, mode, keyring, visit, cut).run(directory);
}

}  // namespace florin::ledger

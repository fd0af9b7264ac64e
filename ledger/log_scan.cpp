#include "ledger/log_scan.h"

#include <algorithm>
#include <fstream>
#include <vector>

#include "base/log.h"
#include "ledger/files.h"
#include "ledger/group.h"
#include "ledger/segment_window.h"
#include "ledger/segment_writer.h"

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
  LogScan(Uuid tenant, Mode mode, SegmentKeyring& keyring, const EntryVisitor& visit)
      : tenant_(tenant), mode_(mode), keyring_(keyring), visit_(visit) {}

  Result<LogEnd> run(const std::filesystem::path& directory) {
    FLORIN_TRY(const auto paths, segment_paths(directory));
    for (const std::filesystem::path& path : paths) FLORIN_TRY_VOID(load_header(path));
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
    keyring_.add(header->number, header->salt);
    files_.push_back({path, *header});
    return {};
  }

  Result<void> scan_segment(std::size_t index) {
    const SegmentFile& file = files_[index];
    const bool is_last = index + 1 == files_.size();
    if (file.header.first_seq != next_seq_ || file.header.previous_leaf != leaf_hash_) {
      return damaged(file.path, 0, "the segment does not continue the one before");
    }
    FLORIN_TRY(SegmentWindow segment, SegmentWindow::open(file.path));
    FLORIN_TRY(const auto keys, keyring_.get(file.header.number));
    const BytesView key = keys->segment.view();
    GroupPosition at{kBlockBytes, 0, 0};
    // What the next segment does not vouch for was never acknowledged.
    const std::uint64_t closed_at =
        is_last ? segment.size() : files_[index + 1].header.previous_end;
    while (at.offset < closed_at) {
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
      at = group->next;
    }
    if (!is_last && at.offset != closed_at) {
      return damaged(file.path, at.offset, "the segment does not end where the next one says");
    }
    finish_segment(file, at);
    return {};
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

  void finish_segment(const SegmentFile& file, const GroupPosition& at) {
    // A segment without a good group holds nothing; the next one takes its number and name.
    const bool empty = at.group == 0;
    end_.next_segment = empty ? file.header.number : file.header.number + 1;
    end_.previous_end = empty ? file.header.previous_end : at.offset;
    end_.place = place_of(file.path, at.offset);
  }

  Result<void> take_group(const SegmentFile& file, Group& group) {
    for (GroupFrame& frame : group.frames) {
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
      FLORIN_TRY_VOID(visit_({file.header.number, frame.header.frame,
                              place_of(file.path, frame.offset), frame.bytes, std::move(*record)}));
    }
    return {};
  }

  Uuid tenant_;
  Mode mode_;
  SegmentKeyring& keyring_;
  const EntryVisitor& visit_;
  std::vector<SegmentFile> files_;
  LogEnd end_;
  std::uint64_t next_seq_ = 0;
  Hash32 leaf_hash_{};
  UnixNanos booked_at_ = -1;
};

}  // namespace

Result<LogEnd> scan_log(const std::filesystem::path& directory, const Uuid& tenant, Mode mode,
                        SegmentKeyring& keyring, const EntryVisitor& visit) {
  return LogScan(tenant, mode, keyring, visit).run(directory);
}

}  // namespace florin::ledger

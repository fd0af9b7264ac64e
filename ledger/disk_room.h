#pragma once
/// The room on disk that the ledgers of one process have promised to outcomes, added up by file
/// system: what one has promised is not there for another. Made by whoever opens several ledgers.
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

namespace florin::ledger {

/// Thread-safe.
class DiskRoom {
 public:
  /// One ledger's part of it; given back with its end.
  class Share {
   public:
    Share(std::shared_ptr<DiskRoom> room, std::uint64_t file_system);
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;
    /// Bytes that this ledger promises from now on, instead of what it promised before.
    void promise(std::uint64_t bytes);
    /// By all ledgers on the same file system, this one included.
    [[nodiscard]] std::uint64_t promised_by_all() const;

   private:
    const std::shared_ptr<DiskRoom> room_;
    const std::uint64_t file_system_;
    std::uint64_t mine_ = 0;  // guarded by the room's mutex
  };

  /// For the ledger in this directory. Without a room it gets one of its own. What cannot be looked
  /// at is taken to be on one file system with all else that cannot.
  static std::unique_ptr<Share> share(std::shared_ptr<DiskRoom> room,
                                      const std::filesystem::path& directory);

 private:
  mutable std::mutex mutex_;
  std::map<std::uint64_t, std::uint64_t> promised_;  // bytes, by device
};

}  // namespace florin::ledger

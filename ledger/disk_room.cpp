#include "ledger/disk_room.h"

#include <sys/stat.h>

#include <utility>

namespace florin::ledger {

DiskRoom::Share::Share(std::shared_ptr<DiskRoom> room, std::uint64_t file_system)
    : room_(std::move(room)), file_system_(file_system) {}

DiskRoom::Share::~Share() {
  promise(0);
}

void DiskRoom::Share::promise(std::uint64_t bytes) {
  const std::lock_guard lock(room_->mutex_);
  std::uint64_t& sum = room_->promised_[file_system_];
  sum = sum - mine_ + bytes;
  mine_ = bytes;
}

std::uint64_t DiskRoom::Share::promised_by_all() const {
  const std::lock_guard lock(room_->mutex_);
  const auto found = room_->promised_.find(file_system_);
  return found == room_->promised_.end() ? 0 : found->second;
}

std::unique_ptr<DiskRoom::Share> DiskRoom::share(std::shared_ptr<DiskRoom> room,
                                                 const std::filesystem::path& directory) {
  if (room == nullptr) room = std::make_shared<DiskRoom>();
  struct stat info{};
  const bool known = ::stat(directory.c_str(), &info) == 0;
  return std::make_unique<Share>(std::move(room), known ? std::uint64_t{info.st_dev} : 0);
}

}  // namespace florin::ledger

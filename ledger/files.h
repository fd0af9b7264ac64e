#pragma once
/// The few file operations of the ledger, each durable when it returns.
#include <filesystem>
#include <span>
#include <string_view>

#include "base/bytes.h"

namespace florin::ledger {

/// Error `io_failure` from errno, naming action and path.
Error io_error(std::string_view action, const std::filesystem::path& path);

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number) noexcept : number_(number) {}
  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  [[nodiscard]] int number() const noexcept { return number_; }

 private:
  int number_;
};

/// Creates a directory (mode 0700) when it is not there, and makes its name durable.
Result<void> ensure_directory(const std::filesystem::path& path);
Result<void> sync_directory(const std::filesystem::path& path);
/// Takes the exclusive lock of a directory (file `lock` in it). Error: `state_conflict` when
/// another process holds it.
Result<Descriptor> lock_directory(const std::filesystem::path& path);
/// Renames within a directory (replacing) and makes the new name durable.
Result<void> publish_file(const std::filesystem::path& from, const std::filesystem::path& to);
/// Writes a whole file beside its name, flushes, then publishes it.
Result<void> write_file(const std::filesystem::path& path, std::string_view text);
Result<Bytes> read_file(const std::filesystem::path& path);
/// Writes all of `bytes` at `offset`. Error: `io_failure`.
Result<void> write_at(int descriptor, std::uint64_t offset, BytesView bytes,
                      const std::filesystem::path& path);
/// Fills `out` from `offset` on; returns how many bytes there were. Error: `io_failure`.
Result<std::size_t> read_at(int descriptor, std::uint64_t offset, std::span<std::uint8_t> out,
                            const std::filesystem::path& path);

}  // namespace florin::ledger

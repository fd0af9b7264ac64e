#pragma once
/// A CSV file of a package that is held against lines which are derived one after the other.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/verify/package_files.h"
#include "ledger/verify/report.h"

namespace florin::verify {

/// After its first fault a table is silent: what follows would only repeat it.
class TableReader {
 public:
  /// Reads and checks the header line. `findings` must outlive the reader, as must both texts.
  TableReader(const std::filesystem::path& directory, std::string_view file,
              std::string_view header, std::vector<Finding>& findings);

  /// The next line, or nothing when there is none (or the table failed).
  std::optional<std::string_view> next();
  void expect(const std::string& wanted, std::optional<std::uint64_t> entry = {});
  void expect_end();
  void fail(std::string problem, std::optional<std::uint64_t> entry = {});
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  [[nodiscard]] LineReader& lines() noexcept { return lines_; }

 private:
  LineReader lines_;
  std::string_view file_;
  std::string_view header_;
  std::vector<Finding>& findings_;
  bool failed_ = false;
};

}  // namespace florin::verify

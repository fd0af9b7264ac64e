#include "ledger/verify/table_reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace florin::verify {
namespace {

// Where a line first differs from what it should be, as the name of the column.
std::string csv_difference(std::string_view found, std::string_view wanted,
                           std::string_view header) {
  const auto [at, ignored] =
      std::mismatch(found.begin(), found.end(), wanted.begin(), wanted.end());
  auto commas = std::count(found.begin(), at, ',');
  for (; commas > 0 && header.find(',') != std::string_view::npos; --commas) {
    header.remove_prefix(header.find(',') + 1);
  }
  return fmt::format("\"{}\" is not what the leaves say", header.substr(0, header.find(',')));
}

}  // namespace

TableReader::TableReader(const std::filesystem::path& directory, std::string_view file,
                         std::string_view header, std::vector<Finding>& findings)
    : lines_(directory / file), file_(file), header_(header), findings_(findings) {
  const auto line = next();
  if (line && *line != header_) fail("the header line is not that of this format");
  if (!line && !failed_) fail("is empty");
}

std::optional<std::string_view> TableReader::next() {
  if (failed_) return std::nullopt;
  auto line = lines_.next();
  if (line.ok()) return *line;
  fail(line.error().message());
  return std::nullopt;
}

void TableReader::expect(const std::string& wanted, std::optional<std::uint64_t> entry) {
  if (failed_) return;
  const auto line = next();
  if (failed_) return;
  if (!line) return fail("ends too early", entry);
  if (*line != wanted) fail(csv_difference(*line, wanted, header_), entry);
}

void TableReader::expect_end() {
  if (!failed_ && next()) fail("has a line too many");
}

void TableReader::fail(std::string problem, std::optional<std::uint64_t> entry) {
  if (failed_) return;
  failed_ = true;
  findings_.push_back({.file = std::string(file_),
                       .line = std::max<std::uint64_t>(lines_.number(), 1),
                       .entry = entry,
                       .problem = std::move(problem)});
}

}  // namespace florin::verify

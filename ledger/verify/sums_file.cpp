#include "ledger/verify/sums_file.h"

#include "ledger/verify/package_files.h"

namespace florin::verify {
namespace {

constexpr std::size_t kHexDigits = 64;

}  // namespace

std::map<std::string, std::string> read_sums(const std::filesystem::path& path,
                                             std::string_view shown,
                                             const std::function<bool(std::string_view)>& belongs,
                                             std::vector<Finding>& findings) {
  std::map<std::string, std::string> sums;
  LineReader lines(path);
  const auto bad = [&](std::string what) {
    findings.push_back(
        {.file = std::string(shown), .line = lines.number(), .problem = std::move(what)});
  };
  for (;;) {
    const auto line = lines.next();
    if (!line.ok()) {
      bad(line.error().message());
      return sums;
    }
    if (!*line) return sums;
    const std::string_view text = **line;
    if (text.size() <= kHexDigits + 2 || text.substr(kHexDigits, 2) != "  ") {
      bad("not a sum and a name");
      continue;
    }
    const std::string sum(text.substr(0, kHexDigits));
    const std::string name(text.substr(kHexDigits + 2));
    if (sum.find_first_not_of("0123456789abcdef") != std::string::npos) bad("not a SHA-256 sum");
    if (!belongs(name)) {
      bad("lists a file that does not belong here");
      continue;
    }
    if (!sums.empty() && name <= sums.rbegin()->first) bad("the names are not sorted");
    sums.emplace(name, sum);
  }
}

}  // namespace florin::verify

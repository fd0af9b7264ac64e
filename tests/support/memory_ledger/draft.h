#pragma once
/// The entry that a command would become, with all that it would change, or why it may not.
#include <initializer_list>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "support/memory_ledger/memory_books.h"

namespace florin::ledger::model {

struct Draft {
  verify::Leaf leaf;
  std::vector<Account> openings;
  std::map<std::uint64_t, Totals> totals;        ///< of the accounts that are touched
  std::map<std::uint64_t, std::uint32_t> flags;  ///< of the accounts that are changed
  std::map<Uuid, Hold> holds;                    ///< those that are changed
  std::optional<std::uint64_t> reverses;
  BooksState state;

  /// Every rule that the command breaks, as far as that can be told; the first one is the answer.
  std::vector<Error> problems;
  /// Codes that another engine may answer instead, since several rules are broken or since
  /// FORMAT.md does not say which code belongs to the rule.
  std::set<Errc> allowed;
  /// Not empty: what FORMAT.md leaves open here, so that two engines may differ.
  std::string unclear;

  void refuse(Errc code, const char* field, std::initializer_list<Errc> also = {}) {
    problems.emplace_back(code, field, "");
    allowed.insert(code);
    allowed.insert(also);
  }
  void open_question(const char* what) {
    if (unclear.empty()) unclear = what;
  }
  [[nodiscard]] bool good() const { return problems.empty(); }
};

}  // namespace florin::ledger::model

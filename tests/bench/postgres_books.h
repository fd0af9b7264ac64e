#pragma once
/// The ledger of ledger_postgres.sql through libpq: prepared statements, binary parameters, one
/// round trip a transfer or a group.
#include <string>

#include "bench/transfers.h"

namespace florin::bench {

class PostgresBooks final : public Books {
 public:
  /// `conninfo` as libpq takes it; the schema is there.
  explicit PostgresBooks(std::string conninfo) : conninfo_(std::move(conninfo)) {}
  std::unique_ptr<Client> client() override;
  void settle() override {}
  /// Bytes of write-ahead log so far.
  double written_bytes() const;
  /// Sum of all balances less what the transfers say; 0 when the books are right.
  double imbalance() const;

 private:
  double number(const char* query) const;
  std::string conninfo_;
};

}  // namespace florin::bench

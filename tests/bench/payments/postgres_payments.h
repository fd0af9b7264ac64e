#pragma once
/// The durable steps of a payment in PostgreSQL, see payments_postgres.sql.
#include "bench/payments/merchant.h"

namespace florin::bench {

/// So many clients, a thread and a connection each, for so long.
Results pay_in_postgres(const std::string& conninfo, std::size_t clients, double seconds);

}  // namespace florin::bench

#include "bench/postgres_books.h"

#include <libpq-fe.h>

#include <array>

#include "base/bytes.h"
#include "bench/measure.h"

namespace florin::bench {
namespace {

// Types of parameters; their numbers are part of PostgreSQL's wire protocol.
constexpr Oid kInt8 = 20;
constexpr Oid kUuid = 2950;
constexpr Oid kInt8Array = 1016;
constexpr Oid kUuidArray = 2951;

struct ConnectionClose {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using Connection = std::unique_ptr<PGconn, ConnectionClose>;

struct ResultClear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using Answer = std::unique_ptr<PGresult, ResultClear>;

Connection connect(const std::string& conninfo) {
  Connection connection(PQconnectdb(conninfo.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) fail(PQerrorMessage(connection.get()));
  return connection;
}

void check(PGconn* connection, const Answer& answer) {
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail(PQerrorMessage(connection));
}

// An array of one dimension as the wire has it: what it holds is appended element by element.
class ArrayWriter {
 public:
  ArrayWriter(Oid element, std::size_t count) {
    out_.u32_be(1);  // dimensions
    out_.u32_be(0);  // no nulls
    out_.u32_be(element);
    out_.u32_be(static_cast<std::uint32_t>(count));
    out_.u32_be(1);  // first index
  }
  void add(std::uint64_t value) {
    out_.u32_be(sizeof value);
    out_.u64_be(value);
  }
  void add(const Uuid& value) {
    out_.u32_be(static_cast<std::uint32_t>(value.bytes.size()));
    out_.raw(value.bytes);
  }
  [[nodiscard]] BytesView view() const { return out_.view(); }

 private:
  ByteWriter out_;
};

class PostgresClient final : public Client {
 public:
  explicit PostgresClient(const std::string& conninfo) : connection_(connect(conninfo)) {
    prepare("post", "select post($1, $2, $3, $4)", {kUuid, kInt8, kInt8, kInt8});
    prepare("post_group", "select post_group($1, $2, $3, $4)",
            {kUuidArray, kInt8Array, kInt8Array, kInt8Array});
  }

  void post(const Transfer& transfer) override {
    const auto number = [](std::uint64_t value) {
      ByteWriter out;
      out.u64_be(value);
      return std::move(out).take();
    };
    const Bytes debit = number(transfer.debit);
    const Bytes credit = number(kDebitAccounts + transfer.credit);
    const Bytes amount = number(transfer.amount);
    execute("post", {transfer.id.view(), debit, credit, amount});
  }

  void post_group(std::span<const Transfer> group) override {
    ArrayWriter ids(kUuid, group.size());
    ArrayWriter debits(kInt8, group.size());
    ArrayWriter credits(kInt8, group.size());
    ArrayWriter amounts(kInt8, group.size());
    for (const Transfer& transfer : group) {
      ids.add(transfer.id);
      debits.add(transfer.debit);
      credits.add(kDebitAccounts + transfer.credit);
      amounts.add(transfer.amount);
    }
    execute("post_group", {ids.view(), debits.view(), credits.view(), amounts.view()});
  }

 private:
  static constexpr int kParameters = 4;

  void prepare(const char* name, const char* query, const std::array<Oid, kParameters>& types) {
    const Answer answer(PQprepare(connection_.get(), name, query, kParameters, types.data()));
    check(connection_.get(), answer);
  }

  void execute(const char* name, const std::array<BytesView, kParameters>& values) {
    std::array<const char*, kParameters> data{};
    std::array<int, kParameters> sizes{};
    std::array<int, kParameters> formats{};
    for (std::size_t i = 0; i < values.size(); ++i) {
      data[i] = text_of(values[i]).data();
      sizes[i] = static_cast<int>(values[i].size());
      formats[i] = 1;
    }
    const Answer answer(PQexecPrepared(connection_.get(), name, kParameters, data.data(),
                                       sizes.data(), formats.data(), 1));
    check(connection_.get(), answer);
  }

  Connection connection_;
};

}  // namespace

std::unique_ptr<Client> PostgresBooks::client() {
  return std::make_unique<PostgresClient>(conninfo_);
}

double PostgresBooks::number(const char* query) const {
  const Connection connection = connect(conninfo_);
  const Answer answer(PQexec(connection.get(), query));
  check(connection.get(), answer);
  return std::strtod(PQgetvalue(answer.get(), 0, 0), nullptr);
}

double PostgresBooks::written_bytes() const {
  return number("select pg_current_wal_lsn() - '0/0'::pg_lsn");
}

double PostgresBooks::imbalance() const {
  return number(
      "select abs((select sum(debits) from balances) - (select sum(amount) from transfers)) + "
      "abs((select sum(credits) from balances) - (select sum(amount) from transfers)) + "
      "abs((select count(*) from postings) - 2 * (select count(*) from transfers))");
}

}  // namespace florin::bench

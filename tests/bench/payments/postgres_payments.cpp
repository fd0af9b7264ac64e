#include "bench/payments/postgres_payments.h"

#include <libpq-fe.h>

#include <barrier>
#include <thread>

#include "base/entropy.h"

namespace florin::bench {
namespace {

struct ConnectionClose {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
struct ResultClear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};

class Teller {
 public:
  explicit Teller(const std::string& conninfo) : connection_(PQconnectdb(conninfo.c_str())) {
    if (PQstatus(connection_.get()) != CONNECTION_OK) fail(PQerrorMessage(connection_.get()));
    prepare("intend", "select intend($1, $2, $3)");
    prepare("conclude", "select conclude($1, $2, $3)");
  }
  /// Two transactions: before the PSP is asked, and when it has answered.
  void pay(const std::string& id, const std::string& merchant, const std::string& amount) {
    execute("intend", {id.c_str(), merchant.c_str(), amount.c_str()});
    execute("conclude", {id.c_str(), merchant.c_str(), amount.c_str()});
  }

 private:
  using Answer = std::unique_ptr<PGresult, ResultClear>;
  void prepare(const char* name, const char* query) {
    check(Answer(PQprepare(connection_.get(), name, query, 3, nullptr)));
  }
  void execute(const char* name, const std::array<const char*, 3>& values) {
    check(Answer(PQexecPrepared(connection_.get(), name, 3, values.data(), nullptr, nullptr, 0)));
  }
  void check(const Answer& answer) {
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      fail(PQerrorMessage(connection_.get()));
    }
  }
  std::unique_ptr<PGconn, ConnectionClose> connection_;
};

// Ids begin with the time, as ours do.
std::string uuid_text() {
  SystemEntropy entropy;
  const std::string hex = to_hex(new_uuid(SystemClock(), entropy).view());
  return hex.substr(0, 8) + "-" + hex.substr(8, 4) + "-" + hex.substr(12, 4) + "-" +
         hex.substr(16, 4) + "-" + hex.substr(20);
}

}  // namespace

Results pay_in_postgres(const std::string& conninfo, std::size_t clients, double seconds) {
  std::vector<std::vector<double>> latencies(clients);
  std::barrier connected(static_cast<std::ptrdiff_t>(clients));
  std::vector<std::thread> threads;
  threads.reserve(clients);
  for (std::vector<double>& mine : latencies) {
    threads.emplace_back([&conninfo, &connected, &mine, seconds] {
      Teller teller(conninfo);
      connected.arrive_and_wait();
      const auto start = Steady::now();
      // One merchant, as on our side: everybody books to the same accounts.
      while (seconds_since(start) < seconds) {
        const auto begin = Steady::now();
        teller.pay(uuid_text(), "1", "1299");
        mine.push_back(seconds_since(begin) * 1e6);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  Results results{.latencies_us = {}, .failed = 0, .seconds = seconds};
  for (const auto& mine : latencies) {
    results.latencies_us.insert(results.latencies_us.end(), mine.begin(), mine.end());
  }
  return results;
}

}  // namespace florin::bench

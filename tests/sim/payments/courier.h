#pragma once
/// The way of notices from the PSP to the daemon: the sandbox's own sender, and what can happen to
/// what it sends. Early, late, twice, out of order, lost, and now and then about another amount.
#include <map>
#include <memory>
#include <vector>

#include "faulty_network.h"
#include "machine.h"
#include "sandbox/notices.h"

namespace florin::sim {

struct NoticeTally {
  std::uint64_t told = 0;
  std::uint64_t taken = 0;    ///< deliveries that were answered with 2xx
  std::uint64_t lost = 0;     ///< deliveries that never arrived
  std::uint64_t twice = 0;    ///< arrived twice
  std::uint64_t unheard = 0;  ///< arrived, and the PSP did not hear so
  std::uint64_t nobody = 0;   ///< arrived where nobody listened
  std::uint64_t altered = 0;
  std::uint64_t contradicting = 0;
};

class Courier {
 public:
  static constexpr std::string_view kSecret = "what-notices-of-the-psp-are-signed-with";

  Courier(Timeline& timeline, Dice& dice, Machine& machine, FaultyNetwork& network,
          NoticeTally& tally);

  void set_faults(unsigned per_mille) { faults_per_mille_ = per_mille; }
  void sabotage(Sabotage which) { sabotage_ = which; }
  /// The PSP has executed something.
  void tell(std::size_t house, const json::object& record);
  /// Tells of operations whose outcome is known for long that they ended otherwise.
  void contradict();
  /// Lets the sender go on.
  void run();
  /// Nothing is told or on its way.
  [[nodiscard]] bool quiet() const { return planned_ == 0 && runtime_.running_tasks() == 0; }

 private:
  class Postman;
  using Done = std::function<void(std::optional<net::Exchange>)>;
  using Sent = std::shared_ptr<const http::Request>;

  net::Task<net::Exchange> carry(std::size_t house, http::Request request);
  void travel(std::uint64_t number, std::size_t house, const Sent& request);
  void arrive(std::int64_t delay, std::size_t house, const Sent& request, std::uint64_t number);
  void fail(std::int64_t delay, std::uint64_t number);
  void finish(std::uint64_t number, const net::Exchange& exchange);
  void tell_in(std::int64_t delay, std::size_t house, json::object record);
  json::object altered(json::object record);

  Timeline& timeline_;
  Dice& dice_;
  Machine& machine_;
  FaultyNetwork& network_;
  NoticeTally& tally_;
  Sabotage sabotage_ = Sabotage::none;
  unsigned faults_per_mille_ = 0;
  std::uint64_t planned_ = 0;
  std::uint64_t last_ = 0;
  std::vector<std::pair<std::size_t, json::object>> remembered_;
  Sleepers sleepers_;
  net::Runtime runtime_{&sleepers_};
  std::vector<std::unique_ptr<sandbox::Notices>> senders_;  ///< one for each house
  std::map<std::uint64_t, Done> waiting_;  ///< gone before the runtime, whose tasks they continue
};

}  // namespace florin::sim

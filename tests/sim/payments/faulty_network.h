#pragma once
/// The way to the PSP, and what can happen on it. A request once sent has a life of its own: the
/// daemon may be dead when it arrives.
#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <set>

#include "daemon/net/client.h"
#include "dice.h"
#include "psp.h"
#include "sabotage.h"
#include "timeline.h"

namespace florin::sim {

/// How long a client waits for an answer, in nanoseconds: what the real one is set to.
inline constexpr std::int64_t kPatience =
    std::chrono::nanoseconds(net::ClientDeadlines{}.total).count();

enum class Fate : std::uint8_t {
  well,              ///< arrives, is answered
  unsent,            ///< no connection: not a byte left
  request_lost,      ///< never arrives; the client waits in vain
  request_late,      ///< arrives when nobody waits any more
  request_twice,     ///< a second copy arrives, maybe hours later
  reset_before,      ///< the connection breaks, nothing arrives
  reset_after,       ///< arrives, the connection breaks
  answer_lost,       ///< arrives, is answered, the client waits in vain
  answer_late,       ///< answered after the client's deadline
  error_before,      ///< 503 from something in between, nothing arrives
  error_after,       ///< arrives, but 500 comes back
  answer_cut,        ///< an answer that is no JSON any more
  answer_altered,    ///< a success about another amount: a matter for people
  answer_of_others,  ///< a success with another reference
};
inline constexpr std::size_t kFates = 14;
std::string_view fate_name(Fate fate) noexcept;
using FateTally = std::array<std::uint64_t, kFates>;

class FaultyNetwork final : public net::Client {
 public:
  FaultyNetwork(Timeline& timeline, Dice& dice, Psp& psp, FateTally& tally)
      : timeline_(timeline), dice_(dice), psp_(psp), tally_(tally) {}

  net::Task<net::Exchange> send(net::Url url, http::Request request) override;

  /// How many of a thousand exchanges go wrong.
  void set_faults(unsigned per_mille) { faults_per_mille_ = per_mille; }
  void sabotage(Sabotage which) { sabotage_ = which; }
  /// Somebody else told another amount of an operation.
  void note_altered(std::string reference) { altered_.insert(std::move(reference)); }
  /// References of the operations that somebody was told another amount of.
  [[nodiscard]] const std::set<std::string>& altered() const { return altered_; }
  /// Nothing is on its way.
  [[nodiscard]] bool quiet() const { return flying_ == 0; }
  /// The daemon is gone: nobody waits for answers. What is on its way stays so.
  void forget_waiting() { waiting_.clear(); }

 private:
  using Done = std::function<void(std::optional<net::Exchange>)>;
  using Sent = std::shared_ptr<const http::Request>;
  using Then = std::function<void(http::Response)>;

  Fate draw();
  void travel(std::uint64_t number, const Sent& request);
  void arrive(std::int64_t delay, const Sent& request, Then then);
  void answer(std::uint64_t number, std::int64_t delay, http::Response response);
  void fail(std::uint64_t number, std::int64_t delay, Errc code, bool may_have_left);
  void finish(std::uint64_t number, const net::Exchange& exchange);
  void break_rules(const Sent& request);
  void spoil(Fate fate, http::Response& response);

  Timeline& timeline_;
  Dice& dice_;
  Psp& psp_;
  FateTally& tally_;
  unsigned faults_per_mille_ = 0;
  Sabotage sabotage_ = Sabotage::none;
  std::uint64_t last_ = 0;
  std::uint64_t flying_ = 0;
  std::map<std::uint64_t, Done> waiting_;
  std::set<std::string> altered_;
};

}  // namespace florin::sim

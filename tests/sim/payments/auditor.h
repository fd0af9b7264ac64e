#pragma once
/// Recomputes what the books must say from the PSP's book and from what clients were told, and
/// compares. It shares no code with the domain: account numbers are those of ledger/FORMAT.md, and
/// rules about money are written down here a second time.
#include <array>
#include <map>
#include <string>
#include <vector>

#include "clients.h"
#include "ledger/verify/leaf.h"

namespace florin::sim {

/// What the PSP's book says about one payment.
struct Truth {
  unsigned charges = 0;  ///< of any outcome; more than one is a double charge
  std::int64_t authorized = 0;
  std::int64_t captured = 0;
  std::int64_t released = 0;
  std::int64_t refunded = 0;
  std::vector<std::int64_t> captures;  ///< that succeeded, sorted
  std::vector<std::int64_t> refunds;
};

class Auditor {
 public:
  Auditor(const std::vector<House>& houses, const Clients& clients)
      : houses_(houses), clients_(clients) {}

  /// Everything that is wrong; empty when all is well. At most a few dozen findings.
  std::vector<std::string> audit(const json::value& psp_book);

 private:
  /// Of one account and layer, debits less credits.
  struct Moved {
    std::int64_t net = 0;
    std::vector<std::int64_t> debits;
    std::vector<std::int64_t> credits;
  };
  using Place = std::pair<std::uint16_t, verify::Layer>;  ///< account code, layer
  /// What was posted about one payment.
  struct Postings {
    std::map<Place, Moved> places;
    std::map<std::string, unsigned> events;
    bool foreign_party = false;
  };

  void read_psp(const json::value& book);
  void read_charge(const json::object& charge);
  void read_house(const House& house);
  void read_events(const House& house);
  void check_totals(const House& house,
                    const std::map<std::uint64_t, std::array<Uint128, 4>>& sums);
  void check_life(const Life& life);
  void check_amounts(const Life& life, const Truth& truth, const json::object& view);
  void check_postings(const Life& life, const Truth& truth);
  void check_hold(const Life& life, const Truth& truth);
  void check_events(const Life& life, const Truth& truth);
  void check_commands(const Life& life, const Truth& truth);
  void check_promises(const Life& life, const json::object& view);
  void find(const Life& life, const std::string& what);
  void find(const std::string& what);

  const std::vector<House>& houses_;
  const Clients& clients_;
  std::map<std::string, Truth> truths_;  ///< by the merchant's reference
  std::map<Uuid, Postings> postings_;    ///< by payment
  std::vector<std::string> findings_;
};

}  // namespace florin::sim

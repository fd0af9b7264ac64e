#pragma once
/// People and requests of a serving appliance, and who may use which socket.
#include <array>
#include <filesystem>
#include <memory>
#include <mutex>
#include <set>

#include "daemon/config.h"
#include "daemon/control/appliance.h"
#include "daemon/control/requests.h"

namespace florin {

using FirstPeople = std::array<domain::PublicPart, 2>;

/// What hangs together while the appliance serves. Holds the system ledger: let go of it before
/// custody closes.
struct TwoPerson {
  std::shared_ptr<control::People> people;
  std::shared_ptr<control::Requests> requests;
};

/// Binds those whom an initialisation noted, if nobody is bound yet; knows the operations of people
/// and books. Further ones are added by the caller. Errors: those of the system ledger.
Result<TwoPerson> open_two_person(const Config& config, control::Appliance& appliance,
                                  const Clock& clock, Entropy& entropy);
/// Notes whom the next opening binds; durable, so that a crash in between leaves no appliance
/// without people. Errors: those of People::check_first, `io_failure`.
Result<void> note_first_people(const Config& config, const FirstPeople& people);

/// Who may use which socket. Thread-safe.
class Access {
 public:
  Access(bool evaluation, std::set<std::uint32_t> evaluation_uids);
  /// Before anybody is known the kernel's permission on the socket decides; a sealed appliance
  /// takes no order from uid 0 even then.
  void set_sealed();
  void serve(std::shared_ptr<const control::People> people);
  void close();
  /// Error: `permission_denied`, with what to do about it.
  [[nodiscard]] Result<void> check(std::uint32_t uid, domain::Role role) const;

 private:
  const bool evaluation_;
  const std::set<std::uint32_t> evaluation_uids_;
  mutable std::mutex mutex_;
  bool sealed_ = false;
  std::shared_ptr<const control::People> people_;
};

}  // namespace florin

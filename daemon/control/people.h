#pragma once
/// The people of the appliance, as the system ledger has them.
#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/entropy.h"
#include "daemon/control/operation.h"
#include "daemon/domain/person.h"
#include "ledger/ledger.h"

namespace florin::control {

/// Who calls: the uid that the kernel names and, where several people share it, the name given.
struct Caller {
  std::uint32_t uid = 0;
  std::string name;  ///< empty: the person bound to the uid
};

/// A person as an actor of an entry.
ledger::Actor actor_of(const domain::PersonId& person);

/// Thread-safe; reads are from memory, which follows the ledger. Writing calls wait for the flush.
class People {
 public:
  static Result<std::unique_ptr<People>> open(std::shared_ptr<ledger::Ledger> system,
                                              bool evaluation, const Clock& clock,
                                              Entropy& entropy);

  /// The first two, who bind all others: admins; in an evaluation instance they hold every role.
  /// One entry. Errors: `state_conflict` when people are bound or both are one person, those of
  /// check_new.
  Result<void> bind_first(const std::array<domain::PublicPart, 2>& parts);
  /// What an initialisation checks before it begins anything.
  static Result<void> check_first(const std::array<domain::PublicPart, 2>& parts, bool evaluation);

  /// In the order in which they were bound, unbound ones included.
  [[nodiscard]] std::vector<domain::Person> all() const;
  [[nodiscard]] std::optional<domain::Person> find(const domain::PersonId& id) const;
  /// Active ones only. Error: `not_found`.
  [[nodiscard]] Result<domain::Person> named(std::string_view name) const;
  /// Error: `permission_denied` when nobody, or more than one, is bound to the uid, or the name is
  /// of another account.
  [[nodiscard]] Result<domain::Person> acting(const Caller& caller) const;
  /// Of the person bound to the uid; 0 has none. Of a shared uid the sum.
  [[nodiscard]] domain::Roles roles_of(std::uint32_t uid) const;

  /// Errors: `state_conflict` naming what is taken or does not agree.
  [[nodiscard]] Result<void> check_new(const domain::PublicPart& part, domain::Roles roles) const;
  [[nodiscard]] Result<void> check_change(const domain::Person& person, domain::Roles roles) const;
  /// Carried out once for a request, however often it is called.
  Result<void> bind(const domain::PublicPart& part, domain::Roles roles,
                    const ApprovedRequest& request);
  /// New roles of a bound person; none unbinds.
  Result<void> change(const domain::PersonId& person, domain::Roles roles,
                      const ApprovedRequest& request);

 private:
  People(std::shared_ptr<ledger::Ledger> system, bool evaluation, const Clock& clock,
         Entropy& entropy);
  Result<void> load();
  Result<void> write(ledger::Command command);
  [[nodiscard]] std::size_t admins_without(const domain::PersonId& person) const;

  std::shared_ptr<ledger::Ledger> system_;
  bool evaluation_;
  const Clock& clock_;
  Entropy& entropy_;
  mutable std::mutex mutex_;
  std::map<domain::PersonId, domain::Person> people_;
};

}  // namespace florin::control

#include "daemon/control/people.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/log.h"
#include "daemon/domain/kinds.h"

namespace florin::control {
namespace {

using domain::Person;
using domain::PersonId;
using domain::PublicPart;
using domain::Role;
using domain::Roles;

constexpr Roles kEveryRole =
    domain::roles(Role::auditor, Role::operator_, Role::custodian, Role::admin);
// With fewer nobody could ask and another one approve.
constexpr std::size_t kFewestAdmins = 2;

ledger::UniqueWrite key_row(const Person& person) {
  const Hash32 whole = sha256({view_of("person-key/1"), person.part.key});
  return {.table = static_cast<ledger::UniqueTable>(domain::Unique::person_key),
          .key = ByteReader(whole).array<16>(),
          .value = to_bytes(person.id.value.view())};
}

ledger::ObjectWrite object_of(const Person& person) {
  domain::Stored stored = domain::encode(person);
  ledger::ObjectWrite out{.kind = static_cast<ledger::ObjectKind>(domain::Kind::person),
                          .id = person.id.value,
                          .expected_version = person.version,
                          .immutable = std::nullopt,
                          .head = std::move(stored.head)};
  if (person.version == 0) out.immutable = std::move(stored.immutable);
  return out;
}

ledger::Command command_for(const ApprovedRequest& request, const PersonId& subject) {
  ledger::Command command;
  command.entry_id = request.id;
  command.type = ledger::EntryType::audit;
  command.subject = subject.value;
  command.actor = actor_of({request.people.front()});
  for (const Uuid& person : request.people) command.approvals.push_back({person, request.digest});
  return command;
}

Error taken(std::string message) {
  return Error(Errc::state_conflict, {}, std::move(message));
}

Result<void> check_account(const PublicPart& part, bool evaluation) {
  if (part.uid != 0 || evaluation) return {};
  return taken(part.name + ": uid 0 cannot be a person; enrol from an account of your own");
}

}  // namespace

ledger::Actor actor_of(const PersonId& person) {
  return {ledger::ActorKind::person, person.value};
}

People::People(std::shared_ptr<ledger::Ledger> system, bool evaluation, const Clock& clock,
               Entropy& entropy)
    : system_(std::move(system)), evaluation_(evaluation), clock_(clock), entropy_(entropy) {}

Result<std::unique_ptr<People>> People::open(std::shared_ptr<ledger::Ledger> system,
                                             bool evaluation, const Clock& clock,
                                             Entropy& entropy) {
  std::unique_ptr<People> people(new People(std::move(system), evaluation, clock, entropy));
  FLORIN_TRY_VOID(people->load());
  return people;
}

Result<void> People::load() {
  FLORIN_TRY_VOID(system_->catch_up());
  FLORIN_TRY(const std::vector<ledger::ObjectRow> rows,
             system_->objects(static_cast<ledger::ObjectKind>(domain::Kind::person), std::nullopt,
                              10'000));
  std::map<PersonId, Person> found;
  for (const ledger::ObjectRow& row : rows) {
    FLORIN_TRY(Person person, domain::decode_person(row.id, row.version, row.immutable, row.head));
    found.insert_or_assign(person.id, std::move(person));
  }
  const std::lock_guard lock(mutex_);
  people_ = std::move(found);
  return {};
}

Result<void> People::write(ledger::Command command) {
  std::vector<ledger::Command> commands;
  commands.push_back(std::move(command));
  std::vector<Result<ledger::Receipt>> receipts = system_->append(std::move(commands));
  if (!receipts.front().ok()) return std::move(receipts.front()).error();
  return load();
}

Result<void> People::check_first(const std::array<PublicPart, 2>& parts, bool evaluation) {
  if (parts[0].key == parts[1].key || parts[0].name == parts[1].name) {
    return taken("the first two people have to be two: both parts have one key or one name");
  }
  if (!evaluation && parts[0].uid == parts[1].uid) {
    return taken("the first two people have to have accounts of their own");
  }
  for (const PublicPart& part : parts) FLORIN_TRY_VOID(check_account(part, evaluation));
  return {};
}

Result<void> People::bind_first(const std::array<PublicPart, 2>& parts) {
  if (!all().empty()) return taken("people are bound already");
  FLORIN_TRY_VOID(check_first(parts, evaluation_));
  ledger::Command command;
  command.entry_id = new_uuid(clock_, entropy_);
  command.type = ledger::EntryType::audit;
  command.note = fmt::format("first people bound: {} {}", parts[0].name, parts[1].name);
  for (const PublicPart& part : parts) {
    const Person person{.id = {new_uuid(clock_, entropy_)},
                        .part = part,
                        .bound_at = clock_.now(),
                        .roles = evaluation_ ? kEveryRole : domain::roles(Role::admin)};
    command.objects.push_back(object_of(person));
    command.uniques.push_back(key_row(person));
    log(LogLevel::notice, "person.bound",
        {{"person", part.name}, {"uid", part.uid}, {"roles", domain::roles_text(person.roles)}});
  }
  return write(std::move(command));
}

std::vector<Person> People::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<Person> out;
  out.reserve(people_.size());
  for (const auto& [id, person] : people_) out.push_back(person);
  // Identifiers of one millisecond are in no order.
  std::ranges::sort(out, [](const Person& left, const Person& right) {
    return std::tie(left.bound_at, left.part.name) < std::tie(right.bound_at, right.part.name);
  });
  return out;
}

std::optional<Person> People::find(const PersonId& id) const {
  const std::lock_guard lock(mutex_);
  const auto found = people_.find(id);
  if (found == people_.end()) return std::nullopt;
  return found->second;
}

Result<Person> People::named(std::string_view name) const {
  for (Person& person : all()) {
    if (person.active && person.part.name == name) return std::move(person);
  }
  return Error(Errc::not_found, "person", "there is no such person");
}

Result<Person> People::acting(const Caller& caller) const {
  std::vector<Person> found;
  for (Person& person : all()) {
    if (!person.active || person.part.uid != caller.uid) continue;
    if (caller.name.empty() || person.part.name == caller.name) found.push_back(std::move(person));
  }
  if (found.size() == 1 && (evaluation_ || caller.uid != 0)) return std::move(found.front());
  if (found.size() > 1) {
    return Error(
        Errc::permission_denied, {},
        fmt::format("several people have uid {}: say who you are with --person", caller.uid));
  }
  if (caller.uid == 0 && !evaluation_) {
    return Error(Errc::permission_denied, {},
                 "uid 0 is no person: run florin as your own account, not through sudo");
  }
  return Error(Errc::permission_denied, {},
               caller.name.empty()
                   ? fmt::format("nobody is bound to uid {}", caller.uid)
                   : fmt::format("{} is not bound to uid {}", caller.name, caller.uid));
}

Roles People::roles_of(std::uint32_t uid) const {
  Roles out = 0;
  if (uid == 0 && !evaluation_) return out;
  for (const Person& person : all()) {
    if (person.active && person.part.uid == uid) out = static_cast<Roles>(out | person.roles);
  }
  return out;
}

Result<void> People::check_new(const PublicPart& part, Roles roles) const {
  if (roles == 0) return taken("a person without a role is none");
  FLORIN_TRY_VOID(check_account(part, evaluation_));
  for (const Person& person : all()) {
    if (person.part.key == part.key) return taken("this key was bound already; enrol a new one");
    if (!person.active) continue;
    if (person.part.name == part.name) return taken("this name is in use");
    if (!evaluation_ && person.part.uid == part.uid) {
      return taken(fmt::format("uid {} is {}", part.uid, person.part.name));
    }
  }
  return domain::check_roles(roles);
}

std::size_t People::admins_without(const PersonId& person) const {
  std::size_t out = 0;
  for (const Person& each : all()) {
    if (each.active && each.id != person && domain::holds(each.roles, Role::admin)) ++out;
  }
  return out;
}

Result<void> People::check_change(const Person& person, Roles roles) const {
  const bool loses_admin =
      domain::holds(person.roles, Role::admin) && !domain::holds(roles, Role::admin);
  if (loses_admin && admins_without(person.id) < kFewestAdmins) {
    return taken("the last two admins cannot be removed: bind another one first");
  }
  // Who is given less than before need not agree better than before.
  const bool gains = (roles & ~person.roles) != 0;
  return gains ? domain::check_roles(roles) : Result<void>();
}

Result<void> People::bind(const PublicPart& part, Roles roles, const ApprovedRequest& request) {
  FLORIN_TRY_VOID(system_->catch_up());
  FLORIN_TRY(const auto done, system_->entry_seq(request.id));
  if (done) return load();
  FLORIN_TRY_VOID(check_new(part, roles));
  const Person person{.id = {request.id}, .part = part, .bound_at = clock_.now(), .roles = roles};
  ledger::Command command = command_for(request, person.id);
  command.note = fmt::format("person bound: {} {}", part.name, domain::roles_text(roles));
  command.objects.push_back(object_of(person));
  command.uniques.push_back(key_row(person));
  return write(std::move(command));
}

Result<void> People::change(const PersonId& id, Roles roles, const ApprovedRequest& request) {
  FLORIN_TRY_VOID(system_->catch_up());
  FLORIN_TRY(const auto done, system_->entry_seq(request.id));
  if (done) return load();
  std::optional<Person> person = find(id);
  if (!person || !person->active) return Error(Errc::not_found, "person", "is not bound any more");
  FLORIN_TRY_VOID(check_change(*person, roles));
  person->roles = roles;
  person->active = roles != 0;
  ledger::Command command = command_for(request, id);
  command.note = roles == 0
                     ? fmt::format("person unbound: {}", person->part.name)
                     : fmt::format("roles of {}: {}", person->part.name, domain::roles_text(roles));
  command.objects.push_back(object_of(*person));
  return write(std::move(command));
}

}  // namespace florin::control

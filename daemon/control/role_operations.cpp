#include "daemon/control/role_operations.h"

#include <fmt/format.h>

#include "daemon/control/parameters.h"

namespace florin::control {
namespace {

using domain::Person;
using domain::Role;
using domain::Roles;

constexpr Roles kAdmins = domain::roles(Role::admin);
constexpr std::size_t kPublicPartLimit = 512;
constexpr std::string_view kAll = "all";

// What somebody is afterwards is a parameter that only the proposal makes: when other roles changed
// since, the request would mean something else.
constexpr std::string_view kAfter = "after";

Result<std::vector<std::string>> read_binding(const json::object& parameters) {
  return read_parameters(
      parameters, {{"public", kPublicPartLimit, false}, {"person", 64, false}, {"roles", 64}},
      {kAfter});
}

Result<Roles> roles_of(const std::string& text) {
  auto roles = domain::parse_roles(text);
  if (!roles.ok()) return std::move(roles).error().in_field("/parameters/roles");
  return roles;
}

Result<Person> person_of(const People& people, const std::string& name_or_id) {
  if (const auto id = domain::PersonId::parse(name_or_id); id.ok()) {
    if (auto found = people.find(*id); found && found->active) return std::move(*found);
  } else if (auto found = people.named(name_or_id); found.ok()) {
    return found;
  }
  return wrong_parameter(Errc::not_found, "person", "there is no such person");
}

Result<Proposal> propose_new(const People& people, const std::string& text, Roles roles) {
  auto part = domain::parse_public_part(text);
  if (!part.ok()) return std::move(part).error().in_field("/parameters/public");
  FLORIN_TRY_VOID(people.check_new(*part, roles));
  return Proposal{
      .parameters = {{"public", domain::format_public_part(*part)},
                     {"roles", domain::roles_text(roles)}},
      .consequence = fmt::format("{} (uid {}, key {}) is bound as {}.", part->name, part->uid,
                                 to_base64(part->key), domain::roles_text(roles)),
      .confirmation = {}};
}

Result<Proposal> propose_more(const People& people, const std::string& name, Roles roles) {
  FLORIN_TRY(const Person person, person_of(people, name));
  const auto after = static_cast<Roles>(person.roles | roles);
  if (after == person.roles) {
    return Error(Errc::state_conflict, "/parameters/roles",
                 person.part.name + " holds this already");
  }
  FLORIN_TRY_VOID(people.check_change(person, after));
  return Proposal{.parameters = {{"person", person.id.text()},
                                 {"roles", domain::roles_text(roles)},
                                 {kAfter, domain::roles_text(after)}},
                  .consequence = fmt::format("{} (uid {}) is {} from then on.", person.part.name,
                                             person.part.uid, domain::roles_text(after)),
                  .confirmation = {}};
}

Result<Proposal> propose_bind(const People& people, const json::object& parameters) {
  FLORIN_TRY(const auto texts, read_binding(parameters));
  FLORIN_TRY(const Roles roles, roles_of(texts[2]));
  if (texts[0].empty() == texts[1].empty()) {
    return wrong_parameter(Errc::field_missing, "public",
                           "name somebody who is bound, or give the public part of somebody new");
  }
  return texts[0].empty() ? propose_more(people, texts[1], roles)
                          : propose_new(people, texts[0], roles);
}

Result<json::object> bind(People& people, const json::object& parameters,
                          const ApprovedRequest& request) {
  FLORIN_TRY(const auto texts, read_binding(parameters));
  FLORIN_TRY(const Roles roles, roles_of(texts[2]));
  if (!texts[0].empty()) {
    FLORIN_TRY(const domain::PublicPart part, domain::parse_public_part(texts[0]));
    FLORIN_TRY_VOID(people.bind(part, roles, request));
    return json::object{{"person", part.name}, {"roles", domain::roles_text(roles)}};
  }
  FLORIN_TRY(const Person person, person_of(people, texts[1]));
  const auto after = static_cast<Roles>(person.roles | roles);
  FLORIN_TRY_VOID(people.change(person.id, after, request));
  return json::object{{"person", person.part.name}, {"roles", domain::roles_text(after)}};
}

struct Unbinding {
  Person person;
  Roles after = 0;
};

Result<Unbinding> read_unbinding(const People& people, const json::object& parameters) {
  FLORIN_TRY(const auto texts,
             read_parameters(parameters, {{"person", 64}, {"roles", 64, false}}, {kAfter}));
  Unbinding out;
  FLORIN_TRY(out.person, person_of(people, texts[0]));
  if (texts[1].empty() || texts[1] == kAll) return out;
  FLORIN_TRY(const Roles roles, roles_of(texts[1]));
  out.after = static_cast<Roles>(out.person.roles & ~roles);
  return out;
}

Result<Proposal> propose_unbind(const People& people, const json::object& parameters) {
  FLORIN_TRY(const Unbinding wanted, read_unbinding(people, parameters));
  const Person& person = wanted.person;
  if (wanted.after == person.roles) {
    return Error(Errc::state_conflict, "/parameters/roles",
                 person.part.name + " does not hold this");
  }
  FLORIN_TRY_VOID(people.check_change(person, wanted.after));
  const auto removed = static_cast<Roles>(person.roles & ~wanted.after);
  if (wanted.after == 0) {
    return Proposal{.parameters = {{"person", person.id.text()}, {"roles", kAll}},
                    .consequence = fmt::format(
                        "{} (uid {}) can do nothing any more, and the key is never bound again.",
                        person.part.name, person.part.uid),
                    .confirmation = person.part.name};
  }
  return Proposal{.parameters = {{"person", person.id.text()},
                                 {"roles", domain::roles_text(removed)},
                                 {kAfter, domain::roles_text(wanted.after)}},
                  .consequence = fmt::format("{} (uid {}) is {} from then on.", person.part.name,
                                             person.part.uid, domain::roles_text(wanted.after)),
                  .confirmation = {}};
}

Result<json::object> unbind(People& people, const json::object& parameters,
                            const ApprovedRequest& request) {
  FLORIN_TRY(const auto texts,
             read_parameters(parameters, {{"person", 64}, {"roles", 64, false}}, {kAfter}));
  FLORIN_TRY(const domain::PersonId id, domain::PersonId::parse(texts[0]));
  const auto person = people.find(id);
  if (!person) return wrong_parameter(Errc::not_found, "person", "there is no such person");
  Roles after = 0;
  if (texts[1] != kAll) {
    FLORIN_TRY(const Roles roles, roles_of(texts[1]));
    after = static_cast<Roles>(person->roles & ~roles);
  }
  FLORIN_TRY_VOID(people.change(id, after, request));
  return json::object{{"person", person->part.name}, {"roles", domain::roles_text(after)}};
}

}  // namespace

std::vector<Operation> role_operations(People& people) {
  People* const all = &people;
  std::vector<Operation> out;
  out.push_back(
      {.name = "role.bind",
       .requesters = kAdmins,
       .approvers = kAdmins,
       .propose = [all](const json::object& given) { return propose_bind(*all, given); },
       .execute = [all](const json::object& given,
                        const ApprovedRequest& request) { return bind(*all, given, request); }});
  out.push_back(
      {.name = "role.unbind",
       .requesters = kAdmins,
       .approvers = kAdmins,
       .propose = [all](const json::object& given) { return propose_unbind(*all, given); },
       .execute = [all](const json::object& given,
                        const ApprovedRequest& request) { return unbind(*all, given, request); }});
  return out;
}

}  // namespace florin::control

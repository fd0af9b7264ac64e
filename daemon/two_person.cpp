#include "daemon/two_person.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include "daemon/control/ledger_operations.h"
#include "daemon/control/notice_operations.h"
#include "daemon/control/role_operations.h"

namespace florin {
namespace {

namespace fs = std::filesystem;

// Public parts of the first two, one after the other, until the system ledger has them.
constexpr std::string_view kFirstPeople = "first-people";

Error io_error(const fs::path& path) {
  return Error(Errc::io_failure, {}, {},
               fmt::format("{}: {}", path.string(), std::strerror(errno)));
}

Result<void> write_durably(const fs::path& path, std::string_view text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) return io_error(path);
  bool good = true;
  while (good && !text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    good = written > 0;
    if (good) text.remove_prefix(static_cast<std::size_t>(written));
  }
  good = good && ::fsync(file) == 0;
  ::close(file);
  const int directory = ::open(path.parent_path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  good = good && directory >= 0 && ::fsync(directory) == 0;
  if (directory >= 0) ::close(directory);
  if (!good) return io_error(path);
  return {};
}

Result<std::optional<FirstPeople>> noted_people(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error)) return std::optional<FirstPeople>();
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  const std::string all = text.str();
  const std::size_t half = all.find("florin-person/", 1);
  if (half == std::string::npos) {
    return Error(Errc::ledger_mismatch, {}, {}, path.string() + " does not name two people");
  }
  FirstPeople people;
  FLORIN_TRY(people[0], domain::parse_public_part(std::string_view(all).substr(0, half)));
  FLORIN_TRY(people[1], domain::parse_public_part(std::string_view(all).substr(half)));
  return std::optional(people);
}

}  // namespace

Result<void> note_first_people(const Config& config, const FirstPeople& people) {
  FLORIN_TRY_VOID(control::People::check_first(people, config.evaluation));
  return write_durably(
      config.data_directory / kFirstPeople,
      domain::format_public_part(people[0]) + domain::format_public_part(people[1]));
}

Result<TwoPerson> open_two_person(const Config& config, control::Appliance& appliance,
                                  const Clock& clock, Entropy& entropy) {
  TwoPerson out;
  const auto system = appliance.system_ledger();
  FLORIN_TRY(std::unique_ptr<control::People> people,
             control::People::open(system, config.evaluation, clock, entropy));
  const fs::path noted = config.data_directory / kFirstPeople;
  FLORIN_TRY(const std::optional<FirstPeople> first, noted_people(noted));
  if (first && people->all().empty()) FLORIN_TRY_VOID(people->bind_first(*first));
  if (first) {
    std::error_code ignored;
    fs::remove(noted, ignored);
  }
  out.people = std::move(people);
  out.requests = std::make_shared<control::Requests>(
      system, out.people,
      control::RequestSettings{.approve_within_ns = config.approve_within.count() * kNanosPerSecond,
                               .execute_within_ns = config.execute_within.count() * kNanosPerSecond,
                               .execute_on_approval = config.execute_on_approval},
      clock, entropy);
  for (auto& operation : control::role_operations(*out.people)) {
    out.requests->add(std::move(operation));
  }
  for (auto& operation : control::notice_operations(appliance, clock)) {
    out.requests->add(std::move(operation));
  }
  for (auto& operation : control::ledger_operations(appliance, clock)) {
    out.requests->add(std::move(operation));
  }
  return out;
}

Access::Access(bool evaluation, std::set<std::uint32_t> evaluation_uids)
    : evaluation_(evaluation), evaluation_uids_(std::move(evaluation_uids)) {}

void Access::set_sealed() {
  const std::lock_guard lock(mutex_);
  sealed_ = true;
}

void Access::serve(std::shared_ptr<const control::People> people) {
  const std::lock_guard lock(mutex_);
  people_ = std::move(people);
}

void Access::close() {
  serve(nullptr);
}

Result<void> Access::check(std::uint32_t uid, domain::Role role) const {
  std::shared_ptr<const control::People> people;
  bool sealed = false;
  {
    const std::lock_guard lock(mutex_);
    people = people_;
    sealed = sealed_;
  }
  const Error refused(
      Errc::permission_denied, {},
      fmt::format("uid {} does not hold the role {}", uid, domain::role_name(role)));
  if (evaluation_) return evaluation_uids_.contains(uid) ? Result<void>() : Result<void>(refused);
  if (uid == 0 && (people || sealed)) {
    return Error(Errc::permission_denied, {},
                 "uid 0 holds no role: run florin as your own account, not through sudo");
  }
  if (!people || domain::holds(people->roles_of(uid), role)) return {};
  return refused;
}

}  // namespace florin

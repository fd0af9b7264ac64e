#pragma once
/// Four people with keys over a system ledger in memory, and one operation that can go wrong.
#include <gtest/gtest.h>

#include <map>
#include <memory>

#include "daemon/control/projectors.h"
#include "daemon/control/requests.h"
#include "support/manual_clock.h"
#include "support/memory_ledger/memory_ledger.h"

namespace florin::control {

class PeopleWorld : public ::testing::Test {
 protected:
  static constexpr auto kOperator = domain::Role::operator_;
  static constexpr auto kAdmin = domain::Role::admin;

  PeopleWorld() { open(); }

  /// As after a start: nothing but the ledger is left.
  void open() {
    requests_.reset();
    auto people = People::open(books_, false, clock_, entropy_);
    ASSERT_TRUE(people.ok()) << people.error().to_log();
    people_ = std::move(*people);
    requests_ = std::make_unique<Requests>(books_, people_, settings_, clock_, entropy_);
    requests_->add({.name = "door.open",
                    .requesters = domain::roles(kOperator),
                    .approvers = domain::roles(kOperator, kAdmin),
                    .approvals = approvals_,
                    .propose = [this](const json::object& given) -> Result<Proposal> {
                      if (propose_fault_) return *propose_fault_;
                      if (!given.contains("door"))
                        return Error(Errc::field_missing, "/parameters/door", "");
                      return Proposal{.parameters = {{"door", given.at("door")}, {"lock", lock_}},
                                      .consequence = "The door opens.",
                                      .confirmation = "open"};
                    },
                    .execute = [this](const json::object&,
                                      const ApprovedRequest& request) -> Result<json::object> {
                      executions_.push_back(request);
                      if (fault_) return *fault_;
                      return json::object{{"opened", true}};
                    }});
  }

  Secret seed(const std::string& name) { return Secret(sha256(view_of("seed of " + name))); }

  domain::PublicPart part(const std::string& name, std::uint32_t uid) {
    domain::PublicPart part{.name = name, .uid = uid, .key = *ed25519_public_key(seed(name))};
    part.signature =
        *ed25519_sign(seed(name), view_of(domain::public_part_claim(name, uid, part.key)));
    uids_[name] = uid;
    return part;
  }

  /// alice and bob are admins; carol and dave operators; all by their own uid.
  void bind_all() {
    ASSERT_TRUE(people_->bind_first({part("alice", 1001), part("bob", 1002)}).ok());
    bind("carol", 1003, domain::roles(kOperator));
    bind("dave", 1004, domain::roles(kOperator));
  }
  void bind(const std::string& name, std::uint32_t uid, domain::Roles roles) {
    const ApprovedRequest request{.id = new_uuid(clock_, entropy_),
                                  .people = {people_->all().front().id.value}};
    const auto bound = people_->bind(part(name, uid), roles, request);
    ASSERT_TRUE(bound.ok()) << bound.error().to_log();
  }

  Caller caller(const std::string& name) { return {.uid = uids_.at(name), .name = {}}; }

  SignedRequest signed_request(const std::string& name, RequestDraft draft) {
    const auto seen = requests_->preview(draft, caller(name));
    EXPECT_TRUE(seen.ok()) << seen.error().to_log();
    if (!seen.ok()) return {};
    SignedRequest out{.draft = std::move(draft)};
    out.id = *domain::ControlRequestId::parse(std::string(seen->at("request").as_string()));
    out.requested_at = *from_rfc3339(std::string(seen->at("requested_at").as_string()));
    const Hash32 digest = domain::request_digest(std::string_view(seen->at("text").as_string()));
    EXPECT_EQ(to_hex(digest), std::string_view(seen->at("digest").as_string()));
    const std::string claim = domain::signed_text(domain::RequestAct::request, out.id.text(),
                                                  digest, name, *ed25519_public_key(seed(name)));
    out.signature = to_bytes(*ed25519_sign(seed(name), view_of(claim)));
    return out;
  }

  /// Requests door.open; the request's number.
  std::string request(const std::string& name, const std::string& door = "front") {
    const auto made = requests_->create(
        signed_request(name, {"door.open", {{"door", door}}, "delivery"}), caller(name));
    EXPECT_TRUE(made.ok()) << made.error().to_log();
    return made.ok() ? std::string(made->at("number").as_string()) : std::string();
  }

  SignedAct act(domain::RequestAct kind, const std::string& name, const std::string& number,
                const std::string& reason = {}) {
    SignedAct out{.request = number, .digest = {}, .reason = reason, .signature = {}};
    const auto shown = requests_->show(number);
    EXPECT_TRUE(shown.ok());
    if (!shown.ok()) return out;
    out.digest = domain::request_digest(std::string_view(shown->at("text").as_string()));
    const std::string claim =
        domain::signed_text(kind, std::string_view(shown->at("id").as_string()), out.digest, name,
                            *ed25519_public_key(seed(name)), reason);
    out.signature = to_bytes(*ed25519_sign(seed(name), view_of(claim)));
    return out;
  }
  Result<json::object> approve(const std::string& name, const std::string& number) {
    return requests_->approve(act(domain::RequestAct::approve, name, number), caller(name));
  }
  Result<json::object> execute(const std::string& name, const std::string& number) {
    return requests_->execute(act(domain::RequestAct::execute, name, number), caller(name));
  }
  std::string state(const std::string& number) {
    const auto shown = requests_->show(number);
    return shown.ok() ? std::string(shown->at("state").as_string()) : "?";
  }
  static Errc code(const Result<json::object>& result) {
    return result.ok() ? Errc::internal : result.error().code();
  }

  test::ManualClock clock_;
  test::SeededEntropy entropy_{7};
  RequestSettings settings_;
  unsigned approvals_ = 1;
  std::int64_t lock_ = 1;
  std::optional<Error> fault_;
  std::optional<Error> propose_fault_;
  std::vector<ApprovedRequest> executions_;
  std::map<std::string, std::uint32_t> uids_;
  std::shared_ptr<ledger::model::MemoryLedger> books_ =
      std::make_shared<ledger::model::MemoryLedger>(
          ledger::OpenOptions{.directory = {}, .tenant = {}, .origin = "bank.example/system"},
          projectors(), clock_);
  std::shared_ptr<People> people_;
  std::unique_ptr<Requests> requests_;
};

}  // namespace florin::control

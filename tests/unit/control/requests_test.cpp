// Two-person control: what must not pass, what survives a restart, what happens once.
#include "daemon/control/requests.h"

#include "ledger/verify/leaf.h"
#include "unit/control/people_world.h"

namespace florin::control::requests_test {
namespace {

using domain::RequestAct;

class RequestsTest : public PeopleWorld {
 protected:
  RequestsTest() { bind_all(); }
  std::vector<std::string> notes() {
    std::vector<std::string> out;
    const auto entries = books_->entries(0, 1000);
    EXPECT_TRUE(entries.ok());
    for (const auto& entry : *entries) {
      const auto leaf = verify::decode_leaf(entry.leaf);
      if (leaf.ok()) out.push_back(leaf->note);
    }
    return out;
  }
  std::size_t count(std::string_view part) {
    std::size_t out = 0;
    for (const std::string& note : notes()) {
      if (note.find(part) != std::string::npos) ++out;
    }
    return out;
  }
};

TEST_F(RequestsTest, AnotherPersonApprovesAndItIsCarriedOut) {
  const std::string number = request("carol");
  EXPECT_EQ(number, "R-0001");
  EXPECT_EQ(state(number), "waiting");
  EXPECT_TRUE(executions_.empty());
  const auto done = approve("dave", number);
  ASSERT_TRUE(done.ok()) << done.error().to_log();
  EXPECT_EQ(done->at("state").as_string(), "executed");
  EXPECT_EQ(json::canonical(done->at("result")), R"({"opened":true})");
  ASSERT_EQ(executions_.size(), 1U);
  const ApprovedRequest& given = executions_.front();
  EXPECT_EQ(given.people, (std::vector<Uuid>{people_->named("carol")->id.value,
                                             people_->named("dave")->id.value}));
  EXPECT_EQ(to_hex(given.digest), std::string_view(done->at("digest").as_string()));
  EXPECT_EQ(given.reason, "delivery");
  EXPECT_EQ(count("R-0001 executed: door.open digest " + to_hex(given.digest)), 1U);
}

TEST_F(RequestsTest, TheAuditEntryOfTheExecutionNamesDigestAndPeople) {
  const std::string number = request("carol");
  ASSERT_TRUE(approve("dave", number).ok());
  const auto entries = books_->entries(0, 1000);
  ASSERT_TRUE(entries.ok());
  const auto last = verify::decode_leaf(entries->back().leaf);
  ASSERT_TRUE(last.ok());
  ASSERT_EQ(last->approvals.size(), 2U);
  EXPECT_EQ(last->approvals[0].person, people_->named("carol")->id.value);
  EXPECT_EQ(last->approvals[1].person, people_->named("dave")->id.value);
  EXPECT_EQ(last->approvals[0].request, executions_.front().digest);
}

TEST_F(RequestsTest, PreviewWritesNothing) {
  const std::size_t before = notes().size();
  signed_request("carol", {"door.open", {{"door", "front"}}, "delivery"});
  EXPECT_EQ(notes().size(), before);
}

TEST_F(RequestsTest, TheRequesterNeverCounts) {
  const std::string number = request("carol");
  const auto refused = approve("carol", number);
  EXPECT_EQ(code(refused), Errc::permission_denied);
  EXPECT_EQ(refused.error().message(), "you requested R-0001, so somebody else has to approve it");
  EXPECT_EQ(state(number), "waiting");
  EXPECT_EQ(count("attempt refused: approve (permission-denied)"), 1U);
  EXPECT_EQ(requests_->counts()->at("refused_attempts").to_number<int>(), 1);
}

TEST_F(RequestsTest, NobodyApprovesTwice) {
  approvals_ = 2;
  open();
  const std::string number = request("carol");
  const auto first = approve("dave", number);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->at("state").as_string(), "waiting");
  open();  // a restart forgets nothing
  EXPECT_EQ(code(approve("dave", number)), Errc::permission_denied);
  EXPECT_TRUE(executions_.empty());
  ASSERT_TRUE(approve("bob", number).ok());
  EXPECT_EQ(executions_.size(), 1U);
}

TEST_F(RequestsTest, OnlyTheRightRolesRequestAndApprove) {
  const auto asked = requests_->preview({"door.open", {{"door", "x"}}, "why"}, caller("alice"));
  EXPECT_EQ(code(asked), Errc::permission_denied);
  bind("erin", 1005, domain::roles(domain::Role::auditor));
  const std::string number = request("carol");
  EXPECT_EQ(code(approve("erin", number)), Errc::permission_denied);
  EXPECT_EQ(state(number), "waiting");
  const auto unknown =
      requests_->approve(act(RequestAct::approve, "dave", number), Caller{.uid = 4711, .name = {}});
  EXPECT_EQ(code(unknown), Errc::permission_denied);
}

TEST_F(RequestsTest, AnotherKeyIsRefused) {
  const std::string number = request("carol");
  SignedAct forged = act(RequestAct::approve, "dave", number);
  forged.signature = act(RequestAct::approve, "bob", number).signature;
  EXPECT_EQ(code(requests_->approve(forged, caller("dave"))), Errc::signature_invalid);
  // A signature of another act of the same person.
  forged.signature = act(RequestAct::execute, "dave", number).signature;
  EXPECT_EQ(code(requests_->approve(forged, caller("dave"))), Errc::signature_invalid);
  forged.signature.clear();
  EXPECT_EQ(code(requests_->approve(forged, caller("dave"))), Errc::signature_invalid);
  EXPECT_EQ(state(number), "waiting");
}

TEST_F(RequestsTest, AnEditedRequestHasAnotherDigest) {
  SignedRequest asked = signed_request("carol", {"door.open", {{"door", "front"}}, "delivery"});
  asked.draft.parameters["door"] = "vault";
  EXPECT_EQ(code(requests_->create(asked, caller("carol"))), Errc::signature_invalid);
  asked.draft.parameters["door"] = "front";
  asked.draft.reason = "other";
  EXPECT_EQ(code(requests_->create(asked, caller("carol"))), Errc::signature_invalid);
  asked.draft.reason = "delivery";
  asked.requested_at += 1000;
  EXPECT_EQ(code(requests_->create(asked, caller("carol"))), Errc::signature_invalid);
  const std::string number = request("carol", "front");
  const std::string other = request("carol", "vault");
  SignedAct approval = act(RequestAct::approve, "dave", number);
  approval.request = other;  // read one, approved the other
  EXPECT_EQ(code(requests_->approve(approval, caller("dave"))), Errc::state_conflict);
  EXPECT_EQ(state(other), "waiting");
}

TEST_F(RequestsTest, AReplayedRequestIsRefused) {
  const SignedRequest asked =
      signed_request("carol", {"door.open", {{"door", "front"}}, "delivery"});
  ASSERT_TRUE(requests_->create(asked, caller("carol")).ok());
  EXPECT_EQ(code(requests_->create(asked, caller("carol"))), Errc::unique_violation);
  ASSERT_TRUE(approve("dave", "R-0001").ok());
  open();
  EXPECT_EQ(code(requests_->create(asked, caller("carol"))), Errc::unique_violation);
  EXPECT_EQ(code(approve("bob", "R-0001")), Errc::state_conflict);
  EXPECT_EQ(code(execute("dave", "R-0001")), Errc::state_conflict);
  EXPECT_EQ(executions_.size(), 1U);
}

TEST_F(RequestsTest, AnOldPreviewIsNotSigned) {
  const SignedRequest asked =
      signed_request("carol", {"door.open", {{"door", "front"}}, "delivery"});
  clock_.advance(601 * kNanosPerSecond);
  EXPECT_EQ(code(requests_->create(asked, caller("carol"))), Errc::timestamp_skew);
}

TEST_F(RequestsTest, ApprovalAndExecutionExpireApart) {
  settings_.execute_on_approval = false;
  open();
  const std::string late = request("carol");
  clock_.advance(settings_.approve_within_ns);
  EXPECT_EQ(state(late), "expired");
  EXPECT_EQ(code(approve("dave", late)), Errc::state_conflict);
  EXPECT_EQ(count("R-0001 expired"), 1U);

  const std::string number = request("carol");
  clock_.advance(settings_.approve_within_ns - 1);
  ASSERT_TRUE(approve("dave", number).ok());
  EXPECT_EQ(state(number), "approved");
  clock_.advance(settings_.execute_within_ns - 1);
  EXPECT_EQ(state(number), "approved");
  clock_.advance(1);
  EXPECT_EQ(state(number), "expired");
  EXPECT_EQ(code(execute("dave", number)), Errc::state_conflict);
  EXPECT_TRUE(executions_.empty());
}

TEST_F(RequestsTest, ExecutionInTimeByThoseConcerned) {
  settings_.execute_on_approval = false;
  open();
  bind("erin", 1005, domain::roles(domain::Role::auditor));
  const std::string number = request("carol");
  ASSERT_TRUE(approve("dave", number).ok());
  EXPECT_EQ(code(execute("erin", number)), Errc::permission_denied);
  ASSERT_TRUE(execute("carol", number).ok());
  EXPECT_EQ(state(number), "executed");
}

TEST_F(RequestsTest, RejectedAndCancelledStaySo) {
  const std::string first = request("carol");
  const auto reject = [&](const std::string& name) {
    return requests_->reject(act(RequestAct::reject, name, first, "not today"), caller(name));
  };
  EXPECT_EQ(code(reject("carol")), Errc::permission_denied);
  const auto rejected = reject("dave");
  ASSERT_TRUE(rejected.ok()) << rejected.error().to_log();
  EXPECT_EQ(rejected->at("ended_by").as_string(), "dave");
  EXPECT_EQ(rejected->at("outcome").as_string(), "not today");
  EXPECT_EQ(code(approve("bob", first)), Errc::state_conflict);

  const std::string second = request("carol");
  const auto cancel = [&](const std::string& name) {
    return requests_->cancel(act(RequestAct::cancel, name, second), caller(name));
  };
  EXPECT_EQ(code(cancel("dave")), Errc::permission_denied);
  ASSERT_TRUE(cancel("carol").ok());
  EXPECT_EQ(code(approve("dave", second)), Errc::state_conflict);
  EXPECT_TRUE(executions_.empty());
}

TEST_F(RequestsTest, WhatItMeansMustNotHaveChanged) {
  const std::string number = request("carol");
  lock_ = 2;
  EXPECT_EQ(code(approve("dave", number)), Errc::state_conflict);
  EXPECT_EQ(state(number), "failed");
  EXPECT_TRUE(executions_.empty());
  const auto shown = requests_->show(number);
  EXPECT_NE(std::string_view(shown->at("outcome").as_string()).find("state has changed"),
            std::string_view::npos);
}

TEST_F(RequestsTest, RolesCountAtTheExecutionToo) {
  settings_.execute_on_approval = false;
  open();
  const std::string number = request("carol");
  ASSERT_TRUE(approve("dave", number).ok());
  ASSERT_TRUE(people_
                  ->change(people_->named("dave")->id, domain::roles(domain::Role::auditor),
                           {.id = new_uuid(clock_, entropy_),
                            .people = {people_->named("alice")->id.value}})
                  .ok());
  EXPECT_EQ(code(execute("carol", number)), Errc::permission_denied);
  EXPECT_EQ(state(number), "failed");
  EXPECT_TRUE(executions_.empty());
}

TEST_F(RequestsTest, AnOperationThatRefusesMakesItFail) {
  const std::string number = request("carol");
  fault_ = Error(Errc::state_conflict, {}, "the door is open");
  EXPECT_EQ(code(approve("dave", number)), Errc::state_conflict);
  EXPECT_EQ(state(number), "failed");
  EXPECT_EQ(code(execute("dave", number)), Errc::state_conflict);
  EXPECT_EQ(executions_.size(), 1U);
}

// The state before and after is recorded: what a crash leaves in between is completed.
TEST_F(RequestsTest, WhatHasBegunIsCompleted) {
  const std::string number = request("carol");
  fault_ = Error(Errc::hsm_unavailable);
  EXPECT_EQ(code(approve("dave", number)), Errc::hsm_unavailable);
  EXPECT_EQ(state(number), "executing");
  clock_.advance(2 * settings_.approve_within_ns);
  EXPECT_EQ(state(number), "executing");
  open();
  requests_->complete();
  EXPECT_EQ(state(number), "executing");
  fault_.reset();
  lock_ = 2;  // its own doing, halfway through
  requests_->complete();
  EXPECT_EQ(state(number), "executed");
  ASSERT_EQ(executions_.size(), 3U);
  EXPECT_EQ(executions_[0].id, executions_[2].id);
  EXPECT_EQ(executions_[0].digest, executions_[2].digest);
  requests_->complete();
  EXPECT_EQ(executions_.size(), 3U);
}

TEST_F(RequestsTest, ByHandToo) {
  const std::string number = request("carol");
  fault_ = Error(Errc::hsm_unavailable);
  EXPECT_FALSE(approve("dave", number).ok());
  fault_.reset();
  ASSERT_TRUE(execute("carol", number).ok());
  EXPECT_EQ(state(number), "executed");
}

// The approval is durable, and whoever gave it has to hear that beside what is missing.
TEST_F(RequestsTest, AnApprovalWhoseExecutionWaitsSaysSo) {
  const std::string number = request("carol");
  const SignedAct approval = act(RequestAct::approve, "dave", number);
  propose_fault_ = Error(Errc::hsm_unavailable);
  const auto waits = requests_->approve(approval, caller("dave"));
  ASSERT_FALSE(waits.ok());
  EXPECT_EQ(waits.error().code(), Errc::hsm_unavailable);
  EXPECT_NE(waits.error().message().find(number + " is approved and waits"), std::string::npos)
      << waits.error().message();
  EXPECT_NE(waits.error().message().find("florin request execute"), std::string::npos);
  EXPECT_EQ(state(number), "approved");
  propose_fault_.reset();
  ASSERT_TRUE(execute("carol", number).ok());
  EXPECT_EQ(state(number), "executed");
}

TEST_F(RequestsTest, ApprovedBeforeACrashIsExecutedAtTheStart) {
  settings_.execute_on_approval = false;
  open();
  const std::string number = request("carol");
  const std::string expired = request("carol", "back");
  ASSERT_TRUE(approve("dave", number).ok());
  open();
  requests_->complete();
  EXPECT_EQ(state(number), "approved") << "the settings say that somebody executes it";
  settings_.execute_on_approval = true;
  open();
  requests_->complete();
  EXPECT_EQ(state(number), "executed");
  clock_.advance(settings_.approve_within_ns);
  requests_->complete();
  EXPECT_EQ(count("R-0002 expired"), 1U);
  EXPECT_EQ(executions_.size(), 1U);
}

TEST_F(RequestsTest, RefusedAttemptsDoNotFillTheLedger) {
  const std::string number = request("carol");
  const SignedAct own = act(RequestAct::approve, "carol", number);
  for (int i = 0; i < 110; ++i) EXPECT_FALSE(requests_->approve(own, caller("carol")).ok());
  EXPECT_EQ(count("attempt refused"), 100U);
  EXPECT_EQ(requests_->counts()->at("refused_attempts").to_number<int>(), 110);
}

TEST_F(RequestsTest, ListsAndNumbersSurviveARestart) {
  request("carol");
  request("dave", "back");
  open();
  EXPECT_EQ(request("carol", "side"), "R-0003");
  const auto open_ones = requests_->list(true, 100);
  ASSERT_TRUE(open_ones.ok());
  ASSERT_EQ(open_ones->size(), 3U);
  EXPECT_EQ(open_ones->front().at("number").as_string(), "R-0003");
  EXPECT_EQ(requests_->list(true, 2)->size(), 2U);
  EXPECT_EQ(code(requests_->show("R-0004")), Errc::not_found);
  EXPECT_TRUE(requests_->show("3").ok());
}

TEST_F(RequestsTest, WordsThatCannotBeAreRefused) {
  const auto preview = [&](RequestDraft draft) {
    return code(requests_->preview(draft, caller("carol")));
  };
  EXPECT_EQ(preview({"door.close", {}, "why"}), Errc::not_found);
  EXPECT_EQ(preview({"door.open", {{"door", "x"}}, ""}), Errc::malformed_value);
  EXPECT_EQ(preview({"door.open", {{"door", "x"}}, "two\nlines"}), Errc::malformed_value);
  EXPECT_EQ(preview({"door.open", {{"door", "x"}}, std::string(121, 'x')}), Errc::malformed_value);
  EXPECT_EQ(preview({"door.open", {}, "why"}), Errc::field_missing);
}

}  // namespace
}  // namespace florin::control::requests_test

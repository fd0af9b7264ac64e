// The acquirer's rules: idempotency, limits, cancelled keys, and that the entries alone rebuild it.
#include "sandbox/book.h"

#include <gtest/gtest.h>

#include "sandbox/requests.h"

namespace florin::sandbox::book_test {
namespace {

class BookTest : public ::testing::Test {
 protected:
  // Decides and settles, as the service does.
  Decision run(OperationKind kind, const std::string& key, const std::string& charge,
               const std::string& body) {
    http::Request request;
    request.method = "POST";
    request.target = "/" + std::string(operation_name(kind)) + "/" + charge;
    request.headers.add("Idempotency-Key", key);
    request.body = body;
    const auto command = read_command(kind, charge, request);
    EXPECT_TRUE(command.ok()) << body;
    Decision decision = book_.decide(*command);
    book_.settle(decision);
    if (decision.entry) entries_.push_back(json::write(*decision.entry));
    return decision;
  }
  static std::string key(int number) { return "key-0000000000000000-" + std::to_string(number); }
  std::string charge(int number, std::int64_t amount, const std::string& token = "tok_approve",
                     bool capture = false) {
    last_ = run(OperationKind::charge, key(number), {},
                R"({"reference":"op_)" + std::to_string(number) + R"(","amount":)" +
                    std::to_string(amount) + R"(,"currency":"EUR","token":")" + token +
                    R"(","capture":)" + (capture ? "true" : "false") + "}");
    return last_.answer.status == 201 ? member("id") : "";
  }
  Decision part(OperationKind kind, int number, const std::string& id, std::int64_t amount,
                const std::string& more = "", const std::string& currency = "EUR") {
    last_ = run(kind, key(number), id,
                R"({"reference":"op_)" + std::to_string(number) + R"(","amount":)" +
                    std::to_string(amount) + R"(,"currency":")" + currency + "\"" + more + "}");
    return last_;
  }
  Decision capture(int number, const std::string& id, std::int64_t amount, bool final = false) {
    return part(OperationKind::capture, number, id, amount,
                final ? R"(,"final":true)" : R"(,"final":false)");
  }
  Decision refund(int number, const std::string& id, std::int64_t amount) {
    return part(OperationKind::refund, number, id, amount);
  }
  Decision void_rest(int number, const std::string& id) {
    last_ = run(OperationKind::void_, key(number), id,
                R"({"reference":"op_)" + std::to_string(number) + "\"}");
    return last_;
  }
  Decision cancel(int number) {
    Decision decision = book_.cancel_key(key(number));
    book_.settle(decision);
    if (decision.entry) entries_.push_back(json::write(*decision.entry));
    return decision;
  }
  std::string member(const std::string& name) const {
    const auto body = json::parse(last_.answer.body);
    EXPECT_TRUE(body.ok());
    const json::value& found = body->as_object().at(name);
    return found.is_string() ? std::string(std::string_view(found.get_string()))
                             : json::write(found);
  }
  std::string printed(const std::string& name) const {
    return json::write(book_.print().as_object().at(name));
  }
  std::string charge_member(const std::string& name) const {
    return json::write(
        book_.print().as_object().at("charges").as_array().at(0).as_object().at(name));
  }

  Book book_{true};
  Decision last_;
  std::vector<std::string> entries_;
};

TEST_F(BookTest, authorize_capture_refund) {
  const std::string id = charge(1, 10'000);
  EXPECT_EQ(member("status"), "authorized");
  EXPECT_EQ(capture(2, id, 4'000).answer.status, 201);
  EXPECT_EQ(charge_member("status"), "\"authorized\"");
  EXPECT_EQ(capture(3, id, 6'000).answer.status, 201);
  EXPECT_EQ(charge_member("status"), "\"captured\"");
  EXPECT_EQ(refund(4, id, 2'500).answer.status, 201);
  EXPECT_EQ(charge_member("amount_captured"), "10000");
  EXPECT_EQ(charge_member("amount_refunded"), "2500");
  EXPECT_EQ(printed("executed"), R"({"charge":1,"capture":2,"void":0,"refund":1,"increment":0})");
}

TEST_F(BookTest, an_increment_adds_to_what_can_be_captured) {
  const std::string id = charge(1, 10'000);
  EXPECT_EQ(part(OperationKind::increment, 2, id, 500).answer.status, 201);
  EXPECT_EQ(member("object"), "increment");
  EXPECT_EQ(member("amount"), "500");
  EXPECT_EQ(charge_member("amount"), "10500");
  EXPECT_EQ(part(OperationKind::increment, 3, id, 94).answer.status, 201);
  EXPECT_EQ(member("status"), "declined");
  EXPECT_EQ(charge_member("amount"), "10500");
  EXPECT_EQ(part(OperationKind::increment, 4, id, 500, "", "USD").answer.status, 422);
  EXPECT_EQ(part(OperationKind::increment, 5, id, kMaxAmountMinor).answer.status, 422);
  EXPECT_EQ(member("code"), "amount_exceeds_authorizable");
  EXPECT_EQ(capture(6, id, 10'000).answer.status, 201);
  EXPECT_EQ(part(OperationKind::increment, 7, id, 500).answer.status, 422);
  EXPECT_EQ(member("code"), "wrong_state");
  EXPECT_EQ(capture(8, id, 500).answer.status, 201);
  EXPECT_EQ(charge_member("status"), "\"captured\"");
}

TEST_F(BookTest, a_sale_is_captured_at_once) {
  const std::string id = charge(1, 10'000, "tok_approve", true);
  EXPECT_EQ(member("status"), "captured");
  EXPECT_EQ(member("amount_captured"), "10000");
  EXPECT_EQ(void_rest(2, id).answer.status, 422);
  EXPECT_EQ(member("code"), "wrong_state");
}

TEST_F(BookTest, the_same_request_gets_the_same_bytes) {
  charge(1, 10'000);
  const std::string first = last_.answer.body;
  EXPECT_FALSE(last_.answer.replayed);
  charge(1, 10'000);
  EXPECT_TRUE(last_.answer.replayed);
  EXPECT_EQ(last_.answer.body, first);
  EXPECT_FALSE(last_.entry.has_value());
  EXPECT_EQ(printed("replayed"), "1");
  EXPECT_EQ(printed("executions_by_reference"), R"({"op_1":1})");
}

TEST_F(BookTest, members_in_another_order_are_the_same_request) {
  const std::string a =
      R"({"reference":"r","amount":5,"currency":"EUR","token":"tok_approve","capture":true})";
  const std::string b =
      R"({"capture":true, "token":"tok_approve","currency":"EUR","amount":5,"reference":"r"})";
  run(OperationKind::charge, key(1), {}, a);
  EXPECT_TRUE(run(OperationKind::charge, key(1), {}, b).answer.replayed);
}

TEST_F(BookTest, another_request_under_the_same_key_is_refused) {
  charge(1, 10'000);
  charge(1, 10'001);
  EXPECT_EQ(last_.answer.status, 409);
  EXPECT_EQ(member("code"), "key_reused");
  EXPECT_EQ(printed("keys_refused"), "1");
  EXPECT_EQ(printed("executed"), R"({"charge":1,"capture":0,"void":0,"refund":0,"increment":0})");
}

TEST_F(BookTest, no_more_is_captured_than_authorized) {
  const std::string id = charge(1, 10'000);
  EXPECT_EQ(capture(2, id, 10'001).answer.status, 422);
  EXPECT_EQ(member("code"), "amount_exceeds_capturable");
  EXPECT_EQ(capture(3, id, 9'000).answer.status, 201);
  EXPECT_EQ(capture(4, id, 1'001).answer.status, 422);
  EXPECT_EQ(capture(5, id, 1'000).answer.status, 201);
  EXPECT_EQ(capture(6, id, 1).answer.status, 422);
  EXPECT_EQ(member("code"), "wrong_state");
}

TEST_F(BookTest, a_final_capture_releases_the_rest) {
  const std::string id = charge(1, 10'000);
  EXPECT_EQ(capture(2, id, 4'000, true).answer.status, 201);
  EXPECT_EQ(charge_member("status"), "\"captured\"");
  EXPECT_EQ(capture(3, id, 1).answer.status, 422);
  EXPECT_EQ(refund(4, id, 4'001).answer.status, 422);
}

TEST_F(BookTest, no_more_is_refunded_than_captured) {
  const std::string id = charge(1, 10'000);
  EXPECT_EQ(refund(2, id, 1).answer.status, 422);
  EXPECT_EQ(member("code"), "wrong_state");
  capture(3, id, 5'000);
  EXPECT_EQ(refund(4, id, 5'001).answer.status, 422);
  EXPECT_EQ(member("code"), "amount_exceeds_refundable");
  EXPECT_EQ(refund(5, id, 3'000).answer.status, 201);
  EXPECT_EQ(refund(6, id, 2'001).answer.status, 422);
  EXPECT_EQ(refund(7, id, 2'000).answer.status, 201);
  EXPECT_EQ(refund(8, id, 1).answer.status, 422);
}

TEST_F(BookTest, a_void_releases_what_is_left) {
  const std::string id = charge(1, 10'000);
  EXPECT_EQ(void_rest(2, id).answer.status, 201);
  EXPECT_EQ(member("amount"), "10000");
  EXPECT_EQ(charge_member("status"), "\"voided\"");
  EXPECT_EQ(capture(3, id, 1).answer.status, 422);
  EXPECT_EQ(void_rest(4, id).answer.status, 422);
}

TEST_F(BookTest, a_void_after_a_capture_keeps_the_capture) {
  const std::string id = charge(1, 10'000);
  capture(2, id, 4'000);
  EXPECT_EQ(void_rest(3, id).answer.status, 201);
  EXPECT_EQ(member("amount"), "6000");
  EXPECT_EQ(charge_member("status"), "\"captured\"");
  EXPECT_EQ(refund(4, id, 4'000).answer.status, 201);
}

TEST_F(BookTest, declines_by_token_move_nothing) {
  const std::string id = charge(1, 10'000, "tok_decline_stolen_card", true);
  EXPECT_EQ(member("status"), "declined");
  EXPECT_EQ(member("decline"), R"({"code":"stolen_card","network_code":"43"})");
  EXPECT_EQ(member("amount_captured"), "0");
  EXPECT_EQ(capture(2, id, 1).answer.status, 422);
  EXPECT_EQ(refund(3, id, 1).answer.status, 422);
  EXPECT_EQ(printed("declined"), "1");
}

TEST_F(BookTest, unknown_things_are_refused_for_good) {
  charge(1, 10'000, "tok_none");
  EXPECT_EQ(last_.answer.status, 422);
  EXPECT_EQ(capture(2, "ch_none", 1).answer.status, 404);
  EXPECT_TRUE(capture(2, "ch_none", 1).answer.replayed);
  const std::string id = charge(3, 10'000);
  part(OperationKind::capture, 4, id, 1, R"(,"final":false)", "USD");
  EXPECT_EQ(member("code"), "currency_mismatch");
  EXPECT_EQ(printed("refused"), "3");
  EXPECT_EQ(printed("executions_by_reference"), R"({"op_3":1})");
}

TEST_F(BookTest, a_cancelled_key_never_executes) {
  const Decision cancelled = cancel(1);
  EXPECT_EQ(cancelled.answer.status, 200);
  EXPECT_EQ(cancelled.answer.body, R"({"key":"key-0000000000000000-1","state":"cancelled"})");
  EXPECT_EQ(cancel(1).answer.body, cancelled.answer.body);
  charge(1, 10'000);
  EXPECT_EQ(last_.answer.status, 409);
  EXPECT_EQ(member("code"), "key_cancelled");
  EXPECT_EQ(book_.inquire(key(1)).body, cancelled.answer.body);
  EXPECT_EQ(printed("charges"), "[]");
  EXPECT_EQ(printed("cancelled_keys"), "1");
}

TEST_F(BookTest, an_executed_key_cannot_be_cancelled) {
  charge(1, 10'000);
  const std::string answer = last_.answer.body;
  last_ = cancel(1);
  EXPECT_EQ(last_.answer.status, 409);
  EXPECT_EQ(member("code"), "already_executed");
  EXPECT_EQ(member("answer"), answer);
  EXPECT_EQ(member("answer_status"), "201");
  charge(1, 10'000);
  EXPECT_TRUE(last_.answer.replayed);
}

TEST_F(BookTest, an_inquiry_tells_the_recorded_answer) {
  EXPECT_EQ(book_.inquire(key(1)).status, 404);
  charge(1, 10'000);
  const std::string answer = last_.answer.body;
  last_.answer = book_.inquire(key(1));
  EXPECT_EQ(last_.answer.status, 200);
  EXPECT_EQ(member("kind"), "charge");
  EXPECT_EQ(member("reference"), "op_1");
  EXPECT_EQ(member("answer"), answer);
}

TEST_F(BookTest, tokens_decide_the_connection) {
  charge(1, 10'000, "tok_close_before");
  EXPECT_EQ(last_.ending, Ending::close_before);
  EXPECT_FALSE(last_.entry.has_value());
  EXPECT_EQ(book_.inquire(key(1)).status, 404);
  charge(2, 10'000, "tok_close_after");
  EXPECT_EQ(last_.ending, Ending::close_after);
  charge(2, 10'000, "tok_close_after");
  EXPECT_EQ(last_.ending, Ending::answer);
  EXPECT_TRUE(last_.answer.replayed);
  charge(3, 10'000, "tok_stall");
  EXPECT_EQ(last_.ending, Ending::stall);
}

TEST_F(BookTest, amounts_decide_the_rest) {
  const std::string id = charge(1, 1'000'000);
  EXPECT_EQ(capture(2, id, 191).ending, Ending::close_before);
  EXPECT_EQ(capture(3, id, 192).ending, Ending::stall);
  EXPECT_EQ(capture(4, id, 193).ending, Ending::close_after);
  capture(5, id, 194);
  EXPECT_EQ(member("status"), "declined");
  EXPECT_EQ(charge_member("amount_captured"), "385");
  EXPECT_EQ(refund(6, id, 94).ending, Ending::answer);
  EXPECT_EQ(charge_member("amount_refunded"), "0");
  const std::string other = charge(7, 93);
  EXPECT_EQ(last_.ending, Ending::answer);
  EXPECT_EQ(void_rest(8, other).ending, Ending::close_after);
}

TEST_F(BookTest, amounts_decide_nothing_when_that_is_off) {
  book_ = Book(false);
  const std::string id = charge(1, 10'000);
  EXPECT_EQ(capture(2, id, 91).ending, Ending::answer);
  EXPECT_EQ(capture(3, id, 94).answer.status, 201);
  EXPECT_EQ(member("status"), "succeeded");
}

TEST_F(BookTest, the_entries_rebuild_the_book) {
  const std::string id = charge(1, 10'000);
  capture(2, id, 4'000);
  capture(3, id, 194);
  void_rest(4, id);
  refund(5, id, 1'000);
  refund(6, id, 9'000);
  charge(7, 500, "tok_decline_expired_card");
  capture(8, charge(9, 777), 700, true);
  cancel(10);
  // With the opposite option: effects follow from entries, not from rules.
  Book rebuilt(false);
  for (const std::string& line : entries_) {
    const auto entry = json::parse(line);
    ASSERT_TRUE(entry.ok());
    ASSERT_TRUE(rebuilt.apply(entry->as_object()).ok()) << line;
  }
  EXPECT_EQ(json::write(rebuilt.print()), json::write(book_.print()));
  for (int number = 1; number <= 11; ++number) {
    EXPECT_EQ(rebuilt.inquire(key(number)).body, book_.inquire(key(number)).body);
  }
}

TEST_F(BookTest, entries_that_cannot_be_ours_are_refused) {
  charge(1, 10'000);
  for (
      const char* line :
      {R"({})", R"({"key":"key-0000000000000000-1","kind":"cancel"})", R"({"key":"k","kind":"x"})",
       R"({"key":"k","kind":"capture","charge":"ch_none","status":201,"answer":{"amount":1,"currency":"EUR","status":"succeeded"}})",
       R"({"key":"k","kind":"charge","status":201,"answer":{}})"}) {
    const auto entry = json::parse(line);
    ASSERT_TRUE(entry.ok());
    EXPECT_FALSE(book_.apply(entry->as_object()).ok()) << line;
  }
}

TEST_F(BookTest, AChargeIsApprovedOrDeclinedLater) {
  for (const bool at_once : {true, false}) {
    const int number = at_once ? 71 : 72;
    charge(number, 500, "tok_later", at_once);
    EXPECT_EQ(last_.answer.status, 202);
    EXPECT_EQ(member("status"), "pending");
    const std::string id = member("id");
    // Nothing can be done with it before it is ended.
    EXPECT_EQ(capture(number + 10, id, 100).answer.status, 422);
    Decision ended = book_.conclude(id, true);
    EXPECT_EQ(ended.answer.status, 200);
    book_.settle(ended);
    entries_.push_back(json::write(*ended.entry));
    const std::string told = book_.inquire(key(number)).body;
    EXPECT_NE(told.find(at_once ? R"("status":"captured")" : R"("status":"authorized")"),
              std::string::npos);
    EXPECT_NE(told.find(R"("answer_status":201)"), std::string::npos);
    EXPECT_EQ(ended.answer.body, told);
    EXPECT_EQ(book_.conclude(id, false).answer.status, 404);
  }
  charge(73, 500, "tok_later");
  Decision declined = book_.conclude(member("id"), false);
  book_.settle(declined);
  entries_.push_back(json::write(*declined.entry));
  EXPECT_NE(book_.inquire(key(73)).body.find("do_not_honor"), std::string::npos);
  EXPECT_EQ(book_.conclude("ch_nobody", true).answer.status, 404);
  // The entries alone make the same book.
  Book again(true);
  for (const std::string& line : entries_) {
    ASSERT_TRUE(again.apply(json::parse(line)->get_object()).ok()) << line;
  }
  EXPECT_EQ(json::write(again.print().as_object().at("charges")),
            json::write(book_.print().as_object().at("charges")));
}

TEST_F(BookTest, what_is_said_after_the_end_is_in_the_entries) {
  const auto say = [this](AfterOrder::Kind kind, const std::string& about,
                          const std::string& body) {
    http::Request request;
    request.body = body;
    const auto order = read_after(kind, about, request);
    EXPECT_TRUE(order.ok()) << body;
    Decision decision = book_.say_after(*order);
    book_.settle(decision);
    if (decision.entry) entries_.push_back(json::write(*decision.entry));
    return decision.answer;
  };
  using Kind = AfterOrder::Kind;
  const std::string id = charge(1, 1'000, "tok_approve", true);
  const std::string back =
      json::parse(refund(2, id, 400).answer.body)->at("id").as_string().c_str();
  const std::string amount = R"("amount":700,"currency":"EUR")";
  const Answer opened = say(
      Kind::dispute, id,
      "{" + amount +
          R"(,"stage":"chargeback","status":"needs_response","reason":"fraud","respond_by":1800000000})");
  EXPECT_EQ(opened.status, 200);
  const json::object dispute = json::parse(opened.body)->as_object();
  EXPECT_EQ(dispute.at("reference"), "op_1");
  const std::string name = dispute.at("id").as_string().c_str();
  const Answer lost = say(Kind::dispute_step, name, R"({"stage":"chargeback","status":"lost"})");
  EXPECT_NE(lost.body.find(R"("amount":700)"), std::string::npos) << lost.body;
  EXPECT_NE(lost.body.find(R"("number":2)"), std::string::npos) << lost.body;
  EXPECT_NE(say(Kind::refund_return, back, "{" + amount + "}").body.find(R"("reference":"op_2")"),
            std::string::npos);
  EXPECT_NE(say(Kind::capture_reversal, id, "{" + amount + "}").body.find(R"("reference":"op_1")"),
            std::string::npos);
  EXPECT_EQ(say(Kind::capture_reversal, "ca_none", "{" + amount + "}").status, 404);
  EXPECT_EQ(say(Kind::dispute_step, "dp_9", R"({"stage":"x","status":"y"})").status, 404);
  Book again(true);
  for (const std::string& line : entries_) {
    ASSERT_TRUE(again.apply(json::parse(line)->get_object()).ok()) << line;
  }
  EXPECT_EQ(json::write(again.print()), json::write(book_.print()));
  EXPECT_FALSE(again.apply(json::parse(entries_.back())->get_object()).ok());
}

}  // namespace
}  // namespace florin::sandbox::book_test

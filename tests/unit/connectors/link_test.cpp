// A small line protocol behind the contract of `Link`: requests with a deadline, answers in any
// order, a reversal for every silence, an echo when nothing happens. It proves that the contract
// lets a connector keep the rules that money needs.
#include "daemon/connectors/link.h"

#include <gtest/gtest.h>

#include <map>

namespace florin::connectors::link_test {
namespace {

using domain::OperationKind;
using domain::OutcomeClass;

constexpr std::int64_t kAnswer_ns = 25;
constexpr std::int64_t kRepeat_ns = 30;

// "HELLO\n" → "HELLO OK\n"; "PAY <ref>\n" → "YES <ref>\n" or "NO <ref>\n"; "BACK <ref>\n" → "GONE
// <ref>\n".
class LineLink final : public Link {
 public:
  const CapabilitySheet& sheet() const override { return sheet_; }
  LinkActions opened(std::int64_t) override { return {.send = bytes("HELLO\n")}; }
  bool ready() const override { return signed_on_; }
  LinkActions submit(const OperationRequest& operation, std::int64_t now) override {
    LinkActions out;
    if (!ready()) {
      out.facts.push_back({operation.reference, {.outcome = OutcomeClass::unsent}});
      return out;
    }
    waiting_[operation.reference] = now + kAnswer_ns;
    out.send = bytes("PAY " + operation.reference + "\n");
    return timed(std::move(out));
  }
  LinkActions reverse(const OperationRequest& operation, std::int64_t now) override {
    return timed(begin_reversal(operation.reference, now));
  }
  LinkActions received(BytesView got, std::int64_t) override {
    LinkActions out;
    buffer_ += text_of(got);
    for (std::size_t end = buffer_.find('\n'); end != std::string::npos; end = buffer_.find('\n')) {
      take(buffer_.substr(0, end), out);
      buffer_.erase(0, end + 1);
    }
    return timed(std::move(out));
  }
  LinkActions woke(std::int64_t now) override {
    LinkActions out;
    const std::map<std::string, std::int64_t> waiting = waiting_;
    for (const auto& [reference, until] : waiting) {
      if (until > now) continue;
      waiting_.erase(reference);
      out.facts.push_back({reference, {.outcome = OutcomeClass::unknown}});
      append(out, begin_reversal(reference, now));
    }
    for (auto& [reference, until] : reversing_) {
      if (until > now) continue;
      until = now + kRepeat_ns;
      append(out, {.send = bytes("BACK " + reference + "\n")});
    }
    return timed(std::move(out));
  }
  LinkActions closed(std::int64_t) override {
    LinkActions out;
    for (const auto& [reference, until] : waiting_) {
      out.facts.push_back({reference, {.outcome = OutcomeClass::unknown}});
    }
    waiting_.clear();
    signed_on_ = false;
    buffer_.clear();
    return out;
  }

 private:
  static Bytes bytes(const std::string& text) { return to_bytes(view_of(text)); }
  static void append(LinkActions& to, LinkActions more) {
    to.send.insert(to.send.end(), more.send.begin(), more.send.end());
    to.reversals_begun.insert(to.reversals_begun.end(), more.reversals_begun.begin(),
                              more.reversals_begun.end());
  }
  LinkActions begin_reversal(const std::string& reference, std::int64_t now) {
    const bool first = reversing_.emplace(reference, now + kRepeat_ns).second;
    LinkActions out{.send = bytes("BACK " + reference + "\n")};
    if (first) out.reversals_begun.push_back(reference);
    return out;
  }
  void take(const std::string& line, LinkActions& out) {
    if (line == "HELLO OK") signed_on_ = true;
    const std::size_t space = line.find(' ');
    if (space == std::string::npos) return;
    const std::string word = line.substr(0, space);
    const std::string reference = line.substr(space + 1);
    if (word == "GONE" && reversing_.erase(reference) == 1) {
      out.facts.push_back({reference, {.outcome = OutcomeClass::not_executed}});
    }
    // A late answer to what is being reversed is no fact any more.
    if ((word == "YES" || word == "NO") && waiting_.erase(reference) == 1) {
      out.facts.push_back(
          {reference,
           {.outcome = word == "YES" ? OutcomeClass::succeeded : OutcomeClass::declined}});
    }
  }
  LinkActions timed(LinkActions out) const {
    for (const auto* timers : {&waiting_, &reversing_}) {
      for (const auto& [reference, until] : *timers) {
        out.wake_at_ns = std::min(out.wake_at_ns.value_or(until), until);
      }
    }
    return out;
  }

  CapabilitySheet sheet_;
  bool signed_on_ = false;
  std::string buffer_;
  std::map<std::string, std::int64_t> waiting_;
  std::map<std::string, std::int64_t> reversing_;
};

OperationRequest operation(const std::string& reference) {
  return {.kind = OperationKind::sale,
          .psp_key = {},
          .reference = reference,
          .amount = *Money::make(100, *Currency::parse("EUR")),
          .payment_token = {},
          .psp_reference = {},
          .merchant_reference = {}};
}

LinkActions receive(Link& link, std::string_view text, std::int64_t now) {
  return link.received(view_of(text), now);
}

std::string sent(const LinkActions& actions) {
  return std::string(text_of(actions.send));
}

class LinkContract : public testing::Test {
 protected:
  void sign_on() {
    EXPECT_EQ(sent(link_.opened(0)), "HELLO\n");
    receive(link_, "HELLO OK\n", 0);
    EXPECT_TRUE(link_.ready());
  }
  LineLink link_;
};

TEST_F(LinkContract, nothing_leaves_before_it_is_signed_on) {
  (void)link_.opened(0);
  const LinkActions actions = link_.submit(operation("a"), 0);
  ASSERT_EQ(actions.facts.size(), 1U);
  EXPECT_EQ(actions.facts[0].outcome.outcome, OutcomeClass::unsent);
  EXPECT_TRUE(actions.send.empty());
}

TEST_F(LinkContract, answers_come_in_any_order_and_in_any_pieces) {
  sign_on();
  EXPECT_EQ(sent(link_.submit(operation("a"), 0)), "PAY a\n");
  (void)link_.submit(operation("b"), 0);
  const std::string answers = "NO b\nYES a\n";
  std::vector<LinkFact> facts;
  for (const char letter : answers) {
    const LinkActions actions = receive(link_, std::string_view(&letter, 1), 1);
    facts.insert(facts.end(), actions.facts.begin(), actions.facts.end());
  }
  ASSERT_EQ(facts.size(), 2U);
  EXPECT_EQ(facts[0].reference, "b");
  EXPECT_EQ(facts[0].outcome.outcome, OutcomeClass::declined);
  EXPECT_EQ(facts[1].outcome.outcome, OutcomeClass::succeeded);
}

TEST_F(LinkContract, silence_is_unknown_and_reversed_until_it_is_confirmed) {
  sign_on();
  EXPECT_EQ(link_.submit(operation("a"), 10).wake_at_ns, 10 + kAnswer_ns);
  LinkActions late = link_.woke(10 + kAnswer_ns);
  ASSERT_EQ(late.facts.size(), 1U);
  EXPECT_EQ(late.facts[0].outcome.outcome, OutcomeClass::unknown);
  // The reversal is durable before its first byte leaves.
  EXPECT_EQ(late.reversals_begun, std::vector<std::string>{"a"});
  EXPECT_EQ(sent(late), "BACK a\n");
  EXPECT_TRUE(receive(link_, "YES a\n", 40).facts.empty());
  ASSERT_TRUE(late.wake_at_ns.has_value());
  const LinkActions again = link_.woke(*late.wake_at_ns);
  EXPECT_EQ(sent(again), "BACK a\n");
  EXPECT_TRUE(again.reversals_begun.empty());
  const LinkActions gone = receive(link_, "GONE a\n", 99);
  ASSERT_EQ(gone.facts.size(), 1U);
  EXPECT_EQ(gone.facts[0].outcome.outcome, OutcomeClass::not_executed);
  EXPECT_FALSE(gone.wake_at_ns.has_value());
}

TEST_F(LinkContract, the_end_of_the_connection_leaves_doubts_and_no_failures) {
  sign_on();
  (void)link_.submit(operation("a"), 0);
  (void)receive(link_, "YES", 1);
  const LinkActions ended = link_.closed(2);
  ASSERT_EQ(ended.facts.size(), 1U);
  EXPECT_EQ(ended.facts[0].outcome.outcome, OutcomeClass::unknown);
  EXPECT_FALSE(link_.ready());
  // The next process reverses what was open.
  sign_on();
  EXPECT_EQ(sent(link_.reverse(operation("a"), 3)), "BACK a\n");
}

}  // namespace
}  // namespace florin::connectors::link_test

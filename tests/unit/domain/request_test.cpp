// Requests of two people: the state machine, the texts that are signed, the stored form.
#include "daemon/domain/request.h"

#include <set>

#include "daemon/domain/request_text.h"
#include "unit/domain/world.h"

namespace florin::domain::request_test {
namespace {

using S = RequestState;
using E = RequestEvent;
constexpr S kStates[] = {S::waiting, S::approved, S::executing, S::executed,
                         S::failed,  S::rejected, S::cancelled, S::expired};
constexpr E kEvents[] = {E::approved_in_part,    E::approved_in_full, E::rejected,
                         E::cancelled,           E::expired,          E::execution_begun,
                         E::execution_succeeded, E::execution_failed};

TEST(Request, EveryPairOfStateAndEvent) {
  constexpr std::optional<S> none;
  struct Row {
    S from;
    std::optional<S> to[8];  // in the order of kEvents
  };
  const Row rows[] = {
      {S::waiting,
       {S::waiting, S::approved, S::rejected, S::cancelled, S::expired, none, none, none}},
      {S::approved, {none, none, none, S::cancelled, S::expired, S::executing, none, S::failed}},
      {S::executing, {none, none, none, none, none, none, S::executed, S::failed}},
      {S::executed, {}},
      {S::failed, {}},
      {S::rejected, {}},
      {S::cancelled, {}},
      {S::expired, {}},
  };
  ASSERT_EQ(std::size(rows), std::size(kStates));
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < std::size(kEvents); ++i) {
      EXPECT_EQ(next_state(row.from, kEvents[i]), row.to[i])
          << request_state_name(row.from) << " + " << request_event_name(kEvents[i]);
    }
  }
}

TEST(Request, WhatHasEndedStaysEnded) {
  for (const S state : kStates) {
    bool moves = false;
    for (const E event : kEvents) moves = moves || next_state(state, event).has_value();
    EXPECT_EQ(has_ended(state), !moves) << request_state_name(state);
  }
}

TEST(Request, NamesAreDistinct) {
  std::set<std::string_view> names;
  for (const S state : kStates) names.insert(request_state_name(state));
  EXPECT_EQ(names.size(), std::size(kStates));
  names.clear();
  for (const E event : kEvents) names.insert(request_event_name(event));
  EXPECT_EQ(names.size(), std::size(kEvents));
}

TEST(Request, Numbers) {
  EXPECT_EQ(request_number_text(42), "R-0042");
  EXPECT_EQ(request_number_text(123456), "R-123456");
  EXPECT_EQ(parse_request_number("R-0042"), 42U);
  EXPECT_EQ(parse_request_number("r-42"), 42U);
  EXPECT_EQ(parse_request_number("42"), 42U);
  for (const char* wrong : {"", "R-", "R-0", "0", "R-4x", "-4", "Q-4", "R-99999999999"}) {
    EXPECT_FALSE(parse_request_number(wrong).has_value()) << wrong;
  }
}

ControlRequest example() {
  ControlRequest request;
  request.terms = {.id = {test_uuid(1)},
                   .origin = "bank.example/ledger/system",
                   .evaluation = false,
                   .operation = "key.rotate",
                   .parameters = {{"tenant", "tnt_1"}, {"purpose", "general"}, {"version", 4}},
                   .consequence = "New data is sealed under version 4.",
                   .reason = "yearly, CHG-4711",
                   .requester = {test_uuid(2)},
                   .requester_name = "alice",
                   .requester_uid = 1001,
                   .requested_at = 1'790'000'000'000'000'000,
                   .approve_before = 1'790'086'400'000'000'000,
                   .execute_before = 1'790'090'000'000'000'000,
                   .approvals = 1,
                   .approvers = roles(Role::custodian)};
  request.version = 3;
  request.number = 42;
  request.state = S::approved;
  request.changed_at = 5;
  request.execute_until = 6;
  request.approved_by = {{test_uuid(3)}};
  request.ended_by = {test_uuid(4)};
  request.refusals = 2;
  request.outcome = "none";
  for (std::size_t i = 0; i < request.signature.size(); ++i) {
    request.signature[i] = static_cast<std::uint8_t>(i);
  }
  return request;
}

// Changing a byte of these makes every signature given so far worthless.
TEST(RequestText, Golden) {
  const std::string text = canonical_text(example().terms);
  EXPECT_EQ(text,
            "florin-request/1\n"
            "appliance bank.example/ledger/system production\n"
            "request " +
                ControlRequestId{test_uuid(1)}.text() +
                "\n"
                "operation key.rotate\n"
                "parameter purpose \"general\"\n"
                "parameter tenant \"tnt_1\"\n"
                "parameter version 4\n"
                "consequence New data is sealed under version 4.\n"
                "reason yearly, CHG-4711\n"
                "requested-by alice " +
                PersonId{test_uuid(2)}.text() +
                " uid 1001\n"
                "requested-at 2026-09-21T14:13:20.000000Z\n"
                "approvals 1 of custodian\n"
                "approve-before 2026-09-22T14:13:20.000000Z\n"
                "execute-before 2026-09-22T15:13:20.000000Z\n");
  const Hash32 digest = request_digest(text);
  EXPECT_EQ(digest, sha256(view_of(text)));
  Ed25519PublicKey key{};
  key[0] = 0xAB;
  const std::string hex = "ab" + std::string(62, '0');
  EXPECT_EQ(signed_text(RequestAct::approve, "rqt_1", digest, "bob", key),
            "florin-approve-signature/1\nrequest rqt_1\ndigest " + to_hex(digest) +
                "\nperson bob\nkey " + hex + "\n");
  EXPECT_EQ(signed_text(RequestAct::reject, "rqt_1", digest, "bob", key, "not\nnow"),
            "florin-reject-signature/1\nrequest rqt_1\ndigest " + to_hex(digest) +
                "\nperson bob\nkey " + hex + "\nreason not\\x0anow\n");
}

TEST(RequestText, EveryActHasAFirstLineOfItsOwn) {
  std::set<std::string> first;
  for (const RequestAct act : {RequestAct::request, RequestAct::approve, RequestAct::reject,
                               RequestAct::cancel, RequestAct::execute}) {
    const std::string text = signed_text(act, "rqt_1", {}, "bob", {});
    first.insert(text.substr(0, text.find('\n')));
  }
  EXPECT_EQ(first.size(), 5U);
  EXPECT_FALSE(first.contains("florin-request/1"));
}

TEST(RequestText, EveryTermChangesTheDigest) {
  const RequestTerms base = example().terms;
  std::set<std::string> texts = {canonical_text(base)};
  const auto changed = [&](auto change) {
    RequestTerms terms = base;
    change(terms);
    EXPECT_TRUE(texts.insert(canonical_text(terms)).second) << canonical_text(terms);
  };
  changed([](RequestTerms& t) { t.id = {test_uuid(9)}; });
  changed([](RequestTerms& t) { t.origin += "x"; });
  changed([](RequestTerms& t) { t.evaluation = true; });
  changed([](RequestTerms& t) { t.operation = "key.revoke"; });
  changed([](RequestTerms& t) { t.parameters["version"] = 5; });
  changed([](RequestTerms& t) { t.parameters["version"] = "4"; });
  changed([](RequestTerms& t) { t.parameters["extra"] = nullptr; });
  changed([](RequestTerms& t) { t.consequence += "\n"; });
  changed([](RequestTerms& t) { t.reason += "\nrequested-by mallory"; });
  changed([](RequestTerms& t) { t.requester = {test_uuid(9)}; });
  changed([](RequestTerms& t) { t.requester_name = "alicia"; });
  changed([](RequestTerms& t) { t.requester_uid = 0; });
  changed([](RequestTerms& t) { t.requested_at += 1000; });
  changed([](RequestTerms& t) { t.approve_before += 1000; });
  changed([](RequestTerms& t) { t.execute_before += 1000; });
  changed([](RequestTerms& t) { t.approvals = 2; });
  changed([](RequestTerms& t) { t.approvers = roles(Role::admin); });
}

TEST(RequestText, OneLineStaysOneLine) {
  EXPECT_EQ(line_text("plain text~"), "plain text~");
  EXPECT_EQ(line_text("a\nb\\x0a\x7f\xC3\xA4"), "a\\x0ab\\x5cx0a\\x7f\\xc3\\xa4");
}

TEST(RequestCodec, ThereAndBack) {
  const ControlRequest request = example();
  const Stored stored = encode(request);
  EXPECT_LE(stored.head.size(), 512U);
  const auto again = decode_request(request.terms.id.value, 3, stored.immutable, stored.head);
  ASSERT_TRUE(again.ok()) << again.error().to_log();
  EXPECT_EQ(canonical_text(again->terms), canonical_text(request.terms));
  EXPECT_EQ(again->signature, request.signature);
  EXPECT_EQ(again->number, 42U);
  EXPECT_EQ(again->state, S::approved);
  EXPECT_EQ(again->approved_by, request.approved_by);
  EXPECT_EQ(again->ended_by, request.ended_by);
  EXPECT_EQ(again->refusals, 2U);
  EXPECT_EQ(again->outcome, "none");
  EXPECT_EQ(encode(*again).immutable, stored.immutable);
  EXPECT_EQ(encode(*again).head, stored.head);
}

TEST(RequestCodec, AHeadAtItsLimitsFits) {
  ControlRequest request = example();
  request.approved_by.assign(kMaxApprovers, {test_uuid(7)});
  request.outcome.assign(kMaxOutcomeBytes, 'x');
  EXPECT_LE(encode(request).head.size(), 512U);
}

TEST(RequestCodec, OtherBytesAreRefused) {
  const ControlRequest request = example();
  const Stored stored = encode(request);
  for (std::size_t i = 0; i < stored.immutable.size(); ++i) {
    Bytes bad = stored.immutable;
    bad[i] ^= 0x01U;
    const auto decoded = decode_request(request.terms.id.value, 3, bad, stored.head);
    // The signature is not part of the digest; whoever changes it makes it one that fails.
    if (i + kEd25519SignatureSize >= bad.size()) continue;
    EXPECT_FALSE(decoded.ok()) << i;
  }
  for (std::size_t size = 0; size < stored.immutable.size(); ++size) {
    const BytesView cut = BytesView(stored.immutable).first(size);
    EXPECT_FALSE(decode_request(request.terms.id.value, 3, cut, stored.head).ok()) << size;
  }
  for (std::size_t size = 0; size < stored.head.size(); ++size) {
    const BytesView cut = BytesView(stored.head).first(size);
    EXPECT_FALSE(decode_request(request.terms.id.value, 3, stored.immutable, cut).ok()) << size;
  }
}

TEST(RequestCodec, Votes) {
  RequestVote vote{.request = {test_uuid(1)},
                   .person = {test_uuid(2)},
                   .approves = false,
                   .reason = "no",
                   .at = 7};
  vote.signature[63] = 9;
  const auto again = decode_vote(encode(vote).immutable);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(encode(*again).immutable, encode(vote).immutable);
  EXPECT_NE(vote_id({test_uuid(1)}, {test_uuid(2)}), vote_id({test_uuid(2)}, {test_uuid(1)}));
}

}  // namespace
}  // namespace florin::domain::request_test

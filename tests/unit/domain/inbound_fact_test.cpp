#include "daemon/domain/inbound_fact.h"

#include <gtest/gtest.h>

#include "daemon/domain/index_keys.h"
#include "daemon/domain/notice_channel.h"

namespace florin::domain::inbound_fact_test {
namespace {

Uuid uuid(std::uint8_t last) {
  Uuid out;
  out.bytes.back() = last;
  return out;
}

InboundFact sample() {
  InboundFact fact{.id = {uuid(1)},
                   .version = 3,
                   .connector = {uuid(2)},
                   .key = "evt_1",
                   .type = "operation.answered",
                   .happened_at = 10,
                   .received_at = 20,
                   .reference = "op_x",
                   .psp_reference = "ch_1",
                   .kind = OperationKind::refund};
  fact.outcome.outcome = OutcomeClass::declined;
  fact.outcome.psp_reference = "re_1";
  fact.outcome.reference = "op_x";
  fact.outcome.amount = Money::make(1250, *Currency::parse("EUR")).value();
  fact.outcome.decline = Decline{DeclineCategory::fraud, "stolen_card", "43"};
  fact.state = InboundState::parked;
  fact.operation = {uuid(4)};
  fact.updated_at = 30;
  return fact;
}

Result<InboundFact> again(const InboundFact& fact) {
  const Stored stored = encode(fact);
  return decode_inbound_fact(fact.id.value, fact.version, stored.immutable, stored.head);
}

TEST(InboundFact, IsReadAsItWasWritten) {
  for (const bool whole : {true, false}) {
    InboundFact fact = sample();
    if (!whole) {
      fact.kind.reset();
      fact.outcome.amount.reset();
      fact.outcome.decline.reset();
    }
    const auto read = again(fact);
    ASSERT_TRUE(read.ok()) << read.error().to_log();
    EXPECT_EQ(read->id, fact.id);
    EXPECT_EQ(read->version, 3U);
    EXPECT_EQ(read->connector, fact.connector);
    EXPECT_EQ(read->key, "evt_1");
    EXPECT_EQ(read->type, "operation.answered");
    EXPECT_EQ(read->kind, fact.kind);
    EXPECT_EQ(read->outcome.outcome, OutcomeClass::declined);
    EXPECT_EQ(read->outcome.amount, fact.outcome.amount);
    EXPECT_EQ(read->outcome.decline, fact.outcome.decline);
    EXPECT_EQ(read->state, InboundState::parked);
    EXPECT_EQ(read->operation, fact.operation);
    EXPECT_EQ(content_digest(*read), content_digest(fact));
  }
}

InboundFact late_sample() {
  InboundFact fact = sample();
  fact.late = LateNotice{.kind = FactKind::dispute,
                         .psp_key = "dp_1",
                         .amount = Money::make(1250, *Currency::parse("EUR")).value(),
                         .dispute = DisputeNotice{"dp_1", DisputeStage::chargeback,
                                                  DisputeStatus::lost, "fraudulent", 77}};
  return fact;
}

TEST(InboundFact, WhatItSaysAfterTheEndIsKept) {
  const auto read = again(late_sample());
  ASSERT_TRUE(read.ok()) << read.error().to_log();
  EXPECT_EQ(read->late, late_sample().late);
  EXPECT_NE(content_digest(late_sample()), content_digest(sample()));
  InboundFact returned = late_sample();
  returned.late->kind = FactKind::refund_returned;
  returned.late->dispute.reset();
  EXPECT_EQ(again(returned)->late, returned.late);
  // Those without it are written as they always were.
  EXPECT_EQ(encode(sample()).immutable[0], 1);
  const Stored stored = encode(late_sample());
  EXPECT_EQ(stored.immutable[0], 2);
  for (std::size_t size = 0; size < stored.immutable.size(); ++size) {
    EXPECT_FALSE(
        decode_inbound_fact({}, 1, BytesView(stored.immutable).first(size), stored.head).ok());
  }
  InboundFact outsized = late_sample();
  outsized.late->psp_key = outsized.late->dispute->psp_dispute = outsized.late->dispute->reason =
      std::string(500, 'x');
  make_storable(outsized);
  EXPECT_TRUE(again(outsized).ok());
}

TEST(InboundFact, EveryTruncationAndEveryUnknownValueIsRefused) {
  const Stored stored = encode(sample());
  for (std::size_t size = 0; size < stored.immutable.size(); ++size) {
    EXPECT_FALSE(
        decode_inbound_fact({}, 1, BytesView(stored.immutable).first(size), stored.head).ok());
  }
  for (std::size_t size = 0; size < stored.head.size(); ++size) {
    EXPECT_FALSE(
        decode_inbound_fact({}, 1, stored.immutable, BytesView(stored.head).first(size)).ok());
  }
  Bytes head = stored.head;
  // A closed one has a head of its own.
  for (const std::uint8_t state : Bytes{0, 6, 7, 255}) {
    head[1] = state;
    EXPECT_FALSE(decode_inbound_fact({}, 1, stored.immutable, head).ok());
  }
}

TEST(InboundFact, IsClosedOnceAndThenSaysByWhom) {
  InboundFact fact = sample();
  ASSERT_TRUE(close(fact, "R-0042", 99).ok());
  EXPECT_EQ(fact.state, InboundState::closed);
  EXPECT_FALSE(is_open(fact.state));
  const auto read = again(fact);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->closed_by, "R-0042");
  EXPECT_EQ(read->updated_at, 99);
  EXPECT_EQ(content_digest(*read), content_digest(sample()));
  EXPECT_EQ(close(fact, "R-0043", 100).error().code(), Errc::state_conflict);
  for (const InboundState state :
       {InboundState::applied, InboundState::known, InboundState::hint}) {
    InboundFact done = sample();
    done.state = state;
    EXPECT_FALSE(close(done, "R-0043", 100).ok());
  }
  const Stored stored = encode(fact);
  const auto keys = index_keys(Kind::inbound_fact, fact.id.value, stored.immutable, stored.head);
  ASSERT_EQ(keys.size(), 1U);
  EXPECT_EQ(keys[0].index, Index::closed_inbound_facts);
  for (std::size_t size = 0; size < stored.head.size(); ++size) {
    EXPECT_FALSE(
        decode_inbound_fact({}, 1, stored.immutable, BytesView(stored.head).first(size)).ok());
  }
}

TEST(InboundFact, ThatIsTooLongBecomesStorable) {
  InboundFact fact = sample();
  for (std::string* text : {&fact.key, &fact.type, &fact.reference, &fact.psp_reference,
                            &fact.outcome.psp_reference, &fact.outcome.reference,
                            &fact.outcome.decline->code, &fact.outcome.decline->network_code}) {
    *text = std::string(500, 'x');
  }
  fact.outcome.evidence = "notice";
  make_storable(fact);
  EXPECT_TRUE(fact.outcome.evidence.empty());
  EXPECT_TRUE(again(fact).ok());
  EXPECT_LE(encode(fact).head.size(), 512U);
}

TEST(InboundFact, TheSameContentIsKnownWheneverItComes) {
  InboundFact later = sample();
  later.received_at = 99;
  later.id = {uuid(9)};
  later.state = InboundState::known;
  EXPECT_EQ(content_digest(later), content_digest(sample()));
  InboundFact other = sample();
  other.outcome.amount = Money::make(1251, *Currency::parse("EUR")).value();
  EXPECT_NE(content_digest(other), content_digest(sample()));
}

TEST(InboundFact, IsIndexedWhileItWaits) {
  InboundFact fact = sample();
  const auto keys = [&fact] {
    const Stored stored = encode(fact);
    return index_keys(Kind::inbound_fact, fact.id.value, stored.immutable, stored.head);
  };
  ASSERT_EQ(keys().size(), 2U);
  EXPECT_EQ(keys()[0].index, Index::open_inbound_facts);
  EXPECT_EQ(keys()[1].index, Index::parked_by_psp_reference);
  const Bytes prefix = reference_key(fact.connector.value, "ch_1");
  EXPECT_TRUE(std::equal(prefix.begin(), prefix.end(), keys()[1].key.begin()));
  fact.state = InboundState::differs;
  EXPECT_EQ(keys().size(), 1U);
  for (const InboundState state :
       {InboundState::applied, InboundState::known, InboundState::hint}) {
    fact.state = state;
    EXPECT_TRUE(keys().empty());
  }
}

TEST(NoticeChannel, IsReadAsItWasWritten) {
  const NoticeChannel channel{
      .id = {uuid(5)}, .version = 2, .changed_at = 77, .sealed_secret = Bytes(300, 0xAB)};
  const Stored stored = encode(channel);
  EXPECT_LE(stored.head.size(), 512U);
  const auto read = decode_notice_channel(channel.id.value, 2, stored.immutable, stored.head);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->sealed_secret, channel.sealed_secret);
  EXPECT_EQ(read->changed_at, 77);
  for (std::size_t size = 0; size < stored.head.size(); ++size) {
    EXPECT_FALSE(
        decode_notice_channel({}, 1, stored.immutable, BytesView(stored.head).first(size)).ok());
  }
}

}  // namespace
}  // namespace florin::domain::inbound_fact_test

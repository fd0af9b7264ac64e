#include "daemon/domain/codec.h"

#include <functional>

#include "daemon/domain/expiry.h"
#include "daemon/domain/facts.h"
#include "daemon/domain/index_keys.h"
#include "unit/domain/world.h"

namespace florin::domain::codec_test {
namespace {

constexpr std::size_t kMaxHead = 512;
constexpr std::size_t kMaxImmutable = std::size_t{24} * 1024;

Decline largest_decline() {
  return {DeclineCategory::technical, std::string(64, 'c'), std::string(32, 'n')};
}

Payment largest_payment() {
  Payment payment{.id = {test_uuid(1)},
                  .version = 7,
                  .terms = {.merchant = {test_uuid(2)},
                            .amount = *Money::make(kMaxAmountMinor, *Currency::parse("KWD")),
                            .capture_method = CaptureMethod::manual,
                            .merchant_reference = std::string(64, 'r'),
                            .payment_token = std::string(128, 't'),
                            .description = std::string(256, 'd'),
                            .metadata = std::string(2048, 'm'),
                            .created_at = 1'790'000'000'000'000'001}};
  payment.authorized = kMaxAmountMinor;
  payment.captured = kMaxAmountMinor - 3;
  payment.released = 2;
  payment.refunded = 5;
  payment.capture_pending = 1;
  payment.refund_pending = 9;
  payment.captures = kMaxCaptures;
  payment.refunds = kMaxRefunds;
  payment.reversed = 11;
  payment.returned = 12;
  payment.disputed = 13;
  payment.charged_back = 14;
  payment.authorization = {kMaxValidity_s, kMaxValidity_s - 1};
  payment.expiring = payment.expired = true;
  payment.expiry_voids = kMaxExpiryVoids;
  payment.increments = kMaxIncrements;
  payment.can_increment = true;
  payment.authorized_at = 15;
  payment.cancel = CancelState::due;
  payment.cancel_key.fill(0xCC);
  payment.cancel_refund = 16;
  payment.failed = true;
  payment.live = LiveOperation{{test_uuid(3)}, OperationKind::void_, OperationState::review};
  payment.last_decline = largest_decline();
  payment.attempt = {test_uuid(4)};
  payment.updated_at = 1'790'000'000'000'000'002;
  return payment;
}

Attempt largest_attempt() {
  return {{test_uuid(1)}, 3, {test_uuid(2)}, {test_uuid(3)}, 65'535, std::string(64, 'p')};
}

Operation largest_operation() {
  Operation operation{.id = {test_uuid(1)},
                      .version = 2,
                      .payment = {test_uuid(2)},
                      .attempt = {test_uuid(3)},
                      .connector = {test_uuid(4)},
                      .kind = OperationKind::refund,
                      .amount = eur(kMaxAmountMinor)};
  operation.target = test_uuid(5);
  operation.psp_key = std::string(64, 'f');
  operation.final_capture = true;
  operation.idempotency_key.fill(0xAA);
  operation.fingerprint.fill(0xBB);
  operation.created_at = 12;
  operation.state = OperationState::review;
  operation.updated_at = 34;
  operation.said = Said{eur(kMaxAmountMinor), std::string(64, 'r'), std::string(64, 'p')};
  operation.decided = Decided{Verdict::not_executed, Hash32{1}, std::string(16, 'R')};
  return operation;
}

Capture largest_capture() {
  return {.id = {test_uuid(1)},
          .version = 2,
          .payment = {test_uuid(2)},
          .operation = {test_uuid(3)},
          .amount = eur(77),
          .final_capture = true,
          .created_at = 5,
          .status = CaptureStatus::reversed,
          .reversed = 77};
}

Refund largest_refund() {
  return {.id = {test_uuid(1)},
          .version = 2,
          .payment = {test_uuid(2)},
          .operation = {test_uuid(3)},
          .amount = eur(77),
          .reason = std::string(64, 'r'),
          .created_at = 5,
          .status = RefundStatus::failed,
          .decline = largest_decline(),
          .returned = 7};
}

Fact largest_fact() {
  return {.id = test_uuid(1),
          .version = 1,
          .kind = FactKind::dispute,
          .payment = {test_uuid(2)},
          .connector = {test_uuid(3)},
          .subject = test_uuid(4),
          .amount = eur(kMaxAmountMinor),
          .psp_key = std::string(64, 'k'),
          .told_at = 5,
          .recorded_at = 6,
          .dispute = DisputeNotice{std::string(64, 'd'), DisputeStage::arbitration,
                                   DisputeStatus::withdrawn, std::string(64, 'r'), 7}};
}

Dispute largest_dispute() {
  Dispute dispute{.id = {test_uuid(1)},
                  .version = 2,
                  .payment = {test_uuid(2)},
                  .merchant = {test_uuid(3)},
                  .connector = {test_uuid(4)},
                  .psp_dispute = std::string(64, 'd'),
                  .currency = euro(),
                  .created_at = 5};
  dispute.stage = DisputeStage::arbitration;
  dispute.status = DisputeStatus::lost;
  dispute.told_at = 6;
  dispute.amount = dispute.taken = dispute.lost = kMaxAmountMinor;
  dispute.reason = std::string(64, 'r');
  dispute.respond_by = 7;
  dispute.facts = 8;
  dispute.updated_at = 9;
  return dispute;
}

// One kind of object: its stored form, and whether a stored form can be read to that very form.
struct Case {
  std::string name;
  Stored stored;
  std::function<Result<Stored>(BytesView, BytesView)> reread;
};

const Uuid& uuid_of(const Uuid& id) {
  return id;
}
template <class Tag>
const Uuid& uuid_of(const Id<Tag>& id) {
  return id.value;
}

template <class T, class Decode>
Case case_of(std::string name, const T& object, Decode decode) {
  return {std::move(name), encode(object), [object, decode](BytesView fixed, BytesView head) {
            auto read = decode(uuid_of(object.id), fixed, head);
            return read.ok() ? Result<Stored>(encode(*read)) : Result<Stored>(read.error());
          }};
}

template <auto kDecode>
auto versioned(std::uint64_t version) {
  return [version](const Uuid& id, BytesView fixed, BytesView head) {
    return kDecode(id, version, fixed, head);
  };
}

std::vector<Case> cases() {
  Payment plain{.id = {test_uuid(1)}, .terms = {.amount = eur(1), .metadata = "{}"}};
  Refund plain_refund{.amount = eur(1)};
  std::vector<Case> out;
  out.push_back(case_of("payment", largest_payment(), versioned<decode_payment>(7)));
  out.push_back(case_of("plain payment", plain, versioned<decode_payment>(0)));
  Payment of_branch = largest_payment();
  of_branch.terms.branch = {test_uuid(9)};
  out.push_back(case_of("payment of a branch", of_branch, versioned<decode_payment>(7)));
  of_branch.terms.subject = {test_uuid(8)};
  of_branch.terms.sealed_personal = Bytes(300, 5);
  out.push_back(
      case_of("payment of a branch and a customer", of_branch, versioned<decode_payment>(7)));
  out.push_back(case_of("attempt", largest_attempt(), versioned<decode_attempt>(3)));
  out.push_back(case_of("operation", largest_operation(), versioned<decode_operation>(2)));
  out.push_back(case_of("capture", largest_capture(), versioned<decode_capture>(2)));
  out.push_back(case_of("refund", largest_refund(), versioned<decode_refund>(2)));
  out.push_back(case_of("plain refund", plain_refund, versioned<decode_refund>(0)));
  out.push_back(case_of("fact", largest_fact(), versioned<decode_fact>(1)));
  Fact plain_fact{.kind = FactKind::late_success, .amount = eur(1)};
  out.push_back(case_of("plain fact", plain_fact, versioned<decode_fact>(0)));
  out.push_back(case_of("dispute", largest_dispute(), versioned<decode_dispute>(2)));
  Dispute branch_dispute = largest_dispute();
  branch_dispute.branch = {test_uuid(9)};
  out.push_back(case_of("dispute of a branch", branch_dispute, versioned<decode_dispute>(2)));
  out.push_back(case_of(
      "branch",
      Merchant{{test_uuid(1)}, "north", "North", 5, true, LateSuccess::reverse, {test_uuid(2)}},
      decode_merchant));
  out.push_back(case_of("tenant", Tenant{{test_uuid(1)}, "bank", "Bank", 5}, decode_tenant));
  out.push_back(
      case_of("merchant", Merchant{{test_uuid(1)}, "shop", "Shop", 5, false}, decode_merchant));
  out.push_back(case_of("accepting merchant",
                        Merchant{{test_uuid(1)}, "shop", "Shop", 5, true, LateSuccess::accept},
                        decode_merchant));
  out.push_back(case_of("credential",
                        Credential{{test_uuid(1)}, {test_uuid(2)}, "key", 5, true, Bytes(160, 1)},
                        decode_credential));
  out.push_back(case_of("bound credential",
                        Credential{{test_uuid(1)},
                                   {test_uuid(2)},
                                   "key",
                                   5,
                                   true,
                                   {},
                                   std::string(64, 'a'),
                                   "urn:merchant:" + std::string(242, 'm')},
                        decode_credential));
  out.push_back(case_of(
      "connector",
      Connector{{test_uuid(1)}, "acq", "sandbox", "https://psp.example", 5, true, Bytes(320, 2)},
      decode_connector));
  out.push_back(case_of("connector with times of its own",
                        Connector{{test_uuid(1)},
                                  "acq",
                                  "sandbox",
                                  "https://psp.example",
                                  5,
                                  true,
                                  Bytes(320, 2),
                                  AuthorizationTime{kMaxValidity_s, 3'600}},
                        decode_connector));
  out.push_back(case_of("endpoint",
                        Endpoint{{test_uuid(1)},
                                 {test_uuid(2)},
                                 "https://shop.example/" + std::string(2000, 'u'),
                                 5,
                                 true,
                                 Bytes(160, 3)},
                        decode_endpoint));
  return out;
}

TEST(Codec, RoundTrips) {
  for (const Case& row : cases()) {
    SCOPED_TRACE(row.name);
    const auto again = row.reread(row.stored.immutable, row.stored.head);
    ASSERT_TRUE(again.ok()) << again.error().to_log();
    EXPECT_EQ(again->immutable, row.stored.immutable);
    EXPECT_EQ(again->head, row.stored.head);
  }
}

TEST(Codec, PartsStayWithinTheLedgersLimits) {
  for (const Case& row : cases()) {
    EXPECT_LE(row.stored.head.size(), kMaxHead) << row.name;
    EXPECT_LE(row.stored.immutable.size(), kMaxImmutable) << row.name;
  }
}

TEST(Codec, EveryTruncationAndEveryExtraByteIsRefused) {
  for (const Case& row : cases()) {
    SCOPED_TRACE(row.name);
    const BytesView fixed = row.stored.immutable;
    const BytesView head = row.stored.head;
    for (std::size_t size = 0; size < fixed.size(); ++size) {
      const auto read = row.reread(fixed.first(size), head);
      ASSERT_FALSE(read.ok()) << "immutable part cut to " << size;
      ASSERT_EQ(read.error().code(), Errc::ledger_record_invalid);
    }
    for (std::size_t size = 0; size < head.size(); ++size) {
      ASSERT_FALSE(row.reread(fixed, head.first(size)).ok()) << "head cut to " << size;
    }
    Bytes longer = row.stored.immutable;
    longer.push_back(0);
    EXPECT_FALSE(row.reread(longer, head).ok());
    longer = row.stored.head;
    longer.push_back(0);
    EXPECT_FALSE(row.reread(fixed, longer).ok());
  }
}

// One encoding per value: a changed byte is refused, or it is another value with another encoding.
TEST(Codec, AChangedByteIsNeverReadAsTheSameValue) {
  for (const Case& row : cases()) {
    SCOPED_TRACE(row.name);
    for (const std::uint8_t flip : Bytes{0x01, 0x80, 0xFF}) {
      for (std::size_t i = 0; i < row.stored.head.size(); ++i) {
        Bytes head = row.stored.head;
        head[i] ^= flip;
        const auto read = row.reread(row.stored.immutable, head);
        if (read.ok()) {
          ASSERT_EQ(read->head, head) << "byte " << i;
        }
      }
      for (std::size_t i = 0; i < std::min<std::size_t>(row.stored.immutable.size(), 400); ++i) {
        Bytes fixed = row.stored.immutable;
        fixed[i] ^= flip;
        const auto read = row.reread(fixed, row.stored.head);
        if (read.ok()) {
          ASSERT_EQ(read->immutable, fixed) << "byte " << i;
        }
      }
    }
  }
}

TEST(Codec, FieldsAreReadBack) {
  const Payment payment = largest_payment();
  const Stored stored = encode(payment);
  const auto read = decode_payment(payment.id.value, 7, stored.immutable, stored.head);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->id, payment.id);
  EXPECT_EQ(read->version, 7U);
  EXPECT_EQ(read->terms.merchant, payment.terms.merchant);
  EXPECT_EQ(read->terms.amount, payment.terms.amount);
  EXPECT_EQ(read->terms.capture_method, CaptureMethod::manual);
  EXPECT_EQ(read->terms.merchant_reference, payment.terms.merchant_reference);
  EXPECT_EQ(read->terms.payment_token, payment.terms.payment_token);
  EXPECT_EQ(read->terms.description, payment.terms.description);
  EXPECT_EQ(read->terms.metadata, payment.terms.metadata);
  EXPECT_EQ(read->captured, payment.captured);
  EXPECT_EQ(read->released, payment.released);
  EXPECT_EQ(read->refunded, payment.refunded);
  EXPECT_EQ(read->capture_pending, payment.capture_pending);
  EXPECT_EQ(read->refund_pending, payment.refund_pending);
  EXPECT_EQ(read->captures, payment.captures);
  EXPECT_EQ(read->refunds, payment.refunds);
  EXPECT_EQ(read->failed, payment.failed);
  EXPECT_EQ(read->live, payment.live);
  EXPECT_EQ(read->last_decline, payment.last_decline);
  EXPECT_EQ(read->attempt, payment.attempt);
  EXPECT_EQ(read->updated_at, payment.updated_at);
}

// What the third format of a payment's head has at its end: validity, margin, tries, increments,
// and whether there can be any; and the fourth: until when it waits for its confirmation.
constexpr std::size_t kTimes = 8 + 8 + 1 + 2 + 1 + 8;

TEST(Codec, HeadsWithoutTheTimeOfAnAuthorizationAreRead) {
  const Payment payment = largest_payment();
  const Stored stored = encode(payment);
  Bytes head = stored.head;
  head.resize(head.size() - kTimes);
  head[0] = 2;
  const auto read = decode_payment(payment.id.value, 7, stored.immutable, head);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->authorization, AuthorizationTime{});
  EXPECT_EQ(read->expiry_voids, 0);
  EXPECT_EQ(read->increments, 0);
  EXPECT_FALSE(read->can_increment);
  EXPECT_EQ(read->authorized_at, payment.authorized_at);
  EXPECT_EQ(read->cancel_refund, payment.cancel_refund);
  EXPECT_FALSE(read->is_unconfirmed());
  EXPECT_FALSE(expiry_due(*read));
}

TEST(Codec, TimesThatCannotBeAreRefused) {
  Payment payment = largest_payment();
  for (const AuthorizationTime time :
       {AuthorizationTime{0, 1}, {-1, 0}, {5, 5}, {5, -1}, {kMaxValidity_s + 1, 0}}) {
    payment.authorization = time;
    const Stored stored = encode(payment);
    EXPECT_FALSE(decode_payment(payment.id.value, 7, stored.immutable, stored.head).ok());
  }
  Connector connector{{test_uuid(1)}, "acq", "sandbox", "https://psp.example", 5, true, {}};
  connector.authorization = AuthorizationTime{5, 5};
  const Stored stored = encode(connector);
  EXPECT_FALSE(decode_connector({test_uuid(1)}, stored.immutable, stored.head).ok());
}

// Before there were branches, payments, disputes and merchants had the bytes that those without a
// branch still have.
TEST(Codec, WhatHasNoBranchIsStoredAsItWasBefore) {
  const Payment payment = largest_payment();
  EXPECT_EQ(encode(payment).immutable[0], 1);
  Payment with_branch = payment;
  with_branch.terms.branch = {test_uuid(9)};
  const Stored stored = encode(with_branch);
  EXPECT_EQ(stored.immutable[0], 3);
  Bytes without = stored.immutable;
  without.erase(without.begin() + 1, without.begin() + 17);
  without[0] = 1;
  EXPECT_EQ(without, encode(payment).immutable);
  const auto read = decode_payment(payment.id.value, 7, stored.immutable, stored.head);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->terms.branch, with_branch.terms.branch);
  EXPECT_EQ(read->terms.party(), with_branch.terms.branch);
  EXPECT_EQ(payment.terms.party(), payment.terms.merchant);
  // A branch that is none is another form of the same value.
  Bytes nil = stored.immutable;
  std::fill(nil.begin() + 1, nil.begin() + 17, std::uint8_t{0});
  EXPECT_FALSE(decode_payment(payment.id.value, 7, nil, stored.head).ok());
  EXPECT_EQ(encode(largest_dispute()).immutable[0], 1);
}

TEST(Codec, WhatIsOfABranchIsFoundUnderBoth) {
  Payment payment = largest_payment();
  payment.cancel = CancelState::none;
  payment.terms.branch = {test_uuid(9)};
  const Stored stored = encode(payment);
  const auto keys = index_keys(Kind::payment, payment.id.value, stored.immutable, stored.head);
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].key, owned_key(payment.terms.merchant.value, payment.id.value));
  EXPECT_EQ(keys[1].key, owned_key(payment.terms.branch.value, payment.id.value));
  EXPECT_EQ(keys[1].index, Index::payments_of_merchant);
  const Merchant branch{.id = {test_uuid(9)}, .name = "north", .parent = {test_uuid(2)}};
  const Stored record = encode(branch);
  const auto owned = index_keys(Kind::merchant, branch.id.value, record.immutable, record.head);
  ASSERT_EQ(owned.size(), 1U);
  EXPECT_EQ(owned[0].index, Index::branches_of_merchant);
  EXPECT_EQ(owned[0].key, owned_key(test_uuid(2), test_uuid(9)));
}

// What an earlier version wrote: a flag for the doubt, and nothing behind the operation's time.
TEST(Codec, HeadsOfTheFirstFormatAreRead) {
  for (const bool doubt : {false, true}) {
    Payment payment = largest_payment();
    payment.live->state = doubt ? OperationState::unknown : OperationState::dispatched;
    const Stored stored = encode(payment);
    Bytes head = stored.head;
    head.resize(head.size() - 4 * 8 - 2 - 8 - 1 - 16 - 8 - kTimes);
    head[0] = 1;
    head[1 + 6 * 8 + 2 + 2 + 1 + 1 + 16] = doubt ? 1 : 0;
    const auto read = decode_payment(payment.id.value, 7, stored.immutable, head);
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->live, payment.live);
    EXPECT_EQ(read->updated_at, payment.updated_at);
    EXPECT_EQ(read->charged_back, 0);
  }
  const Operation operation = largest_operation();
  const Stored stored = encode(operation);
  Bytes head(stored.head.begin(), stored.head.begin() + 10);
  head[0] = 1;
  head[1] = static_cast<std::uint8_t>(OperationState::unknown);
  const auto read = decode_operation(operation.id.value, 2, stored.immutable, head);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->state, OperationState::unknown);
  EXPECT_FALSE(read->said || read->decided);
}

// An acquirer's texts are not ours: whatever a connector lets through, what is stored can be read.
TEST(Codec, OutsizedTextsOfAnAcquirerCannotMakeAnObjectUnreadable) {
  for (const OutcomeClass outcome : kAllOutcomes) {
    World world(10'000, CaptureMethod::automatic);
    Outcome fact = outcome_of(outcome, world.operation(world.payment().live->id));
    fact.psp_reference = std::string(5'000, 'p');
    fact.decline = Decline{DeclineCategory::hard, std::string(5'000, 'c'), std::string(5'000, 'n')};
    ASSERT_TRUE(world.settle(world.payment().live->id, fact).has_value());
    const Stored payment = encode(world.payment());
    const Stored attempt = encode(world.attempt());
    EXPECT_LE(payment.head.size(), kMaxHead);
    EXPECT_LE(attempt.head.size(), kMaxHead);
    EXPECT_TRUE(decode_payment(world.payment().id.value, 1, payment.immutable, payment.head).ok());
    EXPECT_TRUE(decode_attempt(world.attempt().id.value, 1, attempt.immutable, attempt.head).ok());
    // A reference that cannot be kept cannot be used for captures, so the success is not believed.
    if (outcome == OutcomeClass::succeeded) {
      EXPECT_EQ(world.status(), PaymentStatus::in_doubt);
    }
  }
}

TEST(IndexKeys, OwnerThenOwnIdentifier) {
  const auto keys_of = [](Kind kind, const Uuid& id, const Stored& stored) {
    return index_keys(kind, id, stored.immutable, stored.head);
  };
  const auto expect_one = [](const std::vector<IndexKey>& keys, Index index, const Bytes& key) {
    ASSERT_EQ(keys.size(), 1U);
    EXPECT_EQ(keys[0].index, index);
    EXPECT_EQ(keys[0].key, key);
  };
  const Uuid id = test_uuid(1);
  const Bytes owned = owned_key(test_uuid(2), id);
  EXPECT_EQ(owned.size(), 32U);
  Payment no_wish = largest_payment();
  no_wish.cancel = CancelState::none;
  expect_one(keys_of(Kind::payment, id, encode(no_wish)), Index::payments_of_merchant, owned);
  expect_one(keys_of(Kind::capture, id, encode(largest_capture())), Index::captures_of_payment,
             owned);
  expect_one(keys_of(Kind::refund, id, encode(largest_refund())), Index::refunds_of_payment, owned);
  expect_one(
      keys_of(Kind::credential, id, encode(Credential{{id}, {test_uuid(2)}, "k", 1, true, {}})),
      Index::credentials_of_merchant, owned);
  expect_one(keys_of(Kind::endpoint, id, encode(Endpoint{{id}, {test_uuid(2)}, "u", 1, true, {}})),
             Index::endpoints_of_merchant, owned);
  expect_one(keys_of(Kind::fact, id, encode(largest_fact())), Index::facts_of_payment, owned);
  expect_one(keys_of(Kind::dispute, id, encode(largest_dispute())), Index::disputes_of_merchant,
             owned_key(test_uuid(3), id));
  // An attempt is found by the acquirer's name of it, once that is known.
  Attempt attempt = largest_attempt();
  const auto named = keys_of(Kind::attempt, id, encode(attempt));
  ASSERT_EQ(named.size(), 1U);
  EXPECT_EQ(named[0].index, Index::attempts_by_psp_reference);
  const Bytes prefix = reference_key(attempt.connector.value, attempt.psp_reference);
  ASSERT_EQ(named[0].key.size(), prefix.size() + 16);
  EXPECT_TRUE(std::equal(prefix.begin(), prefix.end(), named[0].key.begin()));
  attempt.psp_reference.clear();
  EXPECT_TRUE(keys_of(Kind::attempt, id, encode(attempt)).empty());
  EXPECT_TRUE(keys_of(Kind::tenant, id, encode(Tenant{{id}, "t", "T", 1})).empty());
}

TEST(IndexKeys, OnlyDueCancellationsWait) {
  for (std::uint8_t state = 0; state <= 3; ++state) {
    Payment payment = largest_payment();
    payment.cancel = static_cast<CancelState>(state);
    const Stored stored = encode(payment);
    const auto keys = index_keys(Kind::payment, payment.id.value, stored.immutable, stored.head);
    const bool due = payment.cancel == CancelState::due;
    ASSERT_EQ(keys.size(), due ? 2U : 1U);
    EXPECT_EQ(keys[0].index, Index::payments_of_merchant);
    EXPECT_EQ(keys.back().index, due ? Index::due_cancellations : Index::payments_of_merchant);
  }
}

TEST(IndexKeys, WhatEndsIsFoundByItsTime) {
  World world(10'000, CaptureMethod::manual, {100, 10});
  const auto found = [&world] {
    const Stored stored = encode(world.payment());
    std::vector<Bytes> out;
    for (const IndexKey& key :
         index_keys(Kind::payment, world.payment().id.value, stored.immutable, stored.head)) {
      if (key.index == Index::ending_payments) out.push_back(key.key);
    }
    return out;
  };
  EXPECT_TRUE(found().empty());
  world.succeed();
  ASSERT_EQ(found().size(), 1U);
  Bytes expected = due_key(*expiry_due(world.payment()));
  const auto& own = world.payment().id.value.bytes;
  expected.insert(expected.end(), own.begin(), own.end());
  EXPECT_EQ(found().front(), expected);
  EXPECT_LT(due_key(*expiry_due(world.payment())), due_key(*expiry_due(world.payment()) + 1));
  ASSERT_TRUE(world.void_expiring().ok());
  EXPECT_TRUE(found().empty());
}

TEST(IndexKeys, OnlyOpenOperationsAreUnresolved) {
  for (std::uint8_t state = 1; state <= 9; ++state) {
    Operation operation = largest_operation();
    operation.state = static_cast<OperationState>(state);
    const Stored stored = encode(operation);
    const auto keys =
        index_keys(Kind::operation, operation.id.value, stored.immutable, stored.head);
    ASSERT_EQ(keys.size(), has_ended(operation.state) ? 1U : 2U);
    EXPECT_EQ(keys[0].index, Index::operations_of_attempt);
    EXPECT_EQ(keys[0].key, owned_key(operation.attempt.value, operation.id.value));
    if (keys.size() == 2) {
      EXPECT_EQ(keys[1].index, Index::unresolved_operations);
      EXPECT_EQ(keys[1].key, to_bytes(operation.id.value.view()));
    }
  }
}

TEST(IndexKeys, WhatCannotBeReadHasNone) {
  for (std::uint8_t kind = 0; kind < 64; ++kind) {
    EXPECT_TRUE(index_keys(static_cast<Kind>(kind), test_uuid(1), Bytes{1, 2}, Bytes{3}).empty());
  }
}

TEST(Records, Names) {
  for (const std::string_view good :
       {"ab", "a1", "a-b", "shop-2-x", "abcdefghijklmnopqrstuvwxyz01234"})
    EXPECT_TRUE(check_name(good).ok()) << good;
  for (const std::string_view bad : {"", "a", "1a", "-a", "A1", "aB", "a_b", "a b", "a/b",
                                     "\xC3\xA4z", "abcdefghijklmnopqrstuvwxyz012345"})
    EXPECT_FALSE(check_name(bad).ok()) << bad;
}

}  // namespace
}  // namespace florin::domain::codec_test

// Payments that are made first and confirmed later.
#include "daemon/domain/codec.h"
#include "daemon/domain/index_keys.h"
#include "unit/domain/world.h"

namespace florin::domain::confirm_test {
namespace {

using Events = std::vector<std::string>;

template <class T>
void expect_conflict(const Result<T>& result, std::string_view allowed) {
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code(), Errc::state_conflict);
  EXPECT_EQ(result.error().detail(), allowed);
}

TEST(Unconfirmed, NothingGoesOutAndNothingElseIsAllowed) {
  World world(World::Unconfirmed{});
  EXPECT_EQ(world.status(), PaymentStatus::requires_confirmation);
  EXPECT_TRUE(world.all().empty());
  EXPECT_TRUE(world.movements().empty());
  EXPECT_EQ(allowed_commands(world.payment()), "confirm,cancel");
  expect_conflict(world.capture(std::nullopt), "confirm,cancel");
  expect_conflict(world.increment(eur(1)), "confirm,cancel");
  expect_conflict(world.void_rest(), "confirm,cancel");
  expect_conflict(world.refund(eur(1)), "confirm,cancel");
  expect_conflict(world.expire(), "confirm,cancel");
  world.check();
}

TEST(Unconfirmed, TheConfirmationIsWhatCreateDoesAtOnce) {
  for (const CaptureMethod method : {CaptureMethod::manual, CaptureMethod::automatic}) {
    World later(World::Unconfirmed{.method = method});
    const OperationId id = *later.confirm({100, 10});
    World at_once(10'000, method, {100, 10}, true);
    EXPECT_EQ(later.status(), PaymentStatus::processing);
    EXPECT_EQ(later.operation(id).kind, at_once.operation(at_once.open().front()).kind);
    EXPECT_EQ(later.operation(id).amount, eur(10'000));
    EXPECT_EQ(later.operation(id).attempt, later.attempt().id);
    EXPECT_EQ(later.payment().attempt, later.attempt().id);
    EXPECT_EQ(later.attempt().payment, later.payment().id);
    EXPECT_EQ(later.payment().authorization, at_once.payment().authorization);
    EXPECT_EQ(later.payment().can_increment, at_once.payment().can_increment);
    EXPECT_FALSE(later.payment().is_unconfirmed());
    expect_conflict(later.confirm(), allowed_commands(later.payment()));
    later.succeed();
    at_once.succeed();
    EXPECT_EQ(later.status(), at_once.status());
    EXPECT_EQ(later.payment().captured, at_once.payment().captured);
    expect_conflict(later.confirm(), allowed_commands(later.payment()));
    later.check();
  }
}

TEST(Unconfirmed, ACancellationEndsItWithoutTheAcquirer) {
  World world(World::Unconfirmed{});
  EXPECT_EQ(*world.cancel(), Events{"payment.canceled"});
  EXPECT_EQ(world.status(), PaymentStatus::canceled);
  EXPECT_TRUE(world.all().empty());
  expect_conflict(world.confirm(), "");
  expect_conflict(world.cancel(), "");
  expect_conflict(world.expire_unconfirmed(INT64_MAX), "");
  EXPECT_FALSE(expiry_due(world.payment()));
  world.check();
}

TEST(Unconfirmed, ItsTimeEndsIt) {
  World world(World::Unconfirmed{.within_s = 60});
  const UnixNanos end = world.payment().confirm_before;
  EXPECT_EQ(end, world.payment().terms.created_at + 60 * kNanosPerSecond);
  EXPECT_EQ(expiry_due(world.payment()), end);
  EXPECT_EQ(expiry_step(world.payment(), end - 1), ExpiryStep::nothing);
  EXPECT_EQ(expiry_step(world.payment(), end), ExpiryStep::forget);
  expect_conflict(world.expire_unconfirmed(end - 1), "confirm,cancel");
  EXPECT_EQ(*world.expire_unconfirmed(end), Events{"payment.expired"});
  EXPECT_EQ(world.status(), PaymentStatus::expired);
  EXPECT_FALSE(expiry_due(world.payment()));
  expect_conflict(world.confirm(), "");
  expect_conflict(world.cancel(), "");
  world.check();
}

// The timer looks once a second; a confirmation in between is late all the same.
TEST(Unconfirmed, AConfirmationAfterItsTimeIsRefused) {
  World world(World::Unconfirmed{.within_s = 60});
  const UnixNanos end = world.payment().confirm_before;
  const ConfirmCommand command{
      .attempt = {test_uuid(90)}, .connector = {test_uuid(91)}, .operation = world.new_operation()};
  EXPECT_FALSE(confirm(world.payment(), command, end).ok());
  EXPECT_TRUE(confirm(world.payment(), command, end - 1).ok());
}

TEST(Unconfirmed, NothingIsAskedForACustomerWhoWasErased) {
  World world(World::Unconfirmed{});
  Payment payment = world.payment();
  const ConfirmCommand command{
      .attempt = {test_uuid(90)}, .connector = {test_uuid(91)}, .operation = world.new_operation()};
  for (const PersonalState state :
       {PersonalState::sealed, PersonalState::erased, PersonalState::unavailable}) {
    payment.terms.personal = state;
    expect_conflict(confirm(payment, command, payment.terms.created_at), "cancel");
  }
}

std::size_t rows_in(Index index, const Payment& payment) {
  const Stored stored = encode(payment);
  std::size_t out = 0;
  for (const IndexKey& key :
       index_keys(Kind::payment, payment.id.value, stored.immutable, stored.head)) {
    if (key.index == index) ++out;
  }
  return out;
}

TEST(Unconfirmed, IsAmongWhatEndsUntilItIsOver) {
  World world(World::Unconfirmed{});
  EXPECT_EQ(rows_in(Index::ending_payments, world.payment()), 1U);
  ASSERT_TRUE(world.confirm().ok());
  EXPECT_EQ(rows_in(Index::ending_payments, world.payment()), 0U);
  World canceled(World::Unconfirmed{});
  ASSERT_TRUE(canceled.cancel().ok());
  EXPECT_EQ(rows_in(Index::ending_payments, canceled.payment()), 0U);
}

TEST(Unconfirmed, IsStoredAndReadBack) {
  World world(World::Unconfirmed{});
  const Stored stored = encode(world.payment());
  const auto read = decode_payment(world.payment().id.value, 1, stored.immutable, stored.head);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->confirm_before, world.payment().confirm_before);
  EXPECT_EQ(status_of(*read), PaymentStatus::requires_confirmation);
  // Heads of before have none, and were all confirmed.
  Bytes before = stored.head;
  before.resize(before.size() - 8);
  before[0] = 3;
  const auto old = decode_payment(world.payment().id.value, 1, stored.immutable, before);
  ASSERT_TRUE(old.ok());
  EXPECT_FALSE(old->is_unconfirmed());
  Bytes negative = stored.head;
  std::fill(negative.end() - 8, negative.end(), 0xFF);
  EXPECT_FALSE(decode_payment(world.payment().id.value, 1, stored.immutable, negative).ok());
}

}  // namespace
}  // namespace florin::domain::confirm_test

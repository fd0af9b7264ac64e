// Objects with versions, keys that exist once, answers, indexes and the outbox.
#include "contract_fixture.h"

namespace florin::ledger::contract::keys_test {
namespace {

Command write_object(std::uint64_t entry, std::uint64_t object, std::uint64_t expected,
                     std::size_t head = 1, std::optional<std::size_t> immutable = {}) {
  Command command = command_of(entry);
  command.objects = {{ObjectKind{1}, numbered_id(object), expected, {}, Bytes(head, 5)}};
  if (immutable.has_value()) command.objects[0].immutable = Bytes(*immutable, 6);
  return command;
}

FLORIN_LEDGER_CONTRACT(Objects);

TEST_P(Objects, HaveVersions) {
  EXPECT_EQ(code_of(write_object(1, 1, 1)), Errc::version_conflict);
  EXPECT_EQ(code_of(write_object(2, 1, 0, 513)), Errc::ledger_limit);
  EXPECT_EQ(code_of(write_object(3, 1, 0, 1, 24 * 1024 + 1)), Errc::ledger_limit);
  EXPECT_EQ(code_of(write_object(4, 1, 0, 512, 24 * 1024)), Errc{});
  EXPECT_EQ(code_of(write_object(5, 1, 0)), Errc::version_conflict);
  EXPECT_EQ(code_of(as_fact(write_object(6, 1, 2))), Errc::version_conflict);
  EXPECT_EQ(code_of(write_object(7, 1, 1, 1, 5)), Errc::validation_failed);
  EXPECT_EQ(code_of(write_object(8, 1, 1)), Errc{});
  settle();
  reopen();
  const auto row = ledger_->object(ObjectKind{1}, numbered_id(1));
  ASSERT_TRUE(row->has_value());
  EXPECT_EQ((*row)->version, 2U);
  EXPECT_EQ((*row)->seq, 2U);
  EXPECT_EQ((*row)->immutable, Bytes(24 * 1024, 6));
  EXPECT_EQ((*row)->head, Bytes{5});
  EXPECT_FALSE(ledger_->object(ObjectKind{2}, numbered_id(1))->has_value());
}

TEST_P(Objects, AreListedInOrderOfTheirIds) {
  for (const std::uint64_t object : {3U, 1U, 2U}) book(write_object(object, object, 0));
  Command other = write_object(9, 4, 0);
  other.objects[0].kind = ObjectKind{2};
  book(other);
  const auto all = ledger_->objects(ObjectKind{1}, {}, 10);
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[0].id, numbered_id(1));
  EXPECT_EQ((*all)[2].id, numbered_id(3));
  EXPECT_EQ(ledger_->objects(ObjectKind{1}, numbered_id(1), 10)->size(), 2U);
  EXPECT_EQ(ledger_->objects(ObjectKind{1}, {}, 2)->size(), 2U);
  EXPECT_EQ(ledger_->objects(ObjectKind{2}, {}, 10)->size(), 1U);
}

TEST_P(Objects, TooMuchForOneBodyIsRefused) {
  Command large = command_of(1);
  for (std::uint64_t i = 0; i < 3; ++i) {
    large.objects.push_back({ObjectKind{1}, numbered_id(i), 0, Bytes(24 * 1024), {}});
  }
  EXPECT_EQ(code_of(large), Errc::ledger_limit);
  EXPECT_EQ(code_of(as_fact(large)), Errc::ledger_limit);
}

TEST_P(Objects, AreFoundByTheIndexOfTheirPresentState) {
  for (std::uint64_t i = 1; i <= 5; ++i) {
    Command command = write_object(i, i, 0);
    command.objects[0].head = Bytes{static_cast<std::uint8_t>(i)};
    book(command);
  }
  Command moved = write_object(6, 2, 1);
  moved.objects[0].head = Bytes{9};
  book(moved);
  reopen();
  const auto page = [&](BytesView prefix, std::optional<Bytes> cursor, std::size_t limit,
                        bool descending) {
    return *ledger_->index(kByFirstByte, prefix, std::move(cursor), limit, descending);
  };
  const IndexPage all = page({}, {}, 10, false);
  ASSERT_EQ(all.rows.size(), 5U);
  EXPECT_FALSE(all.more);
  EXPECT_EQ(all.rows.back().id, numbered_id(2));
  EXPECT_TRUE(page(Bytes{2}, {}, 10, false).rows.empty());
  EXPECT_EQ(page(Bytes{9}, {}, 10, false).rows.size(), 1U);
  const IndexPage down = page({}, {}, 2, true);
  EXPECT_TRUE(down.more);
  ASSERT_EQ(down.rows.size(), 2U);
  EXPECT_EQ(down.rows[0].id, numbered_id(2));
  EXPECT_EQ(down.rows[1].id, numbered_id(5));
  const IndexPage rest = page({}, down.rows[1].key, 10, true);
  EXPECT_EQ(rest.rows.size(), 3U);
  EXPECT_FALSE(rest.more);
  const IndexPage up = page({}, all.rows[1].key, 3, false);
  EXPECT_EQ(up.rows.size(), 3U);
  EXPECT_FALSE(up.more);
  EXPECT_EQ(up.rows[0].id, numbered_id(4));
  EXPECT_TRUE(ledger_->index(IndexNumber{8}, {}, {}, 10, false)->rows.empty());
}

FLORIN_LEDGER_CONTRACT(Keys);

TEST_P(Keys, ExistOncePerTable) {
  const auto write = [](std::uint64_t entry, std::uint8_t table, std::size_t value = 1) {
    Command command = command_of(entry);
    command.uniques = {{UniqueTable{table}, numbered_key(1), Bytes(value, 3)}};
    return command;
  };
  EXPECT_EQ(code_of(write(1, 1, 65)), Errc::ledger_limit);
  EXPECT_EQ(code_of(write(2, 1, 64)), Errc{});
  EXPECT_EQ(code_of(write(3, 1)), Errc::unique_violation);
  EXPECT_EQ(code_of(as_fact(write(4, 1))), Errc::unique_violation);
  EXPECT_EQ(code_of(write(5, 2)), Errc{});
  settle();
  reopen();
  EXPECT_EQ(code_of(write(6, 1)), Errc::unique_violation);
  EXPECT_EQ((**ledger_->unique(UniqueTable{1}, numbered_key(1))).value, Bytes(64, 3));
  EXPECT_EQ((**ledger_->unique(UniqueTable{1}, numbered_key(1))).seq, 1U);
  EXPECT_FALSE(ledger_->unique(UniqueTable{1}, numbered_key(2))->has_value());
}

TEST_P(Keys, AnswersAreReservedOnceAndGivenOnce) {
  const auto write = [](std::uint64_t entry, std::uint64_t fingerprint, bool answered,
                        std::uint64_t key = 1) {
    Command command = command_of(entry);
    command.idempotency = IdempotencyWrite{
        numbered_key(key), numbered_key(fingerprint), answered, numbered_id(5), 201, 99, {}};
    if (answered) command.idempotency->body = Bytes(100, 'x');
    return command;
  };
  EXPECT_EQ(code_of(write(1, 10, false)), Errc{});
  EXPECT_EQ(code_of(write(2, 10, false)), Errc::idempotency_in_progress);
  EXPECT_EQ(code_of(write(3, 11, false)), Errc::idempotency_key_reused);
  settle();
  EXPECT_FALSE((**ledger_->idempotency(numbered_key(1))).answered);
  EXPECT_EQ(code_of(write(4, 11, true)), Errc::idempotency_key_reused);
  EXPECT_EQ(code_of(write(5, 10, true)), Errc{});
  EXPECT_EQ(code_of(write(6, 10, true)), Errc::state_conflict);
  EXPECT_EQ(code_of(write(7, 10, false)), Errc::idempotency_in_progress);
  EXPECT_EQ(code_of(write(8, 10, true, 2)), Errc{});
  Command large = write(9, 10, true, 3);
  large.idempotency->body = Bytes(16 * 1024 + 1);
  EXPECT_EQ(code_of(large), Errc::ledger_limit);
  settle();
  reopen();
  const auto row = ledger_->idempotency(numbered_key(1));
  ASSERT_TRUE(row->has_value());
  EXPECT_TRUE((*row)->answered);
  EXPECT_EQ((*row)->fingerprint, numbered_key(10));
  EXPECT_EQ((*row)->body, Bytes(100, 'x'));
  EXPECT_EQ((*row)->resource, numbered_id(5));
  EXPECT_EQ((*row)->http_status, 201);
  EXPECT_EQ((*row)->expires_at, 99);
  EXPECT_EQ((*row)->seq, 2U);
  EXPECT_FALSE(ledger_->idempotency(numbered_key(3))->has_value());
}

FLORIN_LEDGER_CONTRACT(Outbox);

TEST_P(Outbox, EventsAreNumberedPerMerchant) {
  const auto event = [](std::uint64_t number, std::uint64_t merchant) {
    return Event{numbered_id(number, 4), owner_id(merchant), ObjectKind{1}, numbered_id(number), 1,
                 "payment.captured",     Bytes{'{', '}'}};
  };
  Command first = command_of(1);
  first.events = {event(1, 1), event(2, 2), event(3, 1)};
  Command second = command_of(2);
  second.events = {event(4, 1)};
  Command long_type = command_of(3);
  long_type.events = {event(5, 1)};
  long_type.events[0].type = std::string(101, 'a');
  const std::uint64_t seq = book(first);
  book(second);
  EXPECT_EQ(code_of(long_type), Errc::ledger_limit);
  reopen();
  const auto rows = ledger_->outbox(0, 0, 10);
  ASSERT_EQ(rows->size(), 4U);
  EXPECT_EQ((*rows)[1].seq, seq);
  EXPECT_EQ((*rows)[1].index, 1U);
  EXPECT_EQ((*rows)[1].merchant_seq, 1U);
  EXPECT_EQ((*rows)[2].merchant_seq, 2U);
  EXPECT_EQ((*rows)[3].merchant_seq, 3U);
  EXPECT_EQ((*rows)[3].event.id, numbered_id(4, 4));
  EXPECT_EQ((*rows)[3].event.type, "payment.captured");
  EXPECT_EQ((*rows)[3].event.data, (Bytes{'{', '}'}));
  EXPECT_EQ((*rows)[3].booked_at, leaf_of(seq + 1).booked_at);
  EXPECT_EQ(ledger_->outbox(seq, 0, 10)->size(), 3U);
  EXPECT_EQ(ledger_->outbox(seq, 1, 10)->size(), 2U);
  EXPECT_EQ(ledger_->outbox(seq, 2, 10)->size(), 1U);
  EXPECT_EQ(ledger_->outbox(0, 0, 2)->size(), 2U);
}

}  // namespace
}  // namespace florin::ledger::contract::keys_test

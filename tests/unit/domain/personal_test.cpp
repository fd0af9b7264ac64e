// Personal fields: sealed for their place, put in where they are shown, gone with the key.
#include "daemon/domain/personal.h"

#include <gtest/gtest.h>

#include <random>

#include "daemon/domain/codec.h"
#include "daemon/domain/index_keys.h"
#include "daemon/domain/render.h"
#include "daemon/domain/subject.h"
#include "unit/domain/world.h"

namespace florin::domain::personal_test {
namespace {

const Bytes kKey(32, 7);
const Bytes kOtherKey(32, 8);
constexpr AeadNonce kNonce{1, 2, 3};

PersonalPlace place(std::uint8_t payment = 1, std::string_view mode = "test") {
  return {.tenant = {test_uuid(50)}, .mode = mode, .payment = {test_uuid(payment)}};
}

Payment with_customer() {
  Payment payment{.id = {test_uuid(1)},
                  .version = 2,
                  .terms = {.merchant = {test_uuid(2)},
                            .amount = eur(1'000),
                            .capture_method = CaptureMethod::automatic,
                            .merchant_reference = "order-1",
                            .payment_token = "tok_planted",
                            .description = "planted words",
                            .metadata = R"({"name":"planted name"})",
                            .created_at = 5}};
  payment.terms.subject = {test_uuid(9)};
  payment.terms.customer_reference = "planted customer";
  payment.terms.sealed_personal = seal_personal(kKey, kNonce, place(), payment.terms);
  payment.authorized = payment.captured = 1'000;
  return payment;
}

Result<SubjectKey> present() {
  return SubjectKey{SubjectKeyState::present, Secret(BytesView(kKey))};
}

Payment stored(const Payment& payment) {
  const Stored parts = encode(payment);
  const auto read = decode_payment(payment.id.value, payment.version, parts.immutable, parts.head);
  EXPECT_TRUE(read.ok());
  return *read;
}

TEST(Personal, NothingOfItStandsInTheStoredForm) {
  const Stored parts = encode(with_customer());
  EXPECT_EQ(text_of(parts.immutable).find("planted"), std::string::npos);
  EXPECT_EQ(text_of(parts.head).find("planted"), std::string::npos);
  Payment read = stored(with_customer());
  EXPECT_EQ(read.terms.personal, PersonalState::sealed);
  EXPECT_EQ(read.terms.description, "");
  ASSERT_TRUE(reveal(read.terms, place(), [](const SubjectId&) { return present(); }).ok());
  EXPECT_EQ(read.terms.personal, PersonalState::open);
  EXPECT_EQ(read.terms.customer_reference, "planted customer");
  EXPECT_EQ(read.terms.payment_token, "tok_planted");
  EXPECT_EQ(read.terms.description, "planted words");
  EXPECT_EQ(read.terms.metadata, R"({"name":"planted name"})");
}

TEST(Personal, OpensOnlyWhereItBelongs) {
  for (const PersonalPlace& other :
       {place(2), place(1, "live"),
        PersonalPlace{.tenant = {test_uuid(51)}, .mode = "test", .payment = {test_uuid(1)}}}) {
    Payment read = stored(with_customer());
    EXPECT_FALSE(open_personal(kKey, other, read.terms).ok());
  }
  Payment read = stored(with_customer());
  EXPECT_FALSE(open_personal(kOtherKey, place(), read.terms).ok());
  for (std::size_t i = 0; i < read.terms.sealed_personal.size(); ++i) {
    Payment changed = read;
    changed.terms.sealed_personal[i] ^= 1U;
    EXPECT_FALSE(open_personal(kKey, place(), changed.terms).ok()) << i;
    changed.terms.sealed_personal.resize(i);
    EXPECT_FALSE(open_personal(kKey, place(), changed.terms).ok()) << i;
  }
}

std::string shown(const Payment& payment) {
  return json::write(render(payment, payment.version, "test", {}, {}));
}

TEST(Personal, WithoutTheKeyPlacesAreEmptyAndSaySo) {
  const auto seen = [](SubjectKeyState state) {
    Payment read = stored(with_customer());
    const auto find = [state](const SubjectId&) -> Result<SubjectKey> {
      return SubjectKey{state, {}};
    };
    EXPECT_TRUE(reveal(read.terms, place(), find).ok());
    return json::parse(shown(read))->get_object();
  };
  for (const auto& [state, word] : {std::pair(SubjectKeyState::destroyed, "erased"),
                                    std::pair(SubjectKeyState::lost, "unavailable")}) {
    const json::object out = seen(state);
    EXPECT_EQ(out.at("personal_data").as_string(), word);
    EXPECT_TRUE(out.at("description").is_null());
    EXPECT_TRUE(out.at("metadata").as_object().empty());
    EXPECT_TRUE(out.at("customer").at("reference").is_null());
    EXPECT_EQ(out.at("customer").at("id").as_string(), SubjectId{test_uuid(9)}.text());
    EXPECT_EQ(out.at("merchant_reference"), "order-1");
    EXPECT_EQ(json::write(out).find("planted"), std::string::npos);
  }
  // Another key than the one it was sealed under is no reason to refuse the payment.
  Payment read = stored(with_customer());
  const auto wrong = [](const SubjectId&) -> Result<SubjectKey> {
    return SubjectKey{SubjectKeyState::present, Secret(BytesView(kOtherKey))};
  };
  ASSERT_TRUE(reveal(read.terms, place(), wrong).ok());
  EXPECT_EQ(read.terms.personal, PersonalState::unavailable);
}

std::string random_text(std::mt19937_64& random, std::size_t most) {
  static constexpr std::string_view kParts[] = {
      "a", "Z", " ", "\"", "\\", "é", "漢", "😀", "personal_data", "sealed", "null", "{", ":"};
  std::string out;
  while (out.size() < random() % most) out += kParts[random() % std::size(kParts)];
  return out.size() > most ? std::string() : out;
}

Payment random_payment(std::mt19937_64& random) {
  Payment payment = with_customer();
  PaymentTerms& terms = payment.terms;
  terms.merchant_reference = random_text(random, 64);
  terms.customer_reference = random_text(random, 64);
  terms.description = random_text(random, 256);
  json::object metadata;
  for (std::size_t n = random() % 6; n > 0; --n) {
    metadata["k" + random_text(random, 20)] = random_text(random, 100);
  }
  if (random() % 4 == 0) metadata["personal_data"] = "sealed";
  terms.metadata = json::canonical(metadata);
  if (random() % 3 == 0) {
    payment.last_decline = Decline{DeclineCategory::technical, random_text(random, 30), "05"};
  }
  terms.sealed_personal = seal_personal(kKey, kNonce, place(), terms);
  return payment;
}

// What is rendered for the books and filled when it is used is what was rendered at once.
TEST(Personal, RenderingInPartsGivesTheSameBytes) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 2'000; ++round) {
    const Payment payment = random_payment(random);
    const std::string at_once = shown(payment);
    Payment sealed = payment;
    sealed.terms.personal = PersonalState::sealed;
    const std::string kept = shown(sealed);
    Payment read = stored(payment);
    EXPECT_EQ(shown(read), kept);
    ASSERT_TRUE(reveal(read.terms, place(), [](const SubjectId&) { return present(); }).ok());
    ASSERT_EQ(put_personal(kept, read.terms), at_once);
    ASSERT_EQ(shown(read), at_once);
    EXPECT_EQ(at_once.find("\"personal_data\":\"sealed\",\"captures"), std::string::npos);
  }
}

TEST(Personal, WhatHasNoCustomerStaysAsItIs) {
  PaymentTerms terms{.merchant = {}, .amount = eur(1), .metadata = "{}"};
  const std::string text = R"({"personal_data":"sealed","metadata":{"a":"b"}})";
  EXPECT_EQ(put_personal(text, terms), text);
  EXPECT_TRUE(reveal(terms, place(), [](const SubjectId&) -> Result<SubjectKey> {
                return Error(Errc::internal);
              }).ok());
  terms.subject = {test_uuid(9)};
  EXPECT_EQ(put_personal(R"({"type":"problem"})", terms), R"({"type":"problem"})");
}

TEST(Personal, ASubjectIsStoredAndIndexed) {
  Subject subject{.id = {test_uuid(1)},
                  .version = 3,
                  .merchant = {test_uuid(2)},
                  .slot = 1'025,
                  .created_at = 4};
  const Stored alive = encode(subject);
  EXPECT_EQ(index_keys(Kind::subject, subject.id.value, alive.immutable, alive.head).size(), 1U);
  subject.erased_at = 5;
  const Stored parts = encode(subject);
  EXPECT_EQ(parts.immutable, alive.immutable);
  const auto read = decode_subject(subject.id.value, 3, parts.immutable, parts.head);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->slot, 1'025U);
  EXPECT_EQ(read->merchant, subject.merchant);
  EXPECT_TRUE(read->erased());
  const auto keys = index_keys(Kind::subject, subject.id.value, parts.immutable, parts.head);
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].key, (Bytes{0, 0, 0, 0, 0, 0, 4, 1}));
  EXPECT_EQ(keys[1].index, Index::erased_subjects);
  for (std::size_t size = 0; size < parts.immutable.size(); ++size) {
    EXPECT_FALSE(
        decode_subject(subject.id.value, 3, BytesView(parts.immutable).first(size), parts.head)
            .ok());
  }
}

}  // namespace
}  // namespace florin::domain::personal_test

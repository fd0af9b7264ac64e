#include "daemon/engine/context.h"

#include <gtest/gtest.h>

#include <set>

#include "support/empty_ledger.h"
#include "support/test_keys.h"

namespace florin::engine::context_test {
namespace {

ContextPtr context_of(std::string_view root = "test root", ledger::Mode mode = ledger::Mode::test) {
  return *Context::make({{}, mode, nullptr, test::test_keys(root)});
}

class NoKeys final : public TenantKeys {
 public:
  [[nodiscard]] Result<Secret> index_key(std::string_view, BytesView) const override {
    return Error(Errc::hsm_unavailable);
  }
  [[nodiscard]] std::uint32_t active_version() const override { return 1; }
  [[nodiscard]] Result<Secret> derive_in(std::uint32_t, std::string_view,
                                         BytesView) const override {
    return Error(Errc::hsm_unavailable);
  }
};

TEST(Context, WithoutKeysThereIsNone) {
  const auto context = Context::make({{}, ledger::Mode::test, nullptr, std::make_shared<NoKeys>()});
  ASSERT_FALSE(context.ok());
  EXPECT_EQ(context.error().code(), Errc::hsm_unavailable);
}

class UnreadableBooks final : public test::EmptyLedger {
 public:
  [[nodiscard]] Result<ledger::BooksState> books_state() const override {
    return Error(Errc::io_failure);
  }
};

// Whoever cannot tell must not cancel anything at a PSP.
TEST(Context, RecoversUntilItCanBeReadThatItDoesNot) {
  const auto recovering = [](std::shared_ptr<ledger::Ledger> books) {
    return (*Context::make({{}, ledger::Mode::test, std::move(books), test::test_keys("root")}))
        ->recovering();
  };
  EXPECT_FALSE(recovering(std::make_shared<test::EmptyLedger>()));
  EXPECT_TRUE(recovering(std::make_shared<UnreadableBooks>()));
}

// Moving bytes from one part to its neighbour gives another digest.
TEST(Context, DistinctPartsNeverCollideByBeingJoined) {
  const ContextPtr context = context_of();
  const std::string whole = "POST/v1/payments?a={}";
  std::set<Key16> fingerprints;
  std::size_t count = 0;
  for (std::size_t a = 0; a <= whole.size(); ++a) {
    for (std::size_t b = a; b <= whole.size(); ++b) {
      for (std::size_t c = b; c <= whole.size(); ++c) {
        const std::string_view text = whole;
        fingerprints.insert(context->fingerprint(text.substr(0, a), text.substr(a, b - a),
                                                 text.substr(b, c - b), text.substr(c)));
        ++count;
      }
    }
  }
  EXPECT_EQ(fingerprints.size(), count);
  EXPECT_NE(context->nonce_key("ak_1", "23"), context->nonce_key("ak_12", "3"));
  const Key16 key{1};
  EXPECT_NE(context->psp_key(key, 1, "1capture"), context->psp_key(key, 11, "capture"));
}

TEST(Context, PurposesAreKeptApart) {
  const ContextPtr context = context_of();
  const MerchantId merchant{Uuid::v7(1, {2})};
  const std::string owner(text_of(merchant.value.view()));
  std::set<Key16> keys = {context->idempotency_key(merchant, "k"), context->nonce_key(owner, "k"),
                          context->fingerprint(owner, "k", "", "")};
  EXPECT_EQ(keys.size(), 3U);
}

TEST(Context, IdempotencyKeysAreOfOneMerchant) {
  const ContextPtr context = context_of();
  const MerchantId one{Uuid::v7(1, {1})};
  const MerchantId two{Uuid::v7(1, {2})};
  EXPECT_NE(context->idempotency_key(one, "key"), context->idempotency_key(two, "key"));
  EXPECT_EQ(context->idempotency_key(one, "key"), context->idempotency_key(one, "key"));
}

TEST(Context, TenantsAndModesAreKeptApart) {
  std::set<Key16> digests;
  std::set<std::string> psp_keys;
  for (const std::string_view root : {"one", "two"}) {
    for (const ledger::Mode mode : {ledger::Mode::test, ledger::Mode::live}) {
      const ContextPtr context = context_of(root, mode);
      digests.insert(context->nonce_key("ak_1", "n"));
      psp_keys.insert(context->psp_key(Key16{1}, 1, "create"));
    }
  }
  EXPECT_EQ(digests.size(), 4U);
  EXPECT_EQ(psp_keys.size(), 4U);
}

// A system that is rebuilt from its keys must ask the acquirer under the very same key, or it would
// charge anew (D10): this value may never change. It was computed with another implementation of
// HKDF and HMAC over the same bytes.
TEST(Context, TheKeyAtThePspIsForEver) {
  const ContextPtr context = context_of("golden", ledger::Mode::live);
  Key16 key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  EXPECT_EQ(context->psp_key(key, 1, "create"),
            "9dcef62344b8469a32acde5fd1931accf6a648fa5b5ee0cb3249748182da2635");
  EXPECT_EQ(context->psp_key(key, 1, "create"),
            context_of("golden", ledger::Mode::live)->psp_key(key, 1, "create"));
  std::set<std::string> keys = {
      context->psp_key(key, 1, "create"), context->psp_key(key, 2, "create"),
      context->psp_key(key, 1, "refund"), context->psp_key(Key16{}, 1, "create")};
  EXPECT_EQ(keys.size(), 4U);
}

}  // namespace
}  // namespace florin::engine::context_test

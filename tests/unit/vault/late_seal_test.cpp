// A seal whose writer has given up may still land: until it is known whether it did, the keyring
// decides nothing, and what it decides then is what the next start finds.
#include "daemon/vault/keyring.h"
#include "unit/hsm/fault_fixture.h"

namespace florin::vault::late_seal_test {
namespace {

namespace shim = florin::pkcs11_shim;

TenantId tenant(std::uint8_t number) {
  Uuid id;
  id.bytes.fill(number);
  return TenantId{id};
}

using LateSeal = hsm::RunningFaultTest;

TEST_F(LateSeal, IsNeitherDiscardedNorOvertaken) {
  const auto directory = token_.directory() / "keyring";
  std::filesystem::create_directory(directory);
  const auto open_keyring = [&] {
    return Keyring::open(directory, make_key_guard(*hsm_), token_.entropy, token_.clock);
  };
  hsm::Config how = quick();
  how.op_timeout = std::chrono::milliseconds(2'000);
  start(how);
  {
    const auto keyring = open_keyring();
    ASSERT_TRUE(keyring.ok()) << keyring.error().to_log();
    ASSERT_TRUE((*keyring)->create_owner(std::nullopt).ok());
    const auto rule = faults_.arm({.function = "C_CreateObject", .actions = shim::kBlock});
    const auto late = (*keyring)->create_owner(tenant(1));
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code(), Errc::timed_out);
    const auto next = (*keyring)->create_owner(tenant(2));
    ASSERT_FALSE(next.ok()) << "the seal of the first is still on its way";
    EXPECT_EQ(next.error().code(), Errc::hsm_unavailable);
    faults_.release(rule);
    ASSERT_TRUE(test_support::eventually([&] { return (*keyring)->create_owner(tenant(2)).ok(); }));
    EXPECT_TRUE((*keyring)->keys_of(tenant(1)).ok()) << "it took effect after all";
  }
  const auto again = open_keyring();
  ASSERT_TRUE(again.ok()) << again.error().to_log();
  for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{2}}) {
    EXPECT_TRUE((*again)->keys_of(tenant(number)).ok());
  }
}

}  // namespace
}  // namespace florin::vault::late_seal_test

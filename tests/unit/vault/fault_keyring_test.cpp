// Cases 11, 12, 14, 15 and 16 over a real SoftHSM behind the fault-injecting module: blobs that
// were touched, a key-encryption key that rotted, a process that is killed at any call it makes
// into the module, an older keyring put back.
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/vault/keyring.h"
#include "daemon/vault/sealed_secret.h"
#include "support/long_run.h"
#include "unit/hsm/fault_fixture.h"
#include "unit/hsm/token_files.h"

namespace florin::vault::fault_keyring_test {
namespace {

namespace shim = florin::pkcs11_shim;
using test_support::read_bytes;
using test_support::write_bytes;

TenantId tenant(std::uint8_t number) {
  Uuid id;
  id.bytes.fill(number);
  return TenantId{id};
}

class FaultKeyring : public hsm::FaultTest {
 protected:
  // The parts as the daemon has them; the keyring ends before the module.
  struct Opened {
    Opened() = default;
    Opened(Opened&&) = default;
    Opened& operator=(Opened&&) = default;
    ~Opened() {
      keyring.reset();
      if (hsm) static_cast<void>(hsm->shutdown().ok());
    }
    std::unique_ptr<hsm::Hsm> hsm;
    std::unique_ptr<Keyring> keyring;
  };

  void SetUp() override {
    token_.initialise();
    std::filesystem::create_directory(directory());
    auto opened = start();
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    ASSERT_TRUE(opened->keyring->create_owner(std::nullopt).ok());
    for (const std::uint8_t number : {std::uint8_t{1}, std::uint8_t{2}}) {
      ASSERT_TRUE(opened->keyring->create_owner(tenant(number)).ok());
    }
    record_ = seal(*opened, 1);
  }
  [[nodiscard]] std::filesystem::path directory() const { return token_.directory() / "keyring"; }
  Result<Opened> start() {
    Opened out;
    FLORIN_TRY(out.hsm, hsm::Hsm::open(config(), token_.gate, token_.entropy, token_.clock));
    FLORIN_TRY(out.keyring,
               Keyring::open(directory(), make_key_guard(*out.hsm), token_.entropy, token_.clock));
    return out;
  }
  Bytes seal(Opened& opened, std::uint8_t number) {
    return *seal_secret(**opened.keyring->keys_of(tenant(number)), "cred", "place", view_of("kept"),
                        token_.entropy);
  }
  static bool opens(Opened& opened, std::uint8_t number, BytesView record) {
    const auto text =
        open_secret(**opened.keyring->keys_of(tenant(number)), "cred", "place", record);
    return text.ok() && text->equals(view_of("kept"));
  }
  static bool opens_if_any(Opened& opened, std::uint8_t number, BytesView record) {
    const auto keys = opened.keyring->keys_of(tenant(number));
    return keys.ok() && open_secret(**keys, "cred", "place", record).ok();
  }
  std::optional<Error> refusal() {
    auto opened = start();
    if (opened.ok()) return std::nullopt;
    return opened.error();
  }

  Bytes record_;  ///< sealed by the first tenant before anything happened
};

// What the decoder still takes, the module refuses: everything before the IV is authenticated.
TEST_F(FaultKeyring, HsmCase11EveryTouchedByteOfABlobIsRefused) {
  auto opened = start();
  ASSERT_TRUE(opened.ok()) << opened.error().to_log();
  const KeyBundle bundle = *opened->keyring->bundle();
  const RootName name{tenant(1), Purpose::general, 1};
  const Bytes blob = bundle.blobs.at(name.text());
  const auto opens_as_it_says = [&](BytesView bytes) {
    const auto key = decode_wrapped_key(bytes);
    return key.ok() && key->kek_number == opened->hsm->kek_number() &&
           opened->hsm->unwrap(key->sealed, wrapped_key_aad(*key)).ok();
  };
  ASSERT_TRUE(opens_as_it_says(blob));
  for (std::size_t i = 0; i < blob.size(); ++i) {
    Bytes changed = blob;
    changed[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
    EXPECT_FALSE(opens_as_it_says(changed)) << i;
    for (const std::uint8_t extreme : {std::uint8_t{0}, std::uint8_t{0xFF}}) {
      changed[i] = extreme;
      EXPECT_TRUE(extreme == blob[i] || !opens_as_it_says(changed)) << i;
    }
    EXPECT_FALSE(opens_as_it_says(BytesView(blob).first(i))) << i;
  }
  // Under another name: of a tenant, of a purpose, of a version.
  const WrappedKey original = *decode_wrapped_key(blob);
  for (const RootName& other :
       {RootName{tenant(2), Purpose::general, 1}, RootName{tenant(1), Purpose::card, 1},
        RootName{tenant(1), Purpose::general, 2}, RootName{std::nullopt, Purpose::general, 1}}) {
    WrappedKey moved = original;
    moved.name = other;
    EXPECT_FALSE(opens_as_it_says(encode_wrapped_key(moved))) << other.text();
  }
  EXPECT_EQ(opened->hsm->status().state, hsm::State::ready) << "bad blobs, not a bad token";
}

TEST_F(FaultKeyring, HsmCase12ARottenKeyEncryptionKeyIsFoundAndNothingIsWritten) {
  std::filesystem::path damaged;
  for (const auto& file : test_support::object_files(token_.tokens())) {
    const std::string whole = read_bytes(file);
    write_bytes(file, "");
    const auto refused = refusal();
    write_bytes(file, whole);
    if (refused.has_value() && refused->field() == "kek/1") damaged = file;
  }
  ASSERT_FALSE(damaged.empty());
  std::string bytes = read_bytes(damaged);
  constexpr std::uint64_t kValue = 0x11;  // CKA_VALUE
  const std::size_t at = test_support::value_offset(bytes, kValue);
  ASSERT_NE(at, std::string::npos);
  const std::string good = bytes;
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  write_bytes(damaged, bytes);
  const std::string before = read_bytes(directory() / "data.mdb");
  const auto refused = refusal();
  ASSERT_TRUE(refused.has_value());
  EXPECT_EQ(errc_class(refused->code()), ErrorClass::corrupt) << refused->to_log();
  EXPECT_EQ(read_bytes(directory() / "data.mdb"), before) << "nothing is wrapped with it";
  write_bytes(damaged, good);
  auto opened = start();
  ASSERT_TRUE(opened.ok()) << opened.error().to_log();
  EXPECT_TRUE(opens(*opened, 1, record_));
}

class FaultKeyringKilled : public FaultKeyring {
 protected:
  // In a process of its own, which is killed before the call `number` of those it makes into the
  // module while it works. Tells whether it was killed; if not, it was done.
  bool killed_at(shim::Word number, const std::function<bool(Opened&)>& work) {
    const pid_t child = fork();
    if (child == 0) {
      auto opened = start();
      if (!opened.ok()) _exit(1);
      faults_.arm({.function = "", .actions = shim::kKill, .skip = number});
      _exit(work(*opened) ? 0 : 2);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    faults_.disarm_all();
    EXPECT_TRUE(WIFSIGNALED(status) || WEXITSTATUS(status) == 0) << WEXITSTATUS(status);
    return WIFSIGNALED(status);
  }
};

// A rotation that was ordered is there once or not at all, whichever call was the last; ordered
// again it comes to the same version.
TEST_F(FaultKeyringKilled, HsmCase14ARotationIsKilledAtEachCall) {
  const shim::Word step = test::long_run() ? 1 : 5;
  std::uint32_t versions = 1;
  bool killed = true;
  for (shim::Word call = 0; killed; call += step) {
    const Uuid request = Uuid::v7(static_cast<std::int64_t>(call) + 1, {});
    killed = killed_at(
        call, [&](Opened& opened) { return opened.keyring->rotate(tenant(1), request).ok(); });
    auto opened = start();
    ASSERT_TRUE(opened.ok()) << call << ": " << opened.error().to_log();
    const auto again = opened->keyring->rotate(tenant(1), request);
    ASSERT_TRUE(again.ok()) << call << ": " << again.error().to_log();
    EXPECT_EQ(*again, versions + 1) << "one new version, however often it was begun";
    versions = *again;
    EXPECT_TRUE(opens(*opened, 1, record_)) << call;
    EXPECT_TRUE(opens(*opened, 1, seal(*opened, 1))) << call;
    EXPECT_TRUE(opened->keyring->verify().ok()) << call;
    ASSERT_LT(call, 1000U);
  }
  EXPECT_GT(versions, 3U) << "it was killed a few times before it got through";
}

// Making a key-encryption key, moving every root to it and destroying the old one, each killed at
// many of its calls. Whatever is left, everything opens, and to order the same again ends it.
TEST_F(FaultKeyringKilled, HsmCase15AnotherKeyEncryptionKeyIsKilledAtEachCall) {
  const shim::Word step = test::long_run() ? 2 : 61;
  std::uint32_t last = 1;
  bool killed = true;
  for (shim::Word call = 0; killed; call += step) {
    const Uuid request = Uuid::v7(static_cast<std::int64_t>(call) + 1, {});
    const auto work = [&](Opened& opened) {
      const auto made = opened.keyring->rotate_kek(request);
      if (!made.ok()) return false;
      while (true) {
        const auto moved = opened.keyring->rewrap();
        if (!moved.ok()) return false;
        if (*moved == 0) break;
      }
      return opened.keyring->destroy_kek(*made - 1).ok();
    };
    killed = killed_at(call, work);
    auto opened = start();
    ASSERT_TRUE(opened.ok()) << call << ": " << opened.error().to_log();
    EXPECT_TRUE(opens(*opened, 1, record_)) << call;
    if (killed) {
      const auto made = opened->keyring->rotate_kek(request);
      ASSERT_TRUE(made.ok()) << call << ": " << made.error().to_log();
      EXPECT_EQ(*made, last + 1) << "one new key, however often it was begun";
      ASSERT_TRUE(opened->keyring->rewrap().ok()) << call;
      const auto gone = opened->keyring->destroy_kek(last);
      EXPECT_TRUE(gone.ok() || gone.error().code() == Errc::not_found) << call;
    }
    ++last;
    EXPECT_EQ(opened->keyring->kek(), last);
    EXPECT_EQ(opened->hsm->kek_numbers(), std::vector<std::uint32_t>{last}) << call;
    EXPECT_TRUE(opens(*opened, 1, record_)) << call;
    EXPECT_TRUE(opened->keyring->verify().ok()) << call;
    ASSERT_LT(call, 5000U);
  }
  EXPECT_GT(last, 3U) << "it was killed a few times before it got through";
}

TEST_F(FaultKeyring, HsmCase15AKeyEncryptionKeyThatIsNeededIsNotDestroyed) {
  auto opened = start();
  ASSERT_TRUE(opened.ok()) << opened.error().to_log();
  ASSERT_TRUE(opened->keyring->rotate_kek(Uuid::v7(1, {})).ok());
  const shim::Word destroyed = faults_.calls("C_DestroyObject");
  const auto refused = opened->keyring->destroy_kek(1);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::state_conflict);
  EXPECT_EQ(faults_.calls("C_DestroyObject"), destroyed);
  EXPECT_EQ(opened->hsm->kek_numbers(), (std::vector<std::uint32_t>{1, 2}));
  while (opened->keyring->left_to_rewrap() > 0) ASSERT_TRUE(opened->keyring->rewrap().ok());
  EXPECT_TRUE(opened->keyring->destroy_kek(1).ok());
  EXPECT_TRUE(opens(*opened, 1, record_));
}

// What stood in the file before a tenant was shredded may still lie in its free pages. The blobs
// that it held open with no key that is left.
TEST_F(FaultKeyring, HsmCase17NothingThatIsLeftOpensAShreddedTenant) {
  auto opened = start();
  ASSERT_TRUE(opened.ok()) << opened.error().to_log();
  const KeyBundle old = *opened->keyring->bundle();
  ASSERT_TRUE(opened->keyring->destroy_owner(tenant(1)).ok());
  EXPECT_FALSE(opens_if_any(*opened, 1, record_)) << "at once, and for who holds its keys too";
  ASSERT_TRUE(opened->keyring->rotate_kek(Uuid::v7(1, {})).ok());
  while (opened->keyring->left_to_rewrap() > 0) ASSERT_TRUE(opened->keyring->rewrap().ok());
  ASSERT_TRUE(opened->keyring->destroy_kek(1).ok());
  std::size_t tried = 0;
  for (const auto& [name, blob] : old.blobs) {
    const WrappedKey key = *decode_wrapped_key(blob);
    for (const std::uint32_t kek : opened->hsm->kek_numbers()) {
      EXPECT_FALSE(opened->hsm->unwrap(kek, key.sealed, wrapped_key_aad(key)).ok()) << name;
      ++tried;
    }
  }
  EXPECT_GE(tried, old.blobs.size());
  EXPECT_FALSE(
      opened->keyring->bundle()->blobs.contains(RootName{tenant(1), Purpose::general, 1}.text()));
  EXPECT_TRUE(opened->keyring->keys_of(tenant(2)).ok()) << "others are not touched";
}

TEST_F(FaultKeyring, HsmCase16AnOlderKeyringIsRefused) {
  const std::string old = read_bytes(directory() / "data.mdb");
  {
    auto opened = start();
    ASSERT_TRUE(opened.ok()) << opened.error().to_log();
    ASSERT_TRUE(opened->keyring->rotate(tenant(1), Uuid::v7(1, {})).ok());
  }
  const std::string newest = read_bytes(directory() / "data.mdb");
  write_bytes(directory() / "data.mdb", old);
  const auto refused = refusal();
  ASSERT_TRUE(refused.has_value()) << "the module knows of a newer one";
  EXPECT_EQ(errc_class(refused->code()), ErrorClass::corrupt) << refused->to_log();
  write_bytes(directory() / "data.mdb", newest);
  auto opened = start();
  ASSERT_TRUE(opened.ok()) << opened.error().to_log();
  EXPECT_TRUE(opens(*opened, 1, record_));
}

}  // namespace
}  // namespace florin::vault::fault_keyring_test

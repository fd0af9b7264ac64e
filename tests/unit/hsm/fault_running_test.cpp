// Cases 11, 12, 21, 23 and 24 as far as they are the room's own: damaged blobs, a token that keeps
// other bytes than it was given, shutdown in every state, peers that do AES-GCM otherwise.
#include <fcntl.h>

#include <fstream>
#include <thread>

#include "hsm/dialect.h"
#include "hsm/examination.h"
#include "support/long_run.h"
#include "unit/hsm/fault_fixture.h"
#include "unit/hsm/token_editor.h"
#include "unit/hsm/token_files.h"

namespace florin::hsm::fault_running_test {
namespace {

using test_support::eventually;
using test_support::object_files;
using test_support::read_bytes;
using test_support::SoftHsm;
using test_support::value_offset;
using test_support::write_bytes;
namespace shim = florin::pkcs11_shim;

constexpr std::string_view kContext = "tenant a, general, 1";

class HsmRunning : public FaultTest {
 protected:
  void SetUp() override { token_.initialise(); }
  std::unique_ptr<Hsm> start() { return start(config()); }
  std::unique_ptr<Hsm> start(const Config& how) {
    auto opened = open(how);
    EXPECT_TRUE(opened.ok()) << opened.error().to_log();
    return opened.ok() ? std::move(*opened) : nullptr;
  }
  // Labels of private objects are encrypted: the key whose file is empty is the one that a start
  // misses.
  std::filesystem::path file_of(std::string_view label) {
    for (const auto& file : object_files(token_.tokens())) {
      const std::string whole = read_bytes(file);
      write_bytes(file, "");
      const auto refused = open_error();
      write_bytes(file, whole);
      if (refused.has_value() && refused->field() == label) return file;
    }
    return {};
  }
};

// A blob that does not open is the blob's fault, and says so, whichever of the codes that peers
// use for it comes back; the token stays in service.
TEST_F(HsmRunning, HsmCase11ABadBlobIsCorruptWhateverTheModuleCallsIt) {
  const auto hsm = start();
  const Bytes blob = *hsm->wrap(Bytes(32, 1), view_of(kContext));
  for (const CK_RV code : {CKR_ENCRYPTED_DATA_INVALID, CKR_ENCRYPTED_DATA_LEN_RANGE,
                           CKR_GENERAL_ERROR, CKR_WRAPPED_KEY_INVALID}) {
    const auto rule =
        faults_.arm({.function = "C_Decrypt", .actions = shim::kFailAfter, .return_value = code});
    const auto refused = hsm->unwrap(blob, view_of(kContext));
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), Errc::key_unwrap_failed) << std::hex << code;
    EXPECT_EQ(faults_.fired(rule), 1U);
    EXPECT_EQ(hsm->status().state, State::ready);
    faults_.disarm(rule);
  }
  for (std::size_t size = 0; size < blob.size(); ++size) {
    EXPECT_EQ(hsm->unwrap(BytesView(blob).first(size), view_of(kContext)).error().code(),
              Errc::key_unwrap_failed);
  }
  EXPECT_EQ(hsm->status().state, State::ready);
  EXPECT_TRUE(hsm->unwrap(blob, view_of(kContext)).ok());
  EXPECT_TRUE(hsm->shutdown().ok());
}

// SoftHSM does not notice a flipped bit in a stored key (its files have no checksum): only what
// was wrapped before tells.
TEST_F(HsmRunning, HsmCase12AFlippedBitInTheStoredKekOpensNothing) {
  Bytes blob;
  {
    const auto hsm = start();
    blob = *hsm->wrap(Bytes(32, 1), view_of(kContext));
    ASSERT_TRUE(hsm->shutdown().ok());
  }
  const std::filesystem::path file = file_of("kek/1");
  ASSERT_FALSE(file.empty());
  std::string bytes = read_bytes(file);
  const std::size_t at = value_offset(bytes, CKA_VALUE);
  ASSERT_NE(at, std::string::npos);
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  write_bytes(file, bytes);
  auto opened = open();
  if (opened.ok()) {
    EXPECT_EQ((*opened)->unwrap(blob, view_of(kContext)).error().code(), Errc::key_unwrap_failed);
    EXPECT_TRUE((*opened)->shutdown().ok());
  }
}

TEST_F(HsmRunning, HsmCase21ShutdownIdleAndTwice) {
  const auto hsm = start();
  EXPECT_TRUE(hsm->shutdown().ok());
  EXPECT_TRUE(hsm->shutdown().ok());
  EXPECT_EQ(faults_.calls("C_Finalize"), 1U);
}

// A call that comes back within its time is waited for; one that does not keeps the module from
// being finalised under it.
TEST_F(HsmRunning, HsmCase21ShutdownWithACallInFlight) {
  const auto hsm = start();
  const auto rule = faults_.arm({.function = "C_Encrypt", .actions = shim::kBlock});
  std::thread caller([&] { static_cast<void>(hsm->wrap(Bytes(32, 1), view_of(kContext)).ok()); });
  ASSERT_TRUE(eventually([&] { return faults_.waiting(rule) == 1; }));
  std::thread releaser([&] {
    EXPECT_TRUE(eventually([&] { return hsm->status().state == State::stopped; }));
    faults_.release(rule);
  });
  EXPECT_TRUE(hsm->shutdown().ok());
  releaser.join();
  caller.join();
  EXPECT_EQ(faults_.calls("C_Finalize"), 1U);
}

TEST_F(HsmRunning, HsmCase21ShutdownWithAStuckLane) {
  Config how = config();
  how.op_timeout = std::chrono::milliseconds(500);
  const auto hsm = start(how);
  const auto rule = faults_.arm({.function = "C_Encrypt", .actions = shim::kBlock});
  const auto late = hsm->wrap(Bytes(32, 1), view_of(kContext));
  ASSERT_FALSE(late.ok());
  EXPECT_EQ(late.error().code(), Errc::timed_out);
  EXPECT_FALSE(hsm->shutdown().ok()) << "the module must not be finalised under a running call";
  EXPECT_EQ(faults_.calls("C_Finalize"), 0U);
  faults_.release(rule);
  EXPECT_TRUE(eventually([&] { return faults_.waiting(rule) == 0; }));
  EXPECT_TRUE(eventually([&] { return hsm->shutdown().ok(); })) << "it has come back";
  EXPECT_EQ(faults_.calls("C_Finalize"), 1U);
}

TEST_F(HsmRunning, HsmCase23LiarsAreRefusedBeforeAnythingIsWrapped) {
  for (const shim::Dialect liar :
       {shim::kZeroIvLiar, shim::kDropIv, shim::kZeroTagLiar, shim::kShortTag}) {
    faults_.set_dialect(liar);
    const auto refused = open_error();
    ASSERT_TRUE(refused.has_value()) << liar;
    EXPECT_EQ(refused->code(), Errc::hsm_failure) << liar << refused->to_log();
  }
  faults_.set_dialect(shim::kHonest);
  EXPECT_FALSE(open_error().has_value());
}

// One that begins to lie later is found by the examination, property by property.
TEST_F(HsmRunning, HsmCase23AnExaminationFindsLiars) {
  const auto hsm = start();
  const auto honest = hsm->examine();
  ASSERT_TRUE(honest.ok()) << honest.error().to_log();
  for (const Finding& finding : honest->findings) {
    EXPECT_NE(finding.proof, Proof::failed) << finding.property << ": " << finding.detail;
  }
  for (const shim::Dialect liar : {shim::kZeroIvLiar, shim::kDropIv, shim::kZeroTagLiar}) {
    faults_.set_dialect(liar);
    const auto found = hsm->examine();
    EXPECT_TRUE(!found.ok() || !found->fit()) << liar;
    faults_.set_dialect(shim::kHonest);
  }
  EXPECT_TRUE(hsm->shutdown().ok());
}

TEST_F(HsmRunning, HsmCase23VendorsAreKnownByTheirNames) {
  for (const Dialect& dialect : dialects()) {
    const bool unknown = dialect.manufacturer.empty();
    faults_.pretend_vendor(unknown ? "Somebody Else" : dialect.manufacturer, "Model 7");
    const auto hsm = start();
    EXPECT_EQ(hsm->status().dialect, dialect.name);
    EXPECT_TRUE(hsm->shutdown().ok());
  }
}

// No child of ours may inherit the module: nothing in this room starts one, and what the room opens
// itself is closed on exec.
TEST_F(HsmRunning, HsmCase24NothingTheRoomHoldsOpenIsInherited) {
  const auto inheritable = [] {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
      const int file = std::stoi(entry.path().filename().string());
      const int flags = fcntl(file, F_GETFD);
      if (flags >= 0 && (flags & FD_CLOEXEC) == 0) ++count;
    }
    return count;
  };
  const std::size_t before = inheritable();
  const auto hsm = start();
  EXPECT_TRUE(hsm->wrap(Bytes(32, 1), view_of(kContext)).ok());
  EXPECT_EQ(inheritable(), before);
  EXPECT_TRUE(hsm->shutdown().ok());
}

// What others keep on the token costs a start no further search.
TEST_F(HsmRunning, HsmCase26ForeignObjectsCostNoSearch) {
  {
    TokenEditor editor(token_);
    editor.make_wrapping_key("foreign", {});
  }
  ASSERT_FALSE(open_error().has_value());
  const shim::Word few = faults_.total();
  const shim::Word finds = faults_.calls("C_FindObjects");
  std::filesystem::path original;
  for (const auto& file : object_files(token_.tokens())) {
    if (original.empty() || last_write_time(file) > last_write_time(original)) original = file;
  }
  const int count = test::quick_or_long(100, 5000);
  for (int i = 1; i < count; ++i) {
    copy_file(original, original.parent_path() /
                            ("00000000-0000-0000-0000-" + std::to_string(i) + ".object"));
  }
  const auto started = std::chrono::steady_clock::now();
  ASSERT_FALSE(open_error().has_value());
  const auto took = std::chrono::steady_clock::now() - started;
  RecordProperty("start_ms", static_cast<int>(took / std::chrono::milliseconds(1)));
  // Numbers of keys are found by their labels, so each object may be looked at, but once.
  EXPECT_LE(faults_.total(), 2 * few + 4 * static_cast<shim::Word>(count));
  EXPECT_EQ(faults_.calls("C_FindObjects"), 2 * finds);
}

}  // namespace
}  // namespace florin::hsm::fault_running_test

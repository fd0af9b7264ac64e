#include "hsm/hsm.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>

#include "base/hash.h"
#include "hsm/data_object.h"
#include "hsm/encoding.h"
#include "hsm/late_writes.h"
#include "hsm/login.h"
#include "hsm/pin_source.h"
#include "hsm/supervisor.h"
#include "hsm/wrapping.h"

namespace florin::hsm {
namespace {

constexpr std::size_t kLongestInput = 4096;
constexpr std::size_t kLongestRandom = 1024;

Result<void> check_size(std::size_t size, std::size_t least, std::size_t most) {
  if (size >= least && size <= most) return {};
  return Error(Errc::malformed_value, {}, {}, "the input has a length that is not allowed");
}

}  // namespace

/// The supervisor, and which keys are active.
class Hsm::Core {
 public:
  explicit Core(std::shared_ptr<Supervisor> made) : supervisor(std::move(made)) {}

  [[nodiscard]] KeySpec kek() const { return kek_spec(active_kek); }
  [[nodiscard]] KeySpec audit() const { return audit_spec(active_audit); }

  // Whoever goes on beside a write in doubt decides by a value that may change after it.
  Result<void> check_settled() {
    if (!late.any()) return {};
    return Error(Errc::hsm_unavailable, {}, {}, "a write that came too late is not over");
  }
  Result<bool> write(std::string_view label, BytesView value) {
    const std::lock_guard one_at_a_time(writing);
    FLORIN_TRY_VOID(check_settled());
    const LateWrites::Ticket ticket = LateWrites::new_ticket();
    auto written = supervisor->operate<bool>(
        Operation::data,
        [name = std::string(label), bytes = to_bytes(value), ticket](Call& call) -> Result<bool> {
          FLORIN_TRY_VOID(write_data(call.session, name, bytes));
          return true;
        });
    if (!written.ok() && written.error().code() == Errc::timed_out) late.add(ticket);
    return written;
  }

  std::shared_ptr<Supervisor> supervisor;
  std::mutex writing;  ///< the order of two writes is that of their counters
  LateWrites late;
  std::atomic<std::uint32_t> active_kek = 1;
  std::atomic<std::uint32_t> active_audit = 1;
};

class Hsm::AuditSigner final : public Signer {
 public:
  explicit AuditSigner(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  [[nodiscard]] Bytes public_key_der() const override {
    const auto now = core_->supervisor->generation();
    const auto key = key_in(now->keys.audit, core_->audit());
    return key.ok() ? (*key)->public_key_der : Bytes{};
  }
  Result<Bytes> sign(BytesView message) override {
    FLORIN_TRY(const Bytes raw,
               core_->supervisor->operate<Bytes>(
                   Operation::sign,
                   [spec = core_->audit(), hash = sha256(message)](Call& call) -> Result<Bytes> {
                     FLORIN_TRY(const KeyOnToken* const key, key_in(call.keys.audit, spec));
                     return call.session.sign_ecdsa(key->handle, hash);
                   }));
    return ecdsa_signature_der(raw);
  }

 private:
  std::shared_ptr<Core> core_;
};

Hsm::Hsm(std::shared_ptr<Core> core)
    : core_(std::move(core)), signer_(std::make_unique<AuditSigner>(core_)) {}

Hsm::~Hsm() = default;

Result<std::unique_ptr<Hsm>> Hsm::open(const Config& config, LoginGate& gate, Entropy& entropy,
                                       const Clock& clock, Hooks hooks) {
  FLORIN_TRY_VOID(check_gate(gate));
  FLORIN_TRY(Secret pin, read_pin(config.pin_source));
  return open(config, std::move(pin), gate, entropy, clock, std::move(hooks));
}

Result<std::unique_ptr<Hsm>> Hsm::open(const Config& config, Secret pin, LoginGate& gate,
                                       Entropy& entropy, const Clock& clock, Hooks hooks) {
  FLORIN_TRY_VOID(check_gate(gate));
  FLORIN_TRY(const TokenUri uri, parse_token_uri(config.uri));
  FLORIN_TRY(std::shared_ptr<Module> module,
             Module::load(config.module_path, config.module_sha256));
  const auto supervisor = std::make_shared<Supervisor>(config, uri, std::move(module), gate,
                                                       entropy, clock, std::move(hooks));
  FLORIN_TRY_VOID(supervisor->start(std::move(pin)));
  const auto core = std::make_shared<Core>(supervisor);
  const auto now = supervisor->generation();
  core->active_kek = now->keys.kek.begin()->first;
  core->active_audit = now->keys.audit.begin()->first;
  return std::unique_ptr<Hsm>(new Hsm(core));
}

Result<Bytes> Hsm::wrap(BytesView plaintext, BytesView aad) {
  FLORIN_TRY_VOID(check_size(plaintext.size(), 1, kLongestInput));
  FLORIN_TRY_VOID(check_size(aad.size(), 1, kLongestInput));
  return core_->supervisor->operate<Bytes>(
      Operation::wrap,
      [spec = core_->kek(), text = Secret(plaintext), context = to_bytes(aad)](
          Call& call) -> Result<Bytes> { return wrap_with(call, spec, text.view(), context); });
}

Result<Secret> Hsm::unwrap(BytesView blob, BytesView aad) {
  return unwrap(kek_number(), blob, aad);
}

Result<Secret> Hsm::unwrap(std::uint32_t number, BytesView blob, BytesView aad) {
  constexpr std::size_t kOverhead = kGcmIvSize + kGcmTagSize;
  if (blob.size() <= kOverhead) return Error(Errc::key_unwrap_failed);
  FLORIN_TRY_VOID(
      check_size(blob.size(), kOverhead + 1, kGcmLongestIvSize + kGcmTagSize + kLongestInput));
  FLORIN_TRY_VOID(check_size(aad.size(), 1, kLongestInput));
  return core_->supervisor->operate<Secret>(
      Operation::unwrap,
      [spec = kek_spec(number), sealed = to_bytes(blob), context = to_bytes(aad)](Call& call) {
        return unwrap_with(call, spec, sealed, context);
      });
}

std::uint32_t Hsm::kek_number() const noexcept {
  return core_->active_kek;
}

std::vector<std::uint32_t> Hsm::kek_numbers() const {
  return numbers(core_->supervisor->generation()->keys.kek);
}

Result<void> Hsm::use_kek(std::uint32_t number) {
  const auto now = core_->supervisor->generation();
  FLORIN_TRY_VOID(key_in(now->keys.kek, kek_spec(number)));
  core_->active_kek = number;
  return {};
}

Result<KeyInfo> Hsm::create_next_kek() {
  const std::uint32_t next = core_->supervisor->generation()->keys.kek.rbegin()->first + 1;
  return core_->supervisor->alone<KeyInfo>(
      [spec = kek_spec(next)](Connection& connection) { return connection.create_key(spec); });
}

Result<void> Hsm::destroy_kek(std::uint32_t number) {
  if (number == kek_number()) {
    return Error(Errc::state_conflict, kek_spec(number).label,
                 "The active key-encryption key cannot be destroyed.");
  }
  FLORIN_TRY_VOID(core_->supervisor->alone<bool>([number](Connection& connection) -> Result<bool> {
    FLORIN_TRY_VOID(connection.destroy_kek(number));
    return true;
  }));
  return {};
}

std::uint32_t Hsm::audit_number() const noexcept {
  return core_->active_audit;
}

std::vector<std::uint32_t> Hsm::audit_numbers() const {
  return numbers(core_->supervisor->generation()->keys.audit);
}

Result<void> Hsm::use_audit_key(std::uint32_t number) {
  FLORIN_TRY_VOID(audit_public_key(number));
  core_->active_audit = number;
  return {};
}

Result<KeyInfo> Hsm::create_next_audit_key() {
  const std::uint32_t next = core_->supervisor->generation()->keys.audit.rbegin()->first + 1;
  return core_->supervisor->alone<KeyInfo>(
      [spec = audit_spec(next)](Connection& connection) { return connection.create_key(spec); });
}

Result<Bytes> Hsm::audit_public_key(std::uint32_t number) const {
  const auto now = core_->supervisor->generation();
  FLORIN_TRY(const KeyOnToken* const key, key_in(now->keys.audit, audit_spec(number)));
  return key->public_key_der;
}

Signer& Hsm::audit_signer() noexcept {
  return *signer_;
}

Result<void> Hsm::random(std::span<std::uint8_t> out) {
  FLORIN_TRY_VOID(check_size(out.size(), 1, kLongestRandom));
  FLORIN_TRY(const Secret bytes,
             core_->supervisor->operate<Secret>(
                 Operation::random, [size = out.size()](Call& call) -> Result<Secret> {
                   Secret buffer(size);
                   FLORIN_TRY_VOID(call.session.random(buffer.writable()));
                   return buffer;
                 }));
  std::ranges::copy(bytes.view(), out.begin());
  return {};
}

Result<void> Hsm::probe() {
  return core_->supervisor->probe();
}

Result<std::optional<Bytes>> Hsm::read_data_object(std::string_view label) {
  FLORIN_TRY_VOID(core_->check_settled());
  return core_->supervisor->operate<std::optional<Bytes>>(
      Operation::data,
      [name = std::string(label)](Call& call) { return read_data(call.session, name); });
}

Result<void> Hsm::write_data_object(std::string_view label, BytesView value) {
  FLORIN_TRY_VOID(check_size(value.size(), 1, kLongestDataValue));
  FLORIN_TRY_VOID(core_->write(label, value));
  return {};
}

Result<Examination> Hsm::examine() {
  return core_->supervisor->alone<Examination>(
      [](Connection& connection) { return connection.examine(); });
}

Status Hsm::status() const {
  return core_->supervisor->status();
}

Result<void> Hsm::unlock(Secret pin) {
  return core_->supervisor->unlock(std::move(pin));
}

Result<void> Hsm::change_pin(Secret pin) {
  FLORIN_TRY_VOID(
      core_->supervisor->alone<bool>([fresh = std::make_shared<const Secret>(std::move(pin))](
                                         Connection& connection) -> Result<bool> {
        FLORIN_TRY_VOID(connection.change_pin(*fresh));
        return true;
      }));
  return {};
}

Result<void> Hsm::shutdown() {
  return core_->supervisor->stop();
}

}  // namespace florin::hsm

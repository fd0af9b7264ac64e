#include "hsm/hsm.h"

#include <algorithm>
#include <atomic>
#include <mutex>

#include "base/hash.h"
#include "hsm/data_object.h"
#include "hsm/encoding.h"
#include "hsm/lane.h"
#include "hsm/login.h"
#include "hsm/pin_source.h"
#include "hsm/self_test.h"

namespace florin::hsm {
namespace {

constexpr std::size_t kLongestInput = 4096;
constexpr std::size_t kLongestRandom = 1024;
// Finding the token, the keys and the self-test are some hundred calls.
constexpr std::chrono::milliseconds kStartTimeout{10'000};

Result<void> check_size(std::size_t size, std::size_t least, std::size_t most) {
  if (size >= least && size <= most) return {};
  return Error(Errc::malformed_value, {}, {}, "the input has a length that is not allowed");
}

}  // namespace

std::string_view state_name(State state) noexcept {
  constexpr std::string_view kNames[] = {"ready", "quarantined", "lost", "stopped"};
  return kNames[static_cast<std::size_t>(state)];
}

/// What the lane's thread touches; shared with it, so that an abandoned call stays harmless. After
/// open only the lane's thread uses the session.
class Hsm::Core : public std::enable_shared_from_this<Hsm::Core> {
 public:
  Core(const Config& config, Entropy& entropy, const Clock& clock, std::shared_ptr<Module> module)
      : op_timeout_(config.op_timeout),
        entropy_(entropy),
        clock_(clock),
        module_(std::move(module)),
        lane_(std::make_unique<Lane>(config.queue_limit)) {}

  Result<void> start(const TokenUri& uri, Secret pin, LoginGate& gate);
  Result<void> stop();

  /// Runs one operation on the lane: `work(core)` gives a Result<T>.
  template <class T, class Work>
  Result<T> operate(Work work) {
    ++operations_;
    Result<T> outcome = ready() ? lane_->run<T>(guarded<T>(std::move(work)), op_timeout_)
                                : Result<T>(Error(Errc::hsm_unavailable));
    if (!outcome.ok()) ++failures_;
    return outcome;
  }

  Result<Secret> decrypt(BytesView blob, BytesView aad);
  Result<void> probe_now();
  [[nodiscard]] Session& session() { return *session_; }
  [[nodiscard]] const KeySet& keys() const noexcept { return keys_; }
  [[nodiscard]] Entropy& entropy() noexcept { return entropy_; }
  [[nodiscard]] Status status() const;

 private:
  [[nodiscard]] bool ready() const noexcept { return state_ == State::ready; }

  /// The same work, followed on failure by a fresh session, or by giving up where there is none.
  template <class T, class Work>
  auto guarded(Work work) {
    return [self = shared_from_this(), moved = std::move(work)]() mutable -> Result<T> {
      Result<T> outcome = moved(*self);
      if (!outcome.ok()) self->recover();
      return outcome;
    };
  }
  void recover();
  Result<void> log_in(const TokenUri& uri, const Secret& pin, LoginGate& gate);

  const std::chrono::milliseconds op_timeout_;
  Entropy& entropy_;
  const Clock& clock_;
  const std::shared_ptr<Module> module_;
  std::optional<Session> session_;
  TokenInfo token_;
  KeySet keys_;
  std::atomic<State> state_ = State::stopped;
  std::atomic<bool> ended_ = false;
  std::atomic<std::uint64_t> operations_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
  std::atomic<UnixNanos> last_probe_ = 0;
  std::unique_ptr<Lane> lane_;
};

Result<void> Hsm::Core::log_in(const TokenUri& uri, const Secret& pin, LoginGate& gate) {
  FLORIN_TRY(const Token token, find_token(*module_, uri));
  token_ = token.info;
  FLORIN_TRY(session_, open_user_session(module_, token, pin, gate));
  FLORIN_TRY(keys_, find_keys(*session_));
  FLORIN_TRY_VOID(self_test(*session_, keys_, entropy_));
  last_probe_ = clock_.now();
  return {};
}

Result<void> Hsm::Core::start(const TokenUri& uri, Secret pin, LoginGate& gate) {
  const auto shared_pin = std::make_shared<Secret>(std::move(pin));
  FLORIN_TRY_VOID(lane_->run<bool>(
      [self = shared_from_this(), uri, shared_pin, &gate]() -> Result<bool> {
        FLORIN_TRY_VOID(self->log_in(uri, *shared_pin, gate));
        return true;
      },
      std::max(kStartTimeout, op_timeout_)));
  state_ = State::ready;
  return {};
}

Result<void> Hsm::Core::stop() {
  if (ended_) return {};
  state_ = State::stopped;
  FLORIN_TRY_VOID(lane_->stop(op_timeout_));
  if (ended_.exchange(true)) return {};
  // The lane has ended, so session and module are ours. C_Finalize closes what is left.
  if (session_.has_value()) {
    static_cast<void>(session_->logout().ok());
    static_cast<void>(session_->close().ok());
    session_.reset();
  }
  return module_->shutdown();
}

void Hsm::Core::recover() {
  const FailureClass failure = session_->last_failure();
  const bool gone = failure == FailureClass::session_lost || failure == FailureClass::token_lost ||
                    failure == FailureClass::auth_fatal;
  if (gone || !session_->renew().ok()) state_ = State::lost;
}

Result<Secret> Hsm::Core::decrypt(BytesView blob, BytesView aad) {
  Result<Secret> plain = session_->gcm_decrypt(keys_.kek.handle, blob.first(kGcmIvSize), aad,
                                               blob.subspan(kGcmIvSize));
  if (plain.ok()) return plain;
  const FailureClass failure = session_->last_failure();
  if (failure == FailureClass::corrupt) return Error(Errc::key_unwrap_failed);
  if (failure != FailureClass::ambiguous) return plain;
  // The same code means a bad blob or a sick token; the probe key tells which.
  FLORIN_TRY_VOID(session_->renew());
  if (!probe_now().ok()) {
    // Once a token answers every call like this, only a new start of the module heals it.
    state_ = State::lost;
    return plain;
  }
  return Error(Errc::key_unwrap_failed);
}

Result<void> Hsm::Core::probe_now() {
  FLORIN_TRY_VOID(probe_token(*session_, keys_.probe, entropy_));
  last_probe_ = clock_.now();
  return {};
}

Status Hsm::Core::status() const {
  Status out;
  out.state = state_;
  if (out.state == State::ready && lane_->quarantined()) out.state = State::quarantined;
  out.token = token_;
  out.keys = {key_info(keys_.kek), key_info(keys_.audit), key_info(keys_.probe)};
  out.operations = operations_;
  out.failures = failures_;
  out.module_calls = module_->calls();
  out.last_probe = last_probe_;
  return out;
}

class Hsm::AuditSigner final : public Signer {
 public:
  explicit AuditSigner(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  [[nodiscard]] Bytes public_key_der() const override { return core_->keys().audit.public_key_der; }
  Result<Bytes> sign(BytesView message) override {
    FLORIN_TRY(const Bytes raw, core_->operate<Bytes>([hash = sha256(message)](Core& core) {
      return core.session().sign_ecdsa(core.keys().audit.handle, hash);
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
                                       const Clock& clock) {
  FLORIN_TRY_VOID(check_gate(gate));
  FLORIN_TRY(const TokenUri uri, parse_token_uri(config.uri));
  FLORIN_TRY(Secret pin, read_pin(config.pin_source));
  FLORIN_TRY(std::shared_ptr<Module> module, Module::load(config.module_path));
  FLORIN_TRY_VOID(module->initialise());
  const auto core = std::make_shared<Core>(config, entropy, clock, std::move(module));
  if (Result<void> started = core->start(uri, std::move(pin), gate); !started.ok()) {
    // Only the first error tells the operator something.
    static_cast<void>(core->stop().ok());
    return std::move(started).error();
  }
  return std::unique_ptr<Hsm>(new Hsm(core));
}

Result<Bytes> Hsm::wrap(BytesView plaintext, BytesView aad) {
  FLORIN_TRY_VOID(check_size(plaintext.size(), 1, kLongestInput));
  FLORIN_TRY_VOID(check_size(aad.size(), 1, kLongestInput));
  auto work = [text = std::make_shared<Secret>(plaintext),
               context = to_bytes(aad)](Core& core) -> Result<Bytes> {
    Bytes out(kGcmIvSize);
    core.entropy().fill(out);
    FLORIN_TRY(const Bytes sealed,
               core.session().gcm_encrypt(core.keys().kek.handle, out, context, text->view()));
    out.insert(out.end(), sealed.begin(), sealed.end());
    return out;
  };
  return core_->operate<Bytes>(std::move(work));
}

Result<Secret> Hsm::unwrap(BytesView blob, BytesView aad) {
  constexpr std::size_t kOverhead = kGcmIvSize + kGcmTagSize;
  if (blob.size() <= kOverhead) return Error(Errc::key_unwrap_failed);
  FLORIN_TRY_VOID(check_size(blob.size(), kOverhead + 1, kOverhead + kLongestInput));
  FLORIN_TRY_VOID(check_size(aad.size(), 1, kLongestInput));
  return core_->operate<Secret>([sealed = to_bytes(blob), context = to_bytes(aad)](Core& core) {
    return core.decrypt(sealed, context);
  });
}

std::uint32_t Hsm::kek_number() const noexcept {
  return kKekNumber;
}

Signer& Hsm::audit_signer() noexcept {
  return *signer_;
}

Result<void> Hsm::random(std::span<std::uint8_t> out) {
  FLORIN_TRY_VOID(check_size(out.size(), 1, kLongestRandom));
  FLORIN_TRY(const Secret bytes, core_->operate<Secret>([size = out.size()](Core& core) {
    Secret buffer(size);
    Result<void> done = core.session().random(buffer.writable());
    return done.ok() ? Result<Secret>(std::move(buffer)) : Result<Secret>(std::move(done).error());
  }));
  std::ranges::copy(bytes.view(), out.begin());
  return {};
}

Result<void> Hsm::probe() {
  FLORIN_TRY_VOID(core_->operate<bool>([](Core& core) -> Result<bool> {
    FLORIN_TRY_VOID(core.probe_now());
    return true;
  }));
  return {};
}

Result<std::optional<Bytes>> Hsm::read_data_object(std::string_view label) {
  return core_->operate<std::optional<Bytes>>(
      [name = std::string(label)](Core& core) { return read_data(core.session(), name); });
}

Result<void> Hsm::write_data_object(std::string_view label, BytesView value) {
  FLORIN_TRY_VOID(check_size(value.size(), 1, kLongestDataValue));
  FLORIN_TRY_VOID(core_->operate<bool>(
      [name = std::string(label), bytes = to_bytes(value)](Core& core) -> Result<bool> {
        FLORIN_TRY_VOID(write_data(core.session(), name, bytes));
        return true;
      }));
  return {};
}

Status Hsm::status() const {
  return core_->status();
}

Result<void> Hsm::shutdown() {
  return core_->stop();
}

}  // namespace florin::hsm

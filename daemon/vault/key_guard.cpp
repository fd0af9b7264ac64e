#include "daemon/vault/key_guard.h"

namespace florin::vault {
namespace {

class HsmGuard final : public KeyGuard {
 public:
  explicit HsmGuard(hsm::Hsm& hsm) : hsm_(hsm) {}
  Result<Bytes> wrap(BytesView plaintext, BytesView aad) override {
    return hsm_.wrap(plaintext, aad);
  }
  Result<Secret> unwrap(std::uint32_t kek, BytesView blob, BytesView aad) override {
    return hsm_.unwrap(kek, blob, aad);
  }
  [[nodiscard]] std::vector<std::uint32_t> keks() const override { return hsm_.kek_numbers(); }
  [[nodiscard]] std::uint32_t kek_in_use() const override { return hsm_.kek_number(); }
  Result<void> use_kek(std::uint32_t number) override { return hsm_.use_kek(number); }
  Result<std::uint32_t> create_next_kek() override {
    FLORIN_TRY(const hsm::KeyInfo made, hsm_.create_next_kek());
    return made.number;
  }
  Result<void> destroy_kek(std::uint32_t number) override { return hsm_.destroy_kek(number); }
  Result<void> random(std::span<std::uint8_t> out) override { return hsm_.random(out); }
  Result<std::optional<Bytes>> read_seal() override { return hsm_.read_data_object(kLabel); }
  Result<void> write_seal(BytesView seal) override { return hsm_.write_data_object(kLabel, seal); }
  Signer& signer() override { return hsm_.audit_signer(); }

 private:
  static constexpr std::string_view kLabel = "keyring";
  hsm::Hsm& hsm_;
};

}  // namespace

std::unique_ptr<KeyGuard> make_key_guard(hsm::Hsm& hsm) {
  return std::make_unique<HsmGuard>(hsm);
}

}  // namespace florin::vault

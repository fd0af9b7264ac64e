#pragma once
/// A module for keyring tests: keys and seal in a directory, so that another process can go on
/// where one was killed, and faults at chosen calls.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "base/aead.h"
#include "base/entropy.h"
#include "base/hash.h"
#include "daemon/vault/key_guard.h"

namespace florin::test {

class FileGuard final : public vault::KeyGuard {
 public:
  FileGuard(std::filesystem::path directory, Signer& signer)
      : directory_(std::move(directory)), signer_(signer) {
    std::filesystem::create_directories(directory_);
    if (!std::filesystem::exists(directory_ / "keks")) set_keks({1});
  }

  Result<Bytes> wrap(BytesView plaintext, BytesView aad) override {
    AeadNonce nonce{};
    entropy_.fill(nonce);
    Bytes out(nonce.begin(), nonce.end());
    const Bytes sealed = aead_seal(kek(in_use_), nonce, aad, plaintext);
    out.insert(out.end(), sealed.begin(), sealed.end());
    return out;
  }
  Result<Secret> unwrap(std::uint32_t number, BytesView blob, BytesView aad) override {
    ++unwraps;
    if (!has(number)) return Error(Errc::hsm_key_missing);
    AeadNonce nonce{};
    std::copy_n(blob.begin(), nonce.size(), nonce.begin());
    auto plain = aead_open(kek(number), nonce, aad, blob.subspan(nonce.size()));
    if (!plain.ok()) return Error(Errc::key_unwrap_failed);
    return Secret(BytesView(*plain));
  }
  [[nodiscard]] std::vector<std::uint32_t> keks() const override {
    std::ifstream in(directory_ / "keks");
    std::vector<std::uint32_t> out;
    for (std::uint32_t number = 0; in >> number;) out.push_back(number);
    return out;
  }
  [[nodiscard]] std::uint32_t kek_in_use() const override { return in_use_; }
  Result<void> use_kek(std::uint32_t number) override {
    if (!has(number)) return Error(Errc::hsm_key_missing, "kek/" + std::to_string(number), {});
    in_use_ = number;
    return {};
  }
  Result<std::uint32_t> create_next_kek() override {
    std::vector<std::uint32_t> known = keks();
    known.push_back(known.back() + 1);
    set_keks(known);
    return known.back();
  }
  Result<void> destroy_kek(std::uint32_t number) override {
    std::vector<std::uint32_t> known = keks();
    std::erase(known, number);
    set_keks(known);
    return {};
  }
  Result<void> random(std::span<std::uint8_t> out) override {
    entropy_.fill(out);
    return {};
  }
  Result<std::optional<Bytes>> read_seal() override {
    if (!std::filesystem::exists(directory_ / "seal")) return std::optional<Bytes>();
    std::ifstream in(directory_ / "seal", std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return std::optional<Bytes>(to_bytes(view_of(text)));
  }
  Result<void> write_seal(BytesView seal) override {
    if (before_seal && !before_seal()) return Error(Errc::hsm_unavailable);
    write("seal", std::string(text_of(seal)));
    if (after_seal && !after_seal()) return Error(Errc::timed_out);
    return {};
  }
  Signer& signer() override { return signer_; }

  /// False: the call fails, before or behind its effect.
  std::function<bool()> before_seal;
  std::function<bool()> after_seal;
  std::uint64_t unwraps = 0;
  /// Another key under the same number, as a flipped bit makes it.
  std::uint8_t spoiled = 0;

 private:
  // A file that is whole or not there.
  void write(const std::string& name, const std::string& text) const {
    const std::filesystem::path part = directory_ / (name + ".part");
    std::ofstream(part, std::ios::binary) << text;
    std::filesystem::rename(part, directory_ / name);
  }
  void set_keks(const std::vector<std::uint32_t>& numbers) const {
    std::string text;
    for (const std::uint32_t number : numbers) text += std::to_string(number) + "\n";
    write("keks", text);
  }
  [[nodiscard]] bool has(std::uint32_t number) const {
    const std::vector<std::uint32_t> known = keks();
    return std::find(known.begin(), known.end(), number) != known.end();
  }
  [[nodiscard]] Hash32 kek(std::uint32_t number) const {
    const std::string name = "kek" + std::to_string(number) + std::string(spoiled, 'x');
    return sha256(view_of(name));
  }

  std::filesystem::path directory_;
  std::uint32_t in_use_ = 1;
  SystemEntropy entropy_;
  Signer& signer_;
};

}  // namespace florin::test

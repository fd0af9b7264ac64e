#include "cli/person_key.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>
#include <map>
#include <sstream>

#include "cli/secret_file.h"

namespace florin::cli {
namespace {

constexpr std::string_view kFirstLine = "florin-person-key/1";
constexpr std::size_t kMaxFileBytes = 4096;

// Bound into the seal, so that name and key cannot be exchanged.
std::string context_of(const PersonKey& key) {
  return fmt::format("{}\nname {}\nuid {}\nkey {}\n", kFirstLine, key.name, key.uid,
                     to_base64(key.key));
}

Error malformed() {
  return Error(Errc::malformed_value, {}, "is not a person's key, as florin role enrol writes it");
}

Result<std::uint32_t> number(const std::string& text) {
  std::uint32_t value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc() || end != last) return malformed();
  return value;
}

template <std::size_t N>
Result<ByteArray<N>> fixed_bytes(const std::string& text) {
  const auto bytes = from_base64(text);
  if (!bytes.ok() || bytes->size() != N) return malformed();
  return ByteReader(*bytes).array<N>();
}

}  // namespace

Result<Enrolment> enrol(const std::string& name, std::uint32_t uid, const Secret& passphrase,
                        PassphraseCost cost, Entropy& entropy) {
  FLORIN_TRY_VOID(domain::check_name(name));
  Secret seed(kEd25519SeedSize);
  entropy.fill(seed.writable());
  Enrolment out;
  out.key.name = name;
  out.key.uid = uid;
  FLORIN_TRY(out.key.key, ed25519_public_key(seed));
  FLORIN_TRY(out.key.sealed,
             seal_with_passphrase(passphrase, view_of(context_of(out.key)), seed, cost, entropy));
  out.part = {.name = name, .uid = uid, .key = out.key.key};
  FLORIN_TRY(out.part.signature,
             ed25519_sign(seed, view_of(domain::public_part_claim(name, uid, out.key.key))));
  return out;
}

std::string format_person_key(const PersonKey& key) {
  const PassphraseSealed& sealed = key.sealed;
  return context_of(key) + fmt::format(
                               "argon2id-passes {}\nargon2id-kib {}\nsalt {}\nnonce {}\n"
                               "sealed {}\n",
                               sealed.cost.passes, sealed.cost.memory_kib, to_base64(sealed.salt),
                               to_base64(sealed.nonce), to_base64(sealed.ciphertext));
}

Result<PersonKey> parse_person_key(std::string_view text) {
  std::istringstream in{std::string(text)};
  std::string line;
  if (!std::getline(in, line) || line != kFirstLine) return malformed();
  std::map<std::string, std::string, std::less<>> values;
  while (std::getline(in, line)) {
    const std::size_t blank = line.find(' ');
    if (blank == std::string::npos) return malformed();
    values[line.substr(0, blank)] = line.substr(blank + 1);
  }
  PersonKey key;
  key.name = values["name"];
  FLORIN_TRY(key.uid, number(values["uid"]));
  FLORIN_TRY(key.key, fixed_bytes<32>(values["key"]));
  FLORIN_TRY(key.sealed.cost.passes, number(values["argon2id-passes"]));
  FLORIN_TRY(key.sealed.cost.memory_kib, number(values["argon2id-kib"]));
  FLORIN_TRY(key.sealed.salt, fixed_bytes<16>(values["salt"]));
  FLORIN_TRY(key.sealed.nonce, fixed_bytes<24>(values["nonce"]));
  const auto ciphertext = from_base64(values["sealed"]);
  if (!ciphertext.ok()) return malformed();
  key.sealed.ciphertext = *ciphertext;
  if (format_person_key(key) != text) return malformed();
  return key;
}

Result<Secret> unlock(const PersonKey& key, const Secret& passphrase) {
  auto seed = open_with_passphrase(passphrase, view_of(context_of(key)), key.sealed);
  if (!seed.ok() && seed.error().code() == Errc::decryption_failed) {
    return Error(Errc::decryption_failed, {}, "this is not the passphrase of " + key.name);
  }
  return seed;
}

Result<PersonKey> read_person_key(const std::filesystem::path& path) {
  std::error_code failed;
  if (!std::filesystem::exists(path, failed)) {
    return Error(Errc::not_found, path.string(),
                 "there is no key: make one with florin role enrol, or name it with --key-file");
  }
  if (readable_by_others(path)) {
    return Error(Errc::permission_denied, path.string(), "others may read it: chmod 600 it");
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(kMaxFileBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad() || text.empty()) return Error(Errc::io_failure, path.string(), "cannot be read");
  auto key = parse_person_key(text);
  if (!key.ok()) return std::move(key).error().in_field(path.string());
  return key;
}

}  // namespace florin::cli

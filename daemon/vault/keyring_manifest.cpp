#include "daemon/vault/keyring_manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <vector>

#include "base/hash.h"

namespace florin::vault {
namespace {

constexpr std::string_view kFirstLine = "keyring-manifest/1";
constexpr std::string_view kSealMagic = "KS1";
constexpr std::size_t kRowFields = 5;

Error malformed(std::string what) {
  return Error(Errc::key_unwrap_failed, {}, "The manifest of the keyring " + std::move(what) + ".");
}

std::string encode_row(const RootName& name, const ManifestRow& row) {
  const bool gone = row.state == KeyState::destroyed;
  return fmt::format("{} {} {} {} {}\n", name.text(), key_state_name(row.state), row.kek,
                     gone ? "-" : to_hex(row.blob_sha256),
                     row.request.is_nil() ? "-" : row.request.text());
}

template <class T>
bool parse_number(std::string_view text, T& out) {
  const std::string digits(text);
  const char* const end = digits.data() + digits.size();
  const auto read = std::from_chars(digits.data(), end, out);
  return read.ec == std::errc{} && read.ptr == end;
}

/// Front to back; one failure is enough.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  std::string_view next() {
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) {
      good_ = false;
      return {};
    }
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }
  // "<name> <value>"
  std::string_view value_of(std::string_view name) {
    std::string_view line = next();
    if (!line.starts_with(name) || line.size() <= name.size() || line[name.size()] != ' ') {
      good_ = false;
      return {};
    }
    return line.substr(name.size() + 1);
  }
  template <class T>
  void number(std::string_view name, T& out) {
    if (!parse_number(value_of(name), out)) good_ = false;
  }
  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool done() const { return good_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool good_ = true;
};

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> out;
  while (true) {
    const std::size_t end = line.find(' ');
    out.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return out;
    line.remove_prefix(end + 1);
  }
}

Result<void> decode_row(std::string_view line, Manifest& manifest) {
  const std::vector<std::string_view> words = words_of(line);
  if (words.size() != kRowFields) return malformed("has a row of another form");
  FLORIN_TRY(const RootName name, parse_root_name(words[0]));
  ManifestRow row;
  FLORIN_TRY(row.state, parse_key_state(words[1]));
  if (!parse_number(words[2], row.kek)) return malformed("has a row without a number");
  if (words[3] != "-") {
    FLORIN_TRY(const Bytes hash, from_hex(words[3]));
    if (hash.size() != row.blob_sha256.size()) return malformed("has a row with a short hash");
    std::copy(hash.begin(), hash.end(), row.blob_sha256.begin());
  }
  if (words[4] != "-") {
    FLORIN_TRY(row.request, Uuid::parse(words[4]));
  }
  manifest.rows.emplace(name, row);
  return {};
}

}  // namespace

std::optional<RootName> Manifest::active(const std::optional<TenantId>& tenant,
                                         Purpose purpose) const {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const auto& row) {
    return row.first.tenant == tenant && row.first.purpose == purpose &&
           row.second.state == KeyState::active;
  });
  if (found == rows.end()) return std::nullopt;
  return found->first;
}

std::uint32_t Manifest::highest(const std::optional<TenantId>& tenant, Purpose purpose) const {
  const auto behind =
      rows.upper_bound(RootName{tenant, purpose, std::numeric_limits<std::uint32_t>::max()});
  if (behind == rows.begin()) return 0;
  const RootName& last = std::prev(behind)->first;
  return last.tenant == tenant && last.purpose == purpose ? last.version : 0;
}

std::size_t Manifest::wrapped_by(std::uint32_t number) const {
  return static_cast<std::size_t>(std::count_if(rows.begin(), rows.end(), [number](auto& row) {
    return row.second.kek == number && row.first.purpose != Purpose::canary;
  }));
}

std::string encode_manifest(const Manifest& manifest) {
  std::string out = fmt::format("{}\nepoch {}\ndestroyed {}\nwritten {}\nkek {}\nrows {}\n",
                                kFirstLine, manifest.epoch, manifest.destroyed_epoch,
                                manifest.written_at, manifest.kek, manifest.rows.size());
  for (const auto& [name, row] : manifest.rows) out += encode_row(name, row);
  return out;
}

Result<Manifest> decode_manifest(std::string_view text) {
  Lines lines(text);
  Manifest manifest;
  std::size_t rows = 0;
  if (lines.next() != kFirstLine) return malformed("is none");
  lines.number("epoch", manifest.epoch);
  lines.number("destroyed", manifest.destroyed_epoch);
  lines.number("written", manifest.written_at);
  lines.number("kek", manifest.kek);
  lines.number("rows", rows);
  for (std::size_t i = 0; i < rows && lines.good(); ++i) {
    const std::string_view line = lines.next();
    if (!lines.good()) break;
    if (auto row = decode_row(line, manifest); !row.ok()) return malformed("has a row of no sense");
  }
  // One content has one spelling.
  if (!lines.done() || encode_manifest(manifest) != text) return malformed("is not well formed");
  FLORIN_TRY_VOID(check_manifest(manifest));
  return manifest;
}

Result<void> check_manifest(const Manifest& manifest) {
  if (manifest.epoch == 0 || manifest.destroyed_epoch > manifest.epoch) {
    return malformed("has no epoch");
  }
  const RootName* previous = nullptr;
  bool has_active = false;
  for (const auto& [name, row] : manifest.rows) {
    const bool same =
        previous != nullptr && previous->tenant == name.tenant && previous->purpose == name.purpose;
    has_active = same && has_active;
    const bool gone = row.state == KeyState::destroyed;
    const bool pool = is_pool(name.purpose);
    if ((gone || pool) != (row.kek == 0) || gone != (row.blob_sha256 == Hash32{})) {
      return malformed("contradicts itself on " + name.text());
    }
    if (pool && !gone && (row.state != KeyState::active || !name.tenant.has_value())) {
      return malformed("has no such pool as " + name.text());
    }
    if (name.purpose == Purpose::index && name.version != 1) {
      return malformed("rotates " + name.text() + ", which may never change");
    }
    // Each canary is one of its own kind.
    const bool is_canary = name.purpose == Purpose::canary;
    if (is_canary && !gone && row.kek != name.version) return malformed("moves a canary");
    const bool one_active = !is_canary && !pool;
    if (row.state == KeyState::active && one_active && std::exchange(has_active, true)) {
      return malformed("has two active versions of " + name.text());
    }
    previous = &name;
  }
  const auto canary = manifest.rows.find(RootName{std::nullopt, Purpose::canary, manifest.kek});
  if (canary == manifest.rows.end() || canary->second.state != KeyState::active) {
    return malformed("names a key-encryption key without a canary");
  }
  return {};
}

namespace {

Error change_refused(std::string why) {
  return Error(Errc::state_conflict, "key", std::move(why));
}

Result<void> may_end_kek(const Manifest& manifest, std::uint32_t number, KeyState to) {
  if (to != KeyState::destroyed) {
    return change_refused("a key-encryption key can only be destroyed");
  }
  if (number == manifest.kek) return change_refused(fmt::format("kek/{} is in use", number));
  const std::size_t needed = manifest.wrapped_by(number);
  if (needed == 0) return {};
  return change_refused(
      fmt::format("kek/{} still wraps {} root keys: wrap them anew first", number, needed));
}

}  // namespace

Result<void> may_change(const Manifest& manifest, const RootName& name, KeyState to) {
  const bool is_kek = name.purpose == Purpose::canary;
  const auto found = manifest.rows.find(name);
  if (found == manifest.rows.end()) {
    return Error(Errc::not_found, "key",
                 is_kek ? fmt::format("there is no kek/{}", name.version)
                        : fmt::format("there is no root key {}", name.text()));
  }
  if (is_kek) return may_end_kek(manifest, name.version, to);
  const KeyState from = found->second.state;
  if (from == to) return {};
  // Others have a way of their own: rotation, and the end of the owner.
  const bool own_way = name.purpose != Purpose::general || from == KeyState::active ||
                       from == KeyState::pending || to == KeyState::active;
  if (!own_way && may_become(from, to)) return {};
  return change_refused(fmt::format("{} is {} and cannot become {}", name.text(),
                                    key_state_name(from), key_state_name(to)));
}

ManifestSeal seal_of(const Manifest& manifest) {
  const std::string text = encode_manifest(manifest);
  return {manifest.epoch, manifest.destroyed_epoch, sha256(view_of(text))};
}

Bytes encode_seal(const ManifestSeal& seal) {
  ByteWriter out;
  out.raw(view_of(kSealMagic));
  out.u64(seal.epoch);
  out.u64(seal.destroyed_epoch);
  out.raw(seal.sha256);
  return std::move(out).take();
}

Result<ManifestSeal> decode_seal(BytesView bytes) {
  ByteReader in(bytes);
  const bool known = text_of(in.raw(kSealMagic.size())) == kSealMagic;
  ManifestSeal seal;
  seal.epoch = in.u64();
  seal.destroyed_epoch = in.u64();
  seal.sha256 = in.array<32>();
  if (!known || !in.done()) {
    return Error(Errc::key_unwrap_failed, {}, "The seal of the keyring is not well formed.");
  }
  return seal;
}

}  // namespace florin::vault

#include "daemon/vault/key_bundle.h"

#include <fmt/format.h>

#include "base/hash.h"

namespace florin::vault {
namespace {

constexpr std::string_view kFirstLine = "key-bundle/1\n";
constexpr std::string_view kManifest = "manifest ";
constexpr std::string_view kSignature = "signature ";
constexpr std::string_view kRoot = "root ";

Error refused(std::string what) {
  return Error(Errc::key_unwrap_failed, {}, std::move(what));
}

// The rest of the next line, which begins with `prefix`; nothing when there is no such line.
std::optional<std::string_view> take_line(std::string_view& text, std::string_view prefix) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(prefix) || end < prefix.size()) {
    return std::nullopt;
  }
  const std::string_view line = text.substr(prefix.size(), end - prefix.size());
  text.remove_prefix(end + 1);
  return line;
}

}  // namespace

std::string encode_bundle(const KeyBundle& bundle) {
  std::string out(kFirstLine);
  out += fmt::format("{}{}\n{}{}\n", kManifest, to_base64(view_of(bundle.manifest.text)),
                     kSignature, to_base64(bundle.manifest.signature));
  for (const auto& [name, blob] : bundle.blobs) {
    out += fmt::format("{}{} {}\n", kRoot, name, to_base64(blob));
  }
  return out;
}

Result<KeyBundle> decode_bundle(std::string_view text) {
  const Error malformed = refused("This is not a key bundle.");
  if (!text.starts_with(kFirstLine)) return malformed;
  std::string_view rest = text.substr(kFirstLine.size());
  const auto manifest = take_line(rest, kManifest);
  const auto signature = take_line(rest, kSignature);
  if (!manifest.has_value() || !signature.has_value()) return malformed;
  KeyBundle bundle;
  const auto manifest_bytes = from_base64(*manifest);
  auto signature_bytes = from_base64(*signature);
  if (!manifest_bytes.ok() || !signature_bytes.ok()) return malformed;
  bundle.manifest.text = text_of(*manifest_bytes);
  bundle.manifest.signature = std::move(*signature_bytes);
  while (!rest.empty()) {
    const auto line = take_line(rest, kRoot);
    const std::size_t space = line.has_value() ? line->find(' ') : std::string_view::npos;
    if (space == std::string_view::npos) return malformed;
    auto blob = from_base64(line->substr(space + 1));
    if (!blob.ok()) return malformed;
    bundle.blobs.emplace(line->substr(0, space), std::move(*blob));
  }
  // One content has one spelling.
  if (encode_bundle(bundle) != text) return malformed;
  return bundle;
}

Result<Manifest> check_bundle(const KeyBundle& bundle, BytesView public_key_der) {
  if (!verify_ecdsa_p256(public_key_der, view_of(bundle.manifest.text), bundle.manifest.signature)
           .ok()) {
    return refused("The manifest of the keyring is not signed by the audit key of this appliance.");
  }
  FLORIN_TRY(Manifest manifest, decode_manifest(bundle.manifest.text));
  for (const auto& [name, row] : manifest.rows) {
    if (row.state == KeyState::destroyed) continue;
    if (!bundle.blobs.contains(name.text())) return missing_root(name);
  }
  for (const auto& [name, blob] : bundle.blobs) {
    FLORIN_TRY_VOID(check_blob(manifest, name, blob));
  }
  return manifest;
}

Result<void> check_blob(const Manifest& manifest, std::string_view name, BytesView blob) {
  const auto parsed = parse_root_name(name);
  const auto row = parsed.ok() ? manifest.rows.find(*parsed) : manifest.rows.end();
  if (row == manifest.rows.end() || row->second.state == KeyState::destroyed) {
    return refused(
        fmt::format("The keyring has a root key that its manifest does not have: {}", name));
  }
  if (sha256(blob) != row->second.blob_sha256) {
    return refused(
        fmt::format("The root key {} in the keyring is not the one that was signed.", name));
  }
  return {};
}

Error missing_root(const RootName& name) {
  return refused("The root key " + name.text() + " is missing from the keyring.");
}

}  // namespace florin::vault

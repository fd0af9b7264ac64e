#pragma once
/// The key bundle: wrapped roots and their signed manifest in one file, kept apart from backups of
/// data. Without the security module it is noise. Pure.
#include "daemon/vault/keyring_store.h"

namespace florin::vault {

struct KeyBundle {
  SignedManifest manifest;
  std::map<std::string, Bytes> blobs;  ///< by name of the root
};

/// Text, each line with a line feed: "key-bundle/1", "manifest <base64>", "signature <base64>",
/// then "root <name> <base64>" in order of names.
std::string encode_bundle(const KeyBundle& bundle);
/// Takes exactly what encode_bundle writes. Error: `key_unwrap_failed`.
Result<KeyBundle> decode_bundle(std::string_view text);
/// That the key signed the manifest, and that the roots are those of the manifest: none is missing,
/// none is too many, none is another. Returns it.
/// Error: `key_unwrap_failed` that says what is wrong.
Result<Manifest> check_bundle(const KeyBundle& bundle, BytesView public_key_der);
/// That a blob is the one that the manifest has under this name. Error: `key_unwrap_failed` that
/// says what is wrong.
Result<void> check_blob(const Manifest& manifest, std::string_view name, BytesView blob);
/// What is said of a root that the manifest has and the keyring has not.
Error missing_root(const RootName& name);

}  // namespace florin::vault

#include "ledger/verify/package.h"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "base/hash.h"
#include "base/signature.h"
#include "ledger/verify/entries_check.h"
#include "ledger/verify/leaf_hashes.h"
#include "ledger/verify/note.h"
#include "ledger/verify/package_files.h"
#include "ledger/verify/package_text.h"

namespace florin::verify {
namespace {

constexpr std::size_t kMaxSmallFileBytes = std::size_t{64} * 1024;

class PackageCheck {
 public:
  PackageCheck(std::filesystem::path directory, const PackageOptions& options)
      : directory_(std::move(directory)), options_(options) {}

  Result<Report> run() {
    std::error_code error;
    if (!std::filesystem::is_directory(directory_, error)) {
      return Error(Errc::not_found, "directory", "is not a directory");
    }
    if (options_.public_key_pem) {
      FLORIN_TRY(key_, public_key_from_pem(*options_.public_key_pem));
      report_.key_trusted = true;
    }
    FLORIN_TRY_VOID(check_state_file());
    check_sums(directory_, report_.findings, [this](std::uint64_t done, std::uint64_t all) {
      if (options_.progress) options_.progress(Stage::bytes_summed, done, all);
    });
    // Each step needs what the one before found; what cannot be looked at is already a finding.
    if (read_key() && read_checkpoint() && read_manifest() && check_tree()) {
      FLORIN_TRY_VOID(check_entries(directory_, manifest_, options_, report_));
    }
    return std::move(report_);
  }

 private:
  // A file more would make the package another one.
  Result<void> check_state_file() {
    if (!options_.state_file) return {};
    std::error_code error;
    const auto place = std::filesystem::weakly_canonical(*options_.state_file, error).parent_path();
    if (!error && !std::filesystem::equivalent(place, directory_, error)) return {};
    return Error(Errc::validation_failed, "state_file",
                 "The state file must lie in a directory outside the package.");
  }

  bool fail(std::string_view file, std::string problem) {
    report_.findings.push_back({.file = std::string(file), .problem = std::move(problem)});
    return false;
  }
  std::optional<std::string> small_file(std::string_view name) {
    auto text = read_small_file(directory_ / name, kMaxSmallFileBytes);
    if (text.ok()) return std::move(text).value();
    fail(name, text.error().message());
    return std::nullopt;
  }

  bool read_key() {
    const auto pem = small_file(kPublicKeyFile);
    if (!pem) return false;
    const auto der = public_key_from_pem(*pem);
    if (!der.ok() || public_key_pem(*der) != *pem) {
      fail(kPublicKeyFile, "not a public key in PEM");
      if (!report_.key_trusted) return false;
    } else if (!report_.key_trusted) {
      key_ = *der;
    } else if (*der != key_) {
      fail(kPublicKeyFile, "is not the expected key");
    }
    report_.key_sha256 = to_hex(sha256(key_));
    return true;
  }

  bool read_checkpoint() {
    const auto text = small_file(kCheckpointFile);
    if (!text) return false;
    const auto note = parse_note(*text);
    if (!note.ok()) return fail(kCheckpointFile, note.error().message());
    if (const auto good = verify_note(*note, key_); !good.ok()) {
      return fail(kCheckpointFile, good.error().message());
    }
    const auto body = small_file(kCheckpointBodyFile);
    if (body && *body != note->text) {
      fail(kCheckpointBodyFile, "is not the signed text of the checkpoint");
    }
    const auto signature = small_file(kCheckpointSignatureFile);
    if (signature && *signature != text_of(note->signature_der)) {
      fail(kCheckpointSignatureFile, "is not the signature of the checkpoint");
    }
    checkpoint_ = note->checkpoint;
    report_.origin = checkpoint_.origin;
    return true;
  }

  bool read_manifest() {
    const auto text = small_file(kManifestFile);
    if (!text) return false;
    auto manifest = parse_manifest(*text);
    if (!manifest.ok()) return fail(kManifestFile, manifest.error().message());
    manifest_ = std::move(manifest).value();
    report_.tenant = manifest_.tenant;
    report_.mode = manifest_.mode;
    report_.evaluation = manifest_.evaluation;
    report_.from_seq = manifest_.from_seq;
    report_.to_seq = manifest_.to_seq;
    report_.opening_stated = manifest_.from_seq > 0;
    if (manifest_.origin != checkpoint_.origin || manifest_.size != checkpoint_.size ||
        manifest_.root != checkpoint_.root) {
      return fail(kManifestFile, "origin, size or root is not that of the checkpoint");
    }
    return true;
  }

  struct Older {
    std::string_view file;
    Checkpoint checkpoint;
  };
  // Older checkpoints, from the package or brought along, that are what they seem.
  std::vector<Older> read_previous() {
    std::vector<Older> out;
    const auto add = [&](std::string_view file, const std::string& text) {
      const auto note = parse_note(text);
      if (!note.ok()) return void(fail(file, note.error().message()));
      if (const auto good = verify_note(*note, key_); !good.ok()) {
        return void(fail(file, good.error().message()));
      }
      const Checkpoint& previous = note->checkpoint;
      if (previous.origin != checkpoint_.origin) return void(fail(file, "is of another ledger"));
      if (previous.size > checkpoint_.size) {
        return void(fail(file, fmt::format("knows {} entries, the package only {}", previous.size,
                                           checkpoint_.size)));
      }
      out.push_back({file, previous});
    };
    if (std::filesystem::exists(directory_ / kPreviousCheckpointFile)) {
      const auto text = small_file(kPreviousCheckpointFile);
      if (text) add(kPreviousCheckpointFile, *text);
    }
    if (options_.previous_checkpoint) {
      add("(given previous checkpoint)", *options_.previous_checkpoint);
    }
    return out;
  }

  // The tree over the hashes of all leaves must be the signed one, and must have grown from the
  // older ones.
  bool check_tree() {
    const std::vector<Older> older = read_previous();
    std::set<std::uint64_t> sizes{checkpoint_.size};
    for (const Older& previous : older) sizes.insert(previous.checkpoint.size);
    const auto roots = LeafHashes(directory_ / kLeafHashesFile).roots(checkpoint_.size, sizes);
    if (!roots.ok()) return fail(kLeafHashesFile, roots.error().message());
    report_.size = checkpoint_.size;
    report_.root = to_hex(roots->at(checkpoint_.size));
    if (roots->at(checkpoint_.size) != checkpoint_.root) {
      // Not the end: the entries may tell which hash was changed.
      fail(kLeafHashesFile, "the root over these hashes is not the signed one");
    }
    for (const Older& previous : older) {
      if (roots->at(previous.checkpoint.size) == previous.checkpoint.root) {
        report_.previous_size = previous.checkpoint.size;
      } else {
        fail(previous.file, "the package does not continue this checkpoint: history was changed");
      }
    }
    return true;
  }

  std::filesystem::path directory_;
  const PackageOptions& options_;
  Report report_;
  Bytes key_;
  Checkpoint checkpoint_;
  Manifest manifest_;
};

}  // namespace

Result<Report> verify_package(const std::filesystem::path& directory,
                              const PackageOptions& options) {
  return PackageCheck(directory, options).run();
}

}  // namespace florin::verify

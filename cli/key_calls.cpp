#include "cli/key_calls.h"

#include <filesystem>

#include "base/json.h"
#include "cli/new_file.h"
#include "ledger/verify/package_files.h"

namespace florin::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFirstLine = "key-bundle/1\n";
constexpr std::size_t kMaxBundleBytes = 256UL << 20U;

Result<fs::path> lay_bundle(const BundleImportCall& call) {
  auto text = verify::read_small_file(call.file, kMaxBundleBytes);
  if (!text.ok()) return Error(Errc::not_found, {}, call.file + " " + text.error().message());
  if (!text->starts_with(kFirstLine) || !text->ends_with('\n')) {
    return Error(Errc::malformed_value, "FILE", call.file + " is not a key bundle");
  }
  const fs::path keyring = fs::path(call.target) / "keyring";
  std::error_code failure;
  if (!fs::is_directory(call.target, failure)) {
    return Error(Errc::not_found, "--to", call.target + " is not a directory");
  }
  if (fs::exists(keyring / "data.mdb", failure)) {
    return Error(Errc::state_conflict, "--to",
                 call.target + " has a keyring already: a bundle never replaces one");
  }
  fs::create_directories(keyring, failure);
  if (!failure) fs::permissions(keyring, fs::perms::owner_all, failure);
  if (failure) return Error(Errc::io_failure, {}, keyring.string() + ": " + failure.message());
  fs::remove(keyring / "bundle", failure);
  FLORIN_TRY_VOID(write_new_file(keyring / "bundle", *text, 0400));
  return keyring / "bundle";
}

}  // namespace

LocalOutcome import_bundle_call(const BundleImportCall& call, Output output) {
  const auto laid = lay_bundle(call);
  if (!laid.ok()) {
    Failure failure = failure_of(laid.error());
    // Nothing was asked of the daemon: a file that was named is at fault.
    if (laid.error().code() == Errc::io_failure) failure.exit = ExitCode::internal;
    return {.exit = failure.exit, .text = {}, .failure = std::move(failure)};
  }
  if (output == Output::json) {
    return {.text = json::write(json::object{{"schema", "florin.key.bundle-import/1"},
                                             {"file", laid->string()}}) +
                    "\n",
            .failure = {}};
  }
  return {.text = laid->string() + "\nThe daemon's next start checks it and takes it in.\n",
          .failure = {}};
}

}  // namespace florin::cli

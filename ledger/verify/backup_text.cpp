#include "ledger/verify/backup_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/uuid.h"

namespace florin::verify {
namespace {

constexpr std::size_t kMaxManifestBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxPathBytes = 255;

Error malformed(std::string what) {
  return Error(Errc::malformed_value, {}, std::move(what));
}

std::string in_quotes(std::string_view text) {
  return json::write(json::value(boost::json::string_view(text.data(), text.size())));
}

std::string ledger_text(const BackupLedger& ledger) {
  return fmt::format(
      "    {{\n      \"path\": {},\n      \"tenant\": {},\n      \"mode\": {},\n"
      "      \"origin\": {},\n      \"entries\": {},\n      \"root\": \"{}\",\n"
      "      \"segments\": {},\n      \"bytes\": {},\n      \"signed_size\": {},\n"
      "      \"signed_root\": \"{}\"\n    }}",
      in_quotes(ledger.path), in_quotes(ledger.tenant), in_quotes(ledger.mode),
      in_quotes(ledger.origin), ledger.entries, to_hex(ledger.root), ledger.segments, ledger.bytes,
      ledger.signed_size, to_hex(ledger.signed_root));
}

/// Reads members and keeps the first thing that is wrong.
class Members {
 public:
  Members(const json::value& value, std::string pointer) : reader_(value, std::move(pointer)) {}

  std::string text(std::string_view name) { return reader_.text(name, kMaxPathBytes).value_or(""); }
  std::uint64_t number(std::string_view name) {
    const std::int64_t value = reader_.integer(name).value_or(0);
    if (value < 0) reader_.fail(Error(Errc::malformed_value, std::string(name), "is negative"));
    return static_cast<std::uint64_t>(value);
  }
  Hash32 hash(std::string_view name) {
    Hash32 out{};
    const auto bytes = from_hex(reader_.text(name, 64).value_or(""));
    if (bytes.ok() && bytes->size() == out.size()) {
      std::copy(bytes->begin(), bytes->end(), out.begin());
    } else {
      reader_.fail(Error(Errc::malformed_value, std::string(name), "not a hash"));
    }
    return out;
  }
  const json::value* member(std::string_view name) { return reader_.member(name); }
  Result<void> finish() {
    const auto errors = reader_.finish();
    if (errors.empty()) return {};
    return malformed(errors.front().field() + ": " + errors.front().message());
  }

 private:
  json::Reader reader_;
};

Result<BackupLedger> parse_ledger(const json::value& value, std::size_t index) {
  Members in(value, fmt::format("/ledgers/{}", index));
  BackupLedger out;
  out.path = in.text("path");
  out.tenant = in.text("tenant");
  out.mode = in.text("mode");
  out.origin = in.text("origin");
  out.entries = in.number("entries");
  out.root = in.hash("root");
  out.segments = in.number("segments");
  out.bytes = in.number("bytes");
  out.signed_size = in.number("signed_size");
  out.signed_root = in.hash("signed_root");
  FLORIN_TRY_VOID(in.finish());
  if (!is_backup_path(out.path)) return malformed("the path of a ledger is not a plain one");
  FLORIN_TRY_VOID(Uuid::parse(out.tenant));
  return out;
}

}  // namespace

std::string backup_ledger_name(const BackupLedger& ledger) {
  constexpr std::string_view kTenants = "tenants/";
  std::string_view name = ledger.path;
  name = name.substr(0, name.rfind('/'));
  if (name.starts_with(kTenants)) name.remove_prefix(kTenants.size());
  return std::string(name);
}

bool is_backup_path(std::string_view path) {
  if (path.empty() || path.size() > kMaxPathBytes) return false;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    // Hidden names cover "." and ".." too.
    if (part.empty() || part.front() == '.' || part.front() == '-') return false;
    const bool plain = std::all_of(part.begin(), part.end(), [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
             c == '-' || c == '_' || c == '.';
    });
    if (!plain) return false;
    begin = end + 1;
  }
  return true;
}

std::string format_backup_manifest(const BackupManifest& manifest) {
  std::string ledgers;
  for (const BackupLedger& ledger : manifest.ledgers) {
    ledgers += (ledgers.empty() ? "\n" : ",\n") + ledger_text(ledger);
  }
  return fmt::format(
      "{{\n  \"format\": \"{}\",\n  \"id\": {},\n  \"created_at\": {},\n  \"files\": {},\n"
      "  \"bytes\": {},\n  \"sums_sha256\": \"{}\",\n  \"ledgers\": [{}\n  ]\n}}\n",
      kBackupFormat, in_quotes(manifest.id), in_quotes(manifest.created_at), manifest.files,
      manifest.bytes, to_hex(manifest.sums_sha256), ledgers);
}

Result<BackupManifest> parse_backup_manifest(std::string_view text) {
  FLORIN_TRY(const json::value document, json::parse(text, {.bytes = kMaxManifestBytes}));
  Members in(document, {});
  BackupManifest out;
  if (in.text("format") != kBackupFormat) return malformed("not a backup of this format");
  out.id = in.text("id");
  out.created_at = in.text("created_at");
  out.files = in.number("files");
  out.bytes = in.number("bytes");
  out.sums_sha256 = in.hash("sums_sha256");
  const json::value* const ledgers = in.member("ledgers");
  FLORIN_TRY_VOID(in.finish());
  if (ledgers == nullptr || !ledgers->is_array()) return malformed("/ledgers: not a list");
  for (const json::value& value : ledgers->get_array()) {
    FLORIN_TRY(BackupLedger ledger, parse_ledger(value, out.ledgers.size()));
    out.ledgers.push_back(std::move(ledger));
  }
  FLORIN_TRY_VOID(Uuid::parse(out.id));
  if (format_backup_manifest(out) != text) return malformed("the spelling is not canonical");
  return out;
}

}  // namespace florin::verify

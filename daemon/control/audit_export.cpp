#include "daemon/control/audit_export.h"

#include <algorithm>

#include "ledger/entry_proofs.h"
#include "ledger/export.h"
#include "ledger/tlog_export.h"

namespace florin::control {
namespace {

// A name is one path component that cannot be mistaken for an option or hidden.
Result<void> check_export_name(const std::string& name) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const bool good = !name.empty() && name.size() <= 64 && alphanumeric(name.front()) &&
                    std::all_of(name.begin(), name.end(), [&](char c) {
                      return alphanumeric(c) || c == '-' || c == '_' || c == '.';
                    });
  if (good) return {};
  return Error(Errc::malformed_value, "/name",
               "expected 1 to 64 letters, digits, hyphens, underscores and full stops");
}

bool is_empty(const PeriodAsked& asked) {
  return asked.from_seq.empty() && asked.to_seq.empty() && asked.from_day.empty() &&
         asked.to_day.empty();
}

struct SignedHead {
  std::uint64_t size = 0;
  std::string note;
};

Result<SignedHead> sign_head(const ledger::TenantLedger& ledger, Signer& signer) {
  SignedHead head;
  FLORIN_TRY(head.size, ledger.books->checkpoint(signer));
  FLORIN_TRY(std::optional<std::string> note, ledger.books->last_checkpoint());
  if (!note) return Error(Errc::unavailable, {}, "the ledger has no signed checkpoint yet");
  head.note = *std::move(note);
  return head;
}

Result<json::object> export_tiles(const ledger::TenantLedger& ledger, Signer& signer,
                                  const std::filesystem::path& directory, const SignedHead& head) {
  FLORIN_TRY(const ledger::TlogSummary summary,
             ledger::export_tlog(*ledger.books, directory, signer.public_key_der(), head.note));
  return json::object{{"directory", summary.directory.string()},
                      {"entries", summary.size},
                      {"from_seq", 0},
                      {"to_seq", summary.size - 1},
                      {"size", summary.size},
                      {"root", to_hex(summary.root)}};
}

}  // namespace

Result<json::object> export_audit(const ledger::TenantLedger& ledger, Signer& signer,
                                  const std::filesystem::path& parent, const ExportOrder& order) {
  const std::string& name = order.name;
  FLORIN_TRY_VOID(check_export_name(name));
  if (std::error_code error; std::filesystem::exists(parent / name, error)) {
    return Error(Errc::state_conflict, "/name", "an export of this name exists");
  }
  const bool tiles = order.form == "tiles";
  if (!tiles && !order.form.empty() && order.form != "package") {
    return Error(Errc::malformed_value, "/form", "expected package or tiles");
  }
  if (tiles && !is_empty(order.period)) {
    return Error(Errc::malformed_value, "/form", "tiles are of the whole ledger");
  }
  FLORIN_TRY(const SignedHead head, sign_head(ledger, signer));
  if (tiles) return export_tiles(ledger, signer, parent / name, head);
  FLORIN_TRY(const Period period, find_period(*ledger.books, head.size, order.period));
  FLORIN_TRY(ledger::ExportSummary summary,
             ledger::export_package(
                 *ledger.books,
                 {.directory = parent / name, .from_seq = period.from_seq, .to_seq = period.to_seq},
                 signer.public_key_der(), head.note));
  return json::object{{"directory", summary.directory.string()},
                      {"entries", summary.entries},
                      {"from_seq", summary.from_seq},
                      {"to_seq", summary.to_seq},
                      {"size", summary.size},
                      {"root", to_hex(summary.root)},
                      {"sha256", to_hex(summary.sums_sha256)}};
}

Result<json::object> prove_audit(const ledger::TenantLedger& ledger, Signer& signer,
                                 const Uuid& subject) {
  FLORIN_TRY(const SignedHead head, sign_head(ledger, signer));
  FLORIN_TRY(const ledger::SubjectProof proof,
             ledger::prove_subject(*ledger.books, subject, signer.public_key_der(), head.note));
  return json::object{{"entries", proof.entries},
                      {"size", proof.size},
                      {"root", to_hex(proof.root)},
                      {"proof", proof.text}};
}

}  // namespace florin::control

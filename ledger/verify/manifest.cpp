#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/json.h"
#include "ledger/verify/package_text.h"
#include "ledger/verify/text_writer.h"

namespace florin::verify {
namespace {

Error malformed(std::string_view what) {
  return Error(Errc::malformed_value, {}, std::string(what));
}

template <class Number>
std::string number_or_null(const std::optional<Number>& value) {
  return value ? fmt::format("{}", *value) : "null";
}

// A whole number, or null for none.
template <class Number>
void read_nullable(json::Reader& reader, std::string_view name, std::optional<Number>& out) {
  const json::value* const found = reader.member(name);
  if (found == nullptr || found->is_null()) return;
  const std::int64_t value = found->is_int64() ? found->get_int64() : 0;
  // What does not fit is found when the manifest is written again.
  out = static_cast<Number>(value);
}

void read_opening(json::Reader& reader, Manifest& out) {
  read_nullable(reader, "opening_booked_at", out.opening_booked_at);
  out.opening_clock = reader.integer("opening_clock").value_or(0);
  read_nullable(reader, "opening_locked_through", out.opening_locked_through);
  out.opening_recovering = reader.boolean("opening_recovering").value_or(false);
}

Result<void> check_manifest(const Manifest& manifest) {
  if (!Uuid::parse(manifest.tenant).ok()) return malformed("tenant: not an identifier");
  if (manifest.from_seq > manifest.to_seq || manifest.to_seq >= manifest.size ||
      manifest.entries != manifest.to_seq - manifest.from_seq + 1) {
    return malformed("the period does not fit the size");
  }
  const bool begins = manifest.from_seq == 0;
  if (begins != !manifest.opening_booked_at) {
    return malformed("opening_booked_at: there is an entry before, or there is none");
  }
  if (manifest.opening_booked_at.value_or(0) < 0 || manifest.opening_clock < 0 ||
      manifest.opening_clock > manifest.opening_booked_at.value_or(0)) {
    return malformed("the opening times do not fit");
  }
  const bool empty = manifest.opening_accounts + manifest.opening_holds +
                             manifest.opening_reversed + manifest.earlier_entries ==
                         0 &&
                     !manifest.opening_locked_through && !manifest.opening_recovering;
  if (begins && !empty) return malformed("a package from entry 0 on has no opening position");
  return {};
}

}  // namespace

std::string manifest_text(const Manifest& manifest) {
  std::string origin;
  TextWriter(origin).quoted(manifest.origin);
  return fmt::format(
             "{{\n  \"format\": \"{}\",\n  \"tenant\": \"{}\",\n  \"mode\": \"{}\",\n"
             "  \"origin\": {},\n  \"from_seq\": {},\n  \"to_seq\": {},\n  \"size\": {},\n"
             "  \"root\": \"{}\",\n  \"evaluation\": {},\n  \"entries\": {},\n"
             "  \"postings\": {},\n  \"accounts\": {},\n",
             kPackageFormat, manifest.tenant, manifest.mode, origin, manifest.from_seq,
             manifest.to_seq, manifest.size, to_hex(manifest.root), manifest.evaluation,
             manifest.entries, manifest.postings, manifest.accounts) +
         fmt::format(
             "  \"opening_accounts\": {},\n  \"opening_holds\": {},\n  \"opening_reversed\": {},\n"
             "  \"opening_booked_at\": {},\n  \"opening_clock\": {},\n"
             "  \"opening_locked_through\": {},\n  \"opening_recovering\": {},\n"
             "  \"earlier_entries\": {}\n}}\n",
             manifest.opening_accounts, manifest.opening_holds, manifest.opening_reversed,
             number_or_null(manifest.opening_booked_at), manifest.opening_clock,
             number_or_null(manifest.opening_locked_through), manifest.opening_recovering,
             manifest.earlier_entries);
}

Result<Manifest> parse_manifest(std::string_view text) {
  FLORIN_TRY(const json::value document, json::parse(text));
  json::Reader reader(document);
  const auto number = [&](std::string_view name) {
    return static_cast<std::uint64_t>(reader.integer(name).value_or(0));
  };
  Manifest out;
  (void)reader.text("format", 64);
  out.tenant = reader.text("tenant", 26).value_or("");
  out.mode = reader.text("mode", 16).value_or("");
  out.origin = reader.text("origin", 255).value_or("");
  out.from_seq = number("from_seq");
  out.to_seq = number("to_seq");
  out.size = number("size");
  const auto root = from_hex(reader.text("root", 64).value_or(""));
  if (!root.ok() || root->size() != out.root.size()) return malformed("root: not a hash");
  std::copy(root->begin(), root->end(), out.root.begin());
  out.evaluation = reader.boolean("evaluation").value_or(false);
  out.entries = number("entries");
  out.postings = number("postings");
  out.accounts = number("accounts");
  out.opening_accounts = number("opening_accounts");
  out.opening_holds = number("opening_holds");
  out.opening_reversed = number("opening_reversed");
  read_opening(reader, out);
  out.earlier_entries = number("earlier_entries");
  const auto errors = reader.finish();
  if (!errors.empty()) return malformed(errors[0].field() + ": " + errors[0].message());
  // Format, order and spelling are settled by writing it again.
  if (manifest_text(out) != text) return malformed("not spelled as this format spells it");
  FLORIN_TRY_VOID(check_manifest(out));
  return out;
}

}  // namespace florin::verify

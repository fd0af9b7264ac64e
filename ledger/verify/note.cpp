#include "ledger/verify/note.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "base/signature.h"
#include "ledger/verify/numbers.h"

namespace florin::verify {
namespace {

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // U+2014 and a blank
constexpr std::size_t kMaxOriginBytes = 255;

Error bad_line(int line, std::string_view what) {
  return Error(Errc::malformed_value, {}, fmt::format("line {}: {}", line, what));
}

// Takes one line with its line feed off the front.
Result<std::string_view> take_line(std::string_view& rest, int line) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return bad_line(line, "no line feed");
  const std::string_view out = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return out;
}

// A key name: printable, without blanks and plus signs.
bool is_origin(std::string_view text) {
  return !text.empty() && text.size() <= kMaxOriginBytes &&
         std::all_of(text.begin(), text.end(),
                     [](char letter) { return letter > 0x20 && letter < 0x7F && letter != '+'; });
}

Result<Checkpoint> parse_checkpoint(std::string_view& rest) {
  Checkpoint out;
  FLORIN_TRY(const std::string_view origin, take_line(rest, 1));
  if (!is_origin(origin)) return bad_line(1, "not an origin");
  out.origin = std::string(origin);
  FLORIN_TRY(const std::string_view size, take_line(rest, 2));
  const auto number = parse_u64(size);
  if (!number) return bad_line(2, "not a size");
  out.size = *number;
  FLORIN_TRY(const std::string_view root, take_line(rest, 3));
  const auto bytes = from_base64(root);
  if (!bytes.ok() || bytes->size() != out.root.size()) return bad_line(3, "not a root hash");
  std::copy(bytes->begin(), bytes->end(), out.root.begin());
  return out;
}

}  // namespace

ByteArray<4> note_key_hash(BytesView public_key_der) {
  const Hash32 digest = sha256(public_key_der);
  return {digest[0], digest[1], digest[2], digest[3]};
}

std::string checkpoint_text(const Checkpoint& checkpoint) {
  return fmt::format("{}\n{}\n{}\n", checkpoint.origin, checkpoint.size,
                     to_base64(checkpoint.root));
}

std::string format_note(const Checkpoint& checkpoint, BytesView public_key_der,
                        BytesView signature_der) {
  ByteWriter blob;
  blob.raw(note_key_hash(public_key_der));
  blob.raw(signature_der);
  return fmt::format("{}\n{}{} {}\n", checkpoint_text(checkpoint), kDash, checkpoint.origin,
                     to_base64(blob.view()));
}

Result<SignedNote> parse_note(std::string_view text) {
  if (text.size() > kMaxNoteFileBytes) return bad_line(1, "the note is too long");
  SignedNote out;
  std::string_view rest = text;
  FLORIN_TRY(out.checkpoint, parse_checkpoint(rest));
  out.text = std::string(text.substr(0, text.size() - rest.size()));
  FLORIN_TRY(const std::string_view blank, take_line(rest, 4));
  if (!blank.empty()) return bad_line(4, "the empty line is missing");
  FLORIN_TRY(std::string_view line, take_line(rest, 5));
  if (!rest.empty()) return bad_line(6, "only one signature is taken");
  const std::string prefix = fmt::format("{}{} ", kDash, out.checkpoint.origin);
  if (!line.starts_with(prefix)) return bad_line(5, "not a signature line of this origin");
  line.remove_prefix(prefix.size());
  const auto blob = from_base64(line);
  if (!blob.ok() || blob->size() <= out.key_hash.size()) return bad_line(5, "not a signature");
  std::copy_n(blob->begin(), out.key_hash.size(), out.key_hash.begin());
  out.signature_der.assign(blob->begin() + static_cast<std::ptrdiff_t>(out.key_hash.size()),
                           blob->end());
  return out;
}

Result<void> verify_note(const SignedNote& note, BytesView public_key_der) {
  if (note.key_hash != note_key_hash(public_key_der)) {
    return Error(Errc::signature_invalid, {}, "signed with another key");
  }
  if (!verify_ecdsa_p256(public_key_der, view_of(note.text), note.signature_der).ok()) {
    return Error(Errc::signature_invalid, {}, "the signature does not fit the text");
  }
  return {};
}

}  // namespace florin::verify

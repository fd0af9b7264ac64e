#include "ledger/verify/entry_proof.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "ledger/verify/numbers.h"

namespace florin::verify {
namespace {

constexpr std::string_view kHeader = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
constexpr std::string_view kFileFormat = "ledger-proof/1";
constexpr std::size_t kMaxPath = 63;

Error bad_line(std::size_t line, std::string_view what) {
  return Error(Errc::malformed_value, {}, fmt::format("line {}: {}", line, what));
}

/// Takes lines off the front of a text.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  Result<std::string_view> take() {
    ++number_;
    const std::size_t end = rest_.find('\n');
    if (end == std::string_view::npos) return bad_line(number_, "no line feed");
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    return line;
  }
  [[nodiscard]] Error bad(std::string_view what) const { return bad_line(number_, what); }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
  std::size_t number_ = 0;
};

Result<Hash32> parse_hash(const Lines& lines, std::string_view line) {
  const auto bytes = from_base64(line);
  Hash32 hash{};
  if (!bytes.ok() || bytes->size() != hash.size()) return lines.bad("not a hash");
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

std::string text_of_member(const json::object& object, std::string_view name) {
  const json::value* member = object.if_contains(name);
  if (member == nullptr || !member->is_string()) return {};
  return std::string(std::string_view(member->get_string()));
}

}  // namespace

std::string entry_proof_text(const EntryProof& proof, std::string_view checkpoint) {
  std::string out =
      fmt::format("{}\n{}{}\n{}{}\n", kHeader, kExtra, to_base64(proof.leaf), kIndex, proof.seq);
  for (const Hash32& hash : proof.path) out += to_base64(hash) + "\n";
  return out + "\n" + std::string(checkpoint);
}

Result<EntryProof> parse_entry_proof(std::string_view text, std::string& checkpoint) {
  EntryProof out;
  Lines lines(text);
  FLORIN_TRY(const std::string_view header, lines.take());
  if (header != kHeader) return lines.bad("not a proof of c2sp.org/tlog-proof, version 1");
  FLORIN_TRY(std::string_view extra, lines.take());
  if (!extra.starts_with(kExtra)) return lines.bad("the entry is missing");
  extra.remove_prefix(kExtra.size());
  auto leaf = from_base64(extra);
  if (!leaf.ok() || leaf->empty() || leaf->size() > kMaxLeafBytes) {
    return lines.bad("not an entry in base64");
  }
  out.leaf = std::move(leaf).value();
  FLORIN_TRY(std::string_view index, lines.take());
  if (!index.starts_with(kIndex)) return lines.bad("the index is missing");
  index.remove_prefix(kIndex.size());
  const auto seq = parse_u64(index);
  if (!seq) return lines.bad("not an index");
  out.seq = *seq;
  FLORIN_TRY(std::string_view line, lines.take());
  while (!line.empty()) {
    if (out.path.size() == kMaxPath) return lines.bad("more hashes than any tree needs");
    FLORIN_TRY(const Hash32 hash, parse_hash(lines, line));
    out.path.push_back(hash);
    FLORIN_TRY(line, lines.take());
  }
  checkpoint = std::string(lines.rest());
  return out;
}

std::string proof_file_text(const ProofFile& file) {
  json::array proofs;
  for (const EntryProof& proof : file.entries) {
    proofs.emplace_back(entry_proof_text(proof, file.checkpoint));
  }
  return json::write(json::object{{"format", kFileFormat},
                                  {"subject", file.subject.text()},
                                  {"public_key", file.public_key_pem},
                                  {"proofs", std::move(proofs)}});
}

Result<ProofFile> parse_proof_file(std::string_view text) {
  FLORIN_TRY(const json::value document, json::parse(text, {.bytes = kMaxProofFileBytes}));
  const json::object* object = document.if_object();
  const auto bad = [](std::string_view member, std::string_view what) {
    return Error(Errc::malformed_value, "/" + std::string(member), std::string(what));
  };
  if (object == nullptr || text_of_member(*object, "format") != kFileFormat) {
    return bad("format", fmt::format("is not {}", kFileFormat));
  }
  if (object->size() != 4) return bad("", "has other members than a proof");
  ProofFile out;
  const auto subject = Uuid::parse(text_of_member(*object, "subject"));
  if (!subject.ok()) return bad("subject", "is not an identifier");
  out.subject = *subject;
  out.public_key_pem = text_of_member(*object, "public_key");
  if (out.public_key_pem.empty()) return bad("public_key", "is missing");
  const json::value* proofs = object->if_contains("proofs");
  const json::array* list = proofs == nullptr ? nullptr : proofs->if_array();
  if (list == nullptr || list->empty() || list->size() > kMaxProofEntries) {
    return bad("proofs", fmt::format("is not a list of 1 to {} proofs", kMaxProofEntries));
  }
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string place = fmt::format("proofs/{}", i);
    const json::value& item = (*list)[i];
    if (!item.is_string()) return bad(place, "is not a text");
    std::string checkpoint;
    auto proof = parse_entry_proof(std::string_view(item.get_string()), checkpoint);
    if (!proof.ok()) return std::move(proof).error().in_field("/" + place);
    if (i > 0 && checkpoint != out.checkpoint) return bad(place, "has another checkpoint");
    if (i > 0 && proof->seq <= out.entries.back().seq) return bad(place, "is out of order");
    out.checkpoint = std::move(checkpoint);
    out.entries.push_back(std::move(proof).value());
  }
  return out;
}

}  // namespace florin::verify

#include "ledger/verify/leaf.h"

#include <fmt/format.h>

#include <algorithm>

namespace florin::verify {
namespace {

constexpr std::size_t kHeaderBytes = 160;
constexpr std::size_t kPostingBytes = 64;
constexpr std::size_t kMaxTlvs = 255;

enum class Tag : std::uint16_t {
  account_opened = 1,
  hold = 2,
  actor = 3,
  flags = 4,
  note = 5,
};

// Reads the leaf from front to back and remembers the first thing that is wrong.
class Decoder {
 public:
  explicit Decoder(BytesView bytes) : size_(bytes.size()), reader_(bytes) {}

  Result<Leaf> run() {
    if (size_ < kHeaderBytes || size_ > kMaxLeafBytes) {
      return refusal(0, fmt::format("a leaf of {} bytes; allowed are {} to {}", size_, kHeaderBytes,
                                    kMaxLeafBytes));
    }
    header();
    for (std::size_t i = 0; i < posting_count_ && !error_; ++i) posting();
    for (std::size_t i = 0; i < tlv_count_ && !error_; ++i) tlv();
    if (!error_ && reader_.remaining() != 0) fail("bytes behind the last TLV");
    if (error_) return std::move(*error_);
    return std::move(leaf_);
  }

 private:
  [[nodiscard]] std::size_t at() const { return size_ - reader_.remaining(); }
  static Error refusal(std::size_t byte, std::string_view what) {
    return Error(Errc::ledger_record_invalid, {}, fmt::format("leaf byte {}: {}", byte, what));
  }
  // Names the byte where the item at fault began; the first failure is the one that is told.
  void fail_at(std::size_t byte, std::string_view what) {
    if (!error_) error_ = refusal(byte, what);
  }
  void fail(std::string_view what) { fail_at(at(), what); }
  template <class Value>
  void expect(Value found, Value wanted, std::size_t byte, std::string_view what) {
    if (found != wanted) fail_at(byte, what);
  }
  template <class Enum>
  Enum choice(Enum lowest, Enum highest, std::string_view what) {
    const std::size_t byte = at();
    const std::uint8_t value = reader_.u8();
    if (value < static_cast<std::uint8_t>(lowest) || value > static_cast<std::uint8_t>(highest)) {
      fail_at(byte, fmt::format("{} {} is not known", what, value));
      return lowest;
    }
    return static_cast<Enum>(value);
  }
  void reserved(std::size_t count) {
    const std::size_t byte = at();
    const BytesView bytes = reader_.raw(count);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (bytes[i] != 0) fail_at(byte + i, "a reserved byte is not zero");
    }
  }
  Uuid uuid() { return Uuid{reader_.array<16>()}; }

  void header() {
    expect<int>(reader_.u8(), 'F', 0, "no leaf begins here");
    expect<int>(reader_.u8(), 'L', 1, "no leaf begins here");
    expect<int>(reader_.u8(), 1, 2, "an unknown format");
    leaf_.type = reader_.u8();
    if (leaf_.type == 0) fail_at(3, "entry type 0 is not known");
    expect<std::size_t>(reader_.u32(), size_, 4, "the length is not that of the leaf");
    leaf_.seq = reader_.u64();
    leaf_.tenant = uuid();
    leaf_.mode = choice(Mode::system, Mode::live, "mode");
    leaf_.origin = choice(Origin::command, Origin::system, "origin");
    posting_count_ = reader_.u8();
    if (posting_count_ > kMaxPostings) fail_at(34, "too many postings");
    tlv_count_ = reader_.u8();
    leaf_.effective_day = static_cast<std::int32_t>(reader_.u32());
    leaf_.booked_at = reader_.i64();
    if (leaf_.booked_at < 0) fail_at(40, "booked before 1970");
    leaf_.entry_id = uuid();
    leaf_.subject = uuid();
    leaf_.previous_leaf = reader_.array<32>();
    leaf_.body_commitment = reader_.array<32>();
    leaf_.fingerprint = reader_.array<16>();
  }

  void posting() {
    if (reader_.remaining() < kPostingBytes) return fail("the leaf ends inside a posting");
    const std::size_t byte = at();
    Posting posting;
    posting.account = reader_.u64();
    posting.amount = reader_.u64();
    posting.asset = reader_.u16();
    posting.side = choice(Side::debit, Side::credit, "side");
    posting.layer = choice(Layer::posted, Layer::pending, "layer");
    reserved(4);
    posting.party = uuid();
    posting.previous = reader_.u64();
    const Uint128 low = reader_.u64();
    posting.total = (Uint128{reader_.u64()} << 64U) | low;
    if (posting.account == 0) fail_at(byte, "account 0 does not exist");
    if (posting.amount == 0) fail_at(byte + 8, "an amount of zero");
    leaf_.postings.push_back(posting);
  }

  void tlv() {
    const std::size_t byte = at();
    if (reader_.remaining() < 4) return fail("the leaf ends inside a TLV");
    const std::uint16_t tag = reader_.u16();
    const std::uint16_t length = reader_.u16();
    if (length > reader_.remaining()) return fail_at(byte + 2, "a TLV longer than the leaf");
    // Accounts and holds may be several; the others stand once.
    const bool repeats = tag == last_tag_ && tag <= static_cast<std::uint16_t>(Tag::hold);
    if (tag <= last_tag_ && !repeats) return fail_at(byte, "tags are not ascending");
    last_tag_ = tag;
    switch (static_cast<Tag>(tag)) {
      case Tag::account_opened:
        return sized(byte, length, 40, &Decoder::account_opened);
      case Tag::hold:
        return sized(byte, length, 32, &Decoder::hold);
      case Tag::actor:
        return sized(byte, length, 17, &Decoder::actor);
      case Tag::flags:
        return sized(byte, length, 4, &Decoder::flags);
      case Tag::note:
        return note(length);
    }
    fail_at(byte, fmt::format("tag {} is not known", tag));
  }
  void sized(std::size_t byte, std::size_t length, std::size_t wanted, void (Decoder::*read)()) {
    if (length != wanted) return fail_at(byte + 2, "a TLV of the wrong length");
    (this->*read)();
  }
  void account_opened() {
    const std::size_t byte = at();
    AccountOpening opening;
    opening.number = reader_.u64();
    opening.code = reader_.u16();
    opening.asset = reader_.u16();
    opening.exponent = reader_.u8();
    reserved(3);
    opening.owner = uuid();
    opening.parent = reader_.u64();
    if (opening.number == 0) fail_at(byte, "account 0 does not exist");
    leaf_.openings.push_back(opening);
  }
  void hold() {
    HoldChange change;
    change.hold = uuid();
    change.operation = choice(HoldOperation::open, HoldOperation::refund, "hold operation");
    reserved(1);
    change.asset = reader_.u16();
    reserved(4);
    change.amount = reader_.u64();
    leaf_.holds.push_back(change);
  }
  void actor() {
    const ActorKind kind = choice(ActorKind::system, ActorKind::person, "actor kind");
    leaf_.actor = Actor{kind, uuid()};
  }
  void flags() {
    const std::size_t byte = at();
    leaf_.flags = reader_.u32();
    if (leaf_.flags == 0) fail_at(byte, "flags without a flag");
    if ((leaf_.flags & ~(kFlagEvaluation | kFlagLimitPassed)) != 0) {
      fail_at(byte, "a flag is not known");
    }
  }
  void note(std::size_t length) {
    if (length == 0 || length > kMaxNoteBytes) return fail("a note of the wrong length");
    const std::size_t byte = at();
    const BytesView text = reader_.raw(length);
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] < 0x20 || text[i] > 0x7E) fail_at(byte + i, "not printable ASCII");
    }
    leaf_.note = std::string(text_of(text));
  }

  std::size_t size_;
  ByteReader reader_;
  Leaf leaf_;
  std::size_t posting_count_ = 0;
  std::size_t tlv_count_ = 0;
  std::uint16_t last_tag_ = 0;
  std::optional<Error> error_;
};

void begin_tlv(ByteWriter& out, Tag tag, std::size_t length) {
  out.u16(static_cast<std::uint16_t>(tag));
  out.u16(static_cast<std::uint16_t>(length));
}

void write_posting(ByteWriter& out, const Posting& posting) {
  out.u64(posting.account);
  out.u64(posting.amount);
  out.u16(posting.asset);
  out.u8(static_cast<std::uint8_t>(posting.side));
  out.u8(static_cast<std::uint8_t>(posting.layer));
  out.u32(0);
  out.raw(posting.party.view());
  out.u64(posting.previous);
  out.u64(static_cast<std::uint64_t>(posting.total));
  out.u64(static_cast<std::uint64_t>(posting.total >> 64U));
}

void write_tlvs(ByteWriter& out, const Leaf& leaf) {
  for (const AccountOpening& opening : leaf.openings) {
    begin_tlv(out, Tag::account_opened, 40);
    out.u64(opening.number);
    out.u16(opening.code);
    out.u16(opening.asset);
    out.u8(opening.exponent);
    out.raw(ByteArray<3>{});
    out.raw(opening.owner.view());
    out.u64(opening.parent);
  }
  for (const HoldChange& change : leaf.holds) {
    begin_tlv(out, Tag::hold, 32);
    out.raw(change.hold.view());
    out.u8(static_cast<std::uint8_t>(change.operation));
    out.u8(0);
    out.u16(change.asset);
    out.u32(0);
    out.u64(change.amount);
  }
  if (leaf.actor) {
    begin_tlv(out, Tag::actor, 17);
    out.u8(static_cast<std::uint8_t>(leaf.actor->kind));
    out.raw(leaf.actor->id.view());
  }
  if (leaf.flags != 0) {
    begin_tlv(out, Tag::flags, 4);
    out.u32(leaf.flags);
  }
  if (!leaf.note.empty()) {
    begin_tlv(out, Tag::note, leaf.note.size());
    out.raw(view_of(leaf.note));
  }
}

std::size_t tlv_count(const Leaf& leaf) {
  return leaf.openings.size() + leaf.holds.size() + (leaf.actor ? 1U : 0U) +
         (leaf.flags != 0 ? 1U : 0U) + (leaf.note.empty() ? 0U : 1U);
}

}  // namespace

Result<Leaf> decode_leaf(BytesView bytes) {
  return Decoder(bytes).run();
}

Bytes encode_leaf(const Leaf& leaf) {
  FLORIN_ASSERT(leaf.postings.size() <= kMaxPostings && tlv_count(leaf) <= kMaxTlvs);
  ByteWriter tail;
  for (const Posting& posting : leaf.postings) write_posting(tail, posting);
  write_tlvs(tail, leaf);
  ByteWriter out;
  out.raw(view_of("FL"));
  out.u8(1);
  out.u8(leaf.type);
  out.u32(static_cast<std::uint32_t>(kHeaderBytes + tail.size()));
  out.u64(leaf.seq);
  out.raw(leaf.tenant.view());
  out.u8(static_cast<std::uint8_t>(leaf.mode));
  out.u8(static_cast<std::uint8_t>(leaf.origin));
  out.u8(static_cast<std::uint8_t>(leaf.postings.size()));
  out.u8(static_cast<std::uint8_t>(tlv_count(leaf)));
  out.u32(static_cast<std::uint32_t>(leaf.effective_day));
  out.i64(leaf.booked_at);
  out.raw(leaf.entry_id.view());
  out.raw(leaf.subject.view());
  out.raw(leaf.previous_leaf);
  out.raw(leaf.body_commitment);
  out.raw(leaf.fingerprint);
  out.raw(tail.view());
  return std::move(out).take();
}

}  // namespace florin::verify

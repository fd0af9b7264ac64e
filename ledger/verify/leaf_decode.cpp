#include <fmt/format.h>

#include <algorithm>

#include "ledger/verify/leaf.h"
#include "ledger/verify/leaf_layout.h"

namespace florin::verify {
namespace {

constexpr std::uint32_t kKnownFlags = kFlagEvaluation | kFlagLimitPassed;

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
  std::uint64_t account_number() {
    const std::size_t byte = at();
    const std::uint64_t number = reader_.u64();
    if (number == 0) fail_at(byte, "account 0 does not exist");
    return number;
  }
  std::int64_t time() {
    const std::size_t byte = at();
    const std::int64_t value = reader_.i64();
    if (value < 0) fail_at(byte, "a time before 1970");
    return value;
  }

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
    leaf_.postings.reserve(std::min<std::size_t>(posting_count_, kMaxPostings));
  }

  void posting() {
    if (reader_.remaining() < kPostingBytes) return fail("the leaf ends inside a posting");
    Posting posting;
    posting.account = account_number();
    const std::size_t amount_byte = at();
    posting.amount = reader_.u64();
    if (posting.amount == 0) fail_at(amount_byte, "an amount of zero");
    posting.asset = reader_.u16();
    posting.side = choice(Side::debit, Side::credit, "side");
    posting.layer = choice(Layer::posted, Layer::pending, "layer");
    reserved(4);
    posting.party = uuid();
    posting.previous = reader_.u64();
    const Uint128 low = reader_.u64();
    posting.total = (Uint128{reader_.u64()} << 64U) | low;
    leaf_.postings.push_back(posting);
  }

  void tlv() {
    const std::size_t byte = at();
    if (reader_.remaining() < 4) return fail("the leaf ends inside a TLV");
    const std::uint16_t number = reader_.u16();
    const std::uint16_t length = reader_.u16();
    if (length > reader_.remaining()) return fail_at(byte + 2, "a TLV longer than the leaf");
    if (number == 0 || number > static_cast<std::uint16_t>(Tag::recovery)) {
      return fail_at(byte, fmt::format("tag {} is not known", number));
    }
    const Tag tag = static_cast<Tag>(number);
    if (number < last_tag_ || (number == last_tag_ && !may_repeat(tag))) {
      return fail_at(byte, "tags are not ascending");
    }
    last_tag_ = number;
    if (tag == Tag::note) return note(length);
    if (length != value_bytes(tag)) return fail_at(byte + 2, "a TLV of the wrong length");
    value_of(tag);
  }
  void value_of(Tag tag) {
    switch (tag) {
      case Tag::account_opened:
        return account_opened();
      case Tag::hold:
        return hold();
      case Tag::actor:
        leaf_.actor.emplace();
        leaf_.actor->kind = choice(ActorKind::system, ActorKind::person, "actor kind");
        leaf_.actor->id = uuid();
        return;
      case Tag::flags:
        return flags();
      case Tag::account_flags:
        return account_flags();
      case Tag::redirection:
        return redirection();
      case Tag::meant_day:
        leaf_.meant_day = static_cast<std::int32_t>(reader_.u32());
        return;
      case Tag::reverses:
        leaf_.reverses.emplace();
        leaf_.reverses->seq = reader_.u64();
        leaf_.reverses->entry_id = uuid();
        return;
      case Tag::approval:
        return approval();
      case Tag::lock:
        leaf_.lock_through = static_cast<std::int32_t>(reader_.u32());
        return;
      case Tag::clock:
        leaf_.clock = time();
        return;
      case Tag::recovery:
        return recovery();
      case Tag::note:
        return;
    }
  }
  void account_opened() {
    AccountOpening opening;
    opening.number = account_number();
    opening.code = reader_.u16();
    opening.asset = reader_.u16();
    opening.exponent = reader_.u8();
    reserved(3);
    opening.owner = uuid();
    opening.parent = reader_.u64();
    leaf_.openings.push_back(opening);
  }
  void hold() {
    HoldChange change;
    change.hold = uuid();
    change.operation = choice(HoldOperation::open, HoldOperation::expire, "hold operation");
    const std::size_t sign_byte = at();
    const std::uint8_t sign = reader_.u8();
    if (sign > 1) fail_at(sign_byte, fmt::format("sign {} is not known", sign));
    change.takes_back = sign == 1;
    change.asset = reader_.u16();
    reserved(4);
    const std::size_t amount_byte = at();
    change.amount = reader_.u64();
    if (change.amount == 0 && change.operation != HoldOperation::expire) {
      fail_at(amount_byte, "an amount of zero");
    }
    const std::size_t expiry_byte = at();
    change.expires_at = time();
    const bool may_expire =
        change.operation == HoldOperation::open || change.operation == HoldOperation::increase;
    if (change.expires_at != 0 && !may_expire) {
      fail_at(expiry_byte, "an expiry where nothing is opened or increased");
    }
    leaf_.holds.push_back(change);
  }
  void flags() {
    const std::size_t byte = at();
    leaf_.flags = reader_.u32();
    if (leaf_.flags == 0) fail_at(byte, "flags without a flag");
    if ((leaf_.flags & ~kKnownFlags) != 0) fail_at(byte, "a flag is not known");
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
  void account_flags() {
    AccountFlags change;
    const std::size_t byte = at();
    change.account = account_number();
    for (const AccountFlags& other : leaf_.account_flags) {
      if (other.account == change.account) fail_at(byte, "an account whose flags are set twice");
    }
    const std::size_t flags_byte = at();
    change.flags = reader_.u32();
    if ((change.flags & ~kKnownAccountFlags) != 0) {
      fail_at(flags_byte, "a flag of an account is not known");
    }
    reserved(4);
    leaf_.account_flags.push_back(change);
  }
  void redirection() {
    const std::size_t byte = at();
    Redirection redirection;
    redirection.posting = reader_.u8();
    if (redirection.posting >= leaf_.postings.size()) fail_at(byte, "there is no such posting");
    if (!leaf_.redirections.empty() && leaf_.redirections.back().posting >= redirection.posting) {
      fail_at(byte, "redirected postings are not ascending");
    }
    redirection.reason =
        choice(RedirectionReason::frozen, RedirectionReason::balance_limit, "reason");
    reserved(6);
    redirection.account = account_number();
    leaf_.redirections.push_back(redirection);
  }
  void approval() {
    if (leaf_.approvals.size() == kMaxApprovals) return fail("too many approvals");
    Approval approval;
    approval.person = uuid();
    approval.request = reader_.array<32>();
    leaf_.approvals.push_back(approval);
  }
  void recovery() {
    Recovery recovery;
    recovery.step = choice(RecoveryStep::restored, RecoveryStep::reopened, "recovery step");
    reserved(7);
    const std::size_t byte = at();
    recovery.signed_size = reader_.u64();
    recovery.signed_root = reader_.array<32>();
    if (recovery.step == RecoveryStep::reopened && recovery.signed_size != 0) {
      fail_at(byte, "a signed state where none is told");
    }
    if (recovery.signed_size == 0 && recovery.signed_root != Hash32{}) {
      fail_at(byte + 8, "a root of nothing");
    }
    leaf_.recovery = recovery;
  }

  std::size_t size_;
  ByteReader reader_;
  Leaf leaf_;
  std::size_t posting_count_ = 0;
  std::size_t tlv_count_ = 0;
  std::uint16_t last_tag_ = 0;
  std::optional<Error> error_;
};

}  // namespace

Result<Leaf> decode_leaf(BytesView bytes) {
  return Decoder(bytes).run();
}

}  // namespace florin::verify

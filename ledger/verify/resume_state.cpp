#include "ledger/verify/resume_state.h"

#include <fstream>
#include <sstream>
#include <system_error>

#include "base/hash.h"

namespace florin::verify {
namespace {

constexpr std::string_view kMagic = "verify-state/1\n";

void put(ByteWriter& out, Uint128 value) {
  out.u64(static_cast<std::uint64_t>(value));
  out.u64(static_cast<std::uint64_t>(value >> 64U));
}
Uint128 take_total(ByteReader& in) {
  const Uint128 low = in.u64();
  return (Uint128{in.u64()} << 64U) | low;
}

void put(ByteWriter& out, const LineReader::Place& place) {
  out.u64(place.byte);
  out.u64(place.lines_before);
}
LineReader::Place take_place(ByteReader& in) {
  LineReader::Place out;
  out.byte = in.u64();
  out.lines_before = in.u64();
  return out;
}

Uuid take_id(ByteReader& in) {
  return Uuid{in.array<16>()};
}

// A count of items of at least `bytes` each; more than can follow is a failure.
std::uint64_t take_count(ByteReader& in, std::size_t bytes) {
  const std::uint64_t count = in.u64();
  if (count > in.remaining() / bytes) in.fail();
  return in.ok() ? count : 0;
}

void put(ByteWriter& out, const AccountState& account) {
  const AccountOpening& opening = account.opening;
  out.u64(opening.number);
  out.u16(opening.code);
  out.u16(opening.asset);
  out.u8(opening.exponent);
  out.raw(opening.owner.view());
  out.u64(opening.parent);
  out.u64(account.opened_seq);
  for (const Side side : {Side::debit, Side::credit}) {
    for (const Layer layer : {Layer::posted, Layer::pending}) {
      put(out, account.totals.of(side, layer));
    }
  }
  out.u64(account.totals.last);
  out.u32(account.flags);
}
AccountState take_account(ByteReader& in) {
  AccountState out;
  out.opening.number = in.u64();
  out.opening.code = in.u16();
  out.opening.asset = in.u16();
  out.opening.exponent = in.u8();
  out.opening.owner = take_id(in);
  out.opening.parent = in.u64();
  out.opened_seq = in.u64();
  for (const Side side : {Side::debit, Side::credit}) {
    for (const Layer layer : {Layer::posted, Layer::pending}) {
      out.totals.of(side, layer) = take_total(in);
    }
  }
  out.totals.last = in.u64();
  out.flags = in.u32();
  return out;
}

void put(ByteWriter& out, const Uuid& id, const HoldState& hold) {
  out.raw(id.view());
  out.u16(hold.asset);
  out.u64(hold.authorized);
  out.u64(hold.captured);
  out.u64(hold.released);
  out.u64(hold.refunded);
  out.i64(hold.expires_at);
  out.u8(hold.limit_passed ? 1 : 0);
  out.u64(hold.legs.size());
  for (const HoldLeg& leg : hold.legs) {
    out.u64(leg.account);
    out.raw(leg.party.view());
    put(out, static_cast<Uint128>(leg.net));
  }
}
void take_hold(ByteReader& in, HoldMap& holds) {
  const Uuid id = take_id(in);
  HoldState hold;
  hold.asset = in.u16();
  hold.authorized = in.u64();
  hold.captured = in.u64();
  hold.released = in.u64();
  hold.refunded = in.u64();
  hold.expires_at = in.i64();
  hold.limit_passed = in.u8() == 1;
  const std::uint64_t legs = take_count(in, 40);
  for (std::uint64_t i = 0; i < legs; ++i) {
    HoldLeg leg;
    leg.account = in.u64();
    leg.party = take_id(in);
    leg.net = static_cast<Int128>(take_total(in));
    hold.legs.push_back(leg);
  }
  holds.emplace(id, std::move(hold));
}

void put(ByteWriter& out, const Position& position) {
  out.u64(position.next_seq);
  out.raw(position.tenant.view());
  out.u8(static_cast<std::uint8_t>(position.mode));
  out.raw(position.previous_leaf);
  out.i64(position.booked_at);
  out.i64(position.clock);
  out.u8(position.locked_through ? 1 : 0);
  out.u32(static_cast<std::uint32_t>(position.locked_through.value_or(0)));
  out.u8(position.recovering ? 1 : 0);
  out.u64(position.accounts.size());
  for (const AccountState& account : position.accounts) put(out, account);
  out.u64(position.holds.size());
  for (const auto& [id, hold] : position.holds) put(out, id, hold);
  out.u64(position.reversed.size());
  for (const std::uint64_t seq : position.reversed) out.u64(seq);
}
Position take_position(ByteReader& in) {
  Position out;
  out.next_seq = in.u64();
  out.tenant = take_id(in);
  const std::uint8_t mode = in.u8();
  if (mode > static_cast<std::uint8_t>(Mode::live)) in.fail();
  out.mode = static_cast<Mode>(mode);
  out.previous_leaf = in.array<32>();
  out.booked_at = in.i64();
  out.clock = in.i64();
  const bool locked = in.u8() == 1;
  const auto locked_through = static_cast<std::int32_t>(in.u32());
  if (locked) out.locked_through = locked_through;
  out.recovering = in.u8() == 1;
  const std::uint64_t accounts = take_count(in, 121);
  out.accounts.reserve(accounts);
  for (std::uint64_t i = 0; i < accounts; ++i) out.accounts.push_back(take_account(in));
  const std::uint64_t holds = take_count(in, 67);
  out.holds.reserve(holds);
  for (std::uint64_t i = 0; i < holds; ++i) take_hold(in, out.holds);
  const std::uint64_t reversed = take_count(in, 8);
  for (std::uint64_t i = 0; i < reversed; ++i) out.reversed.insert(out.reversed.end(), in.u64());
  return out;
}

}  // namespace

Bytes encode_resume_state(const Hash32& package, const ReadingPlaces& places,
                          const Position& position) {
  ByteWriter out;
  out.raw(view_of(kMagic));
  out.raw(package);
  put(out, places.entries);
  put(out, places.accounts);
  put(out, places.postings);
  put(out, places.earlier.before);
  out.u64(places.earlier.index.size());
  for (const std::uint64_t byte : places.earlier.index) out.u64(byte);
  out.u64(places.entries_done);
  out.u64(places.postings_done);
  out.u8(places.evaluation ? (*places.evaluation ? 2 : 1) : 0);
  put(out, position);
  out.raw(sha256(out.view()));
  return std::move(out).take();
}

Result<ResumeState> decode_resume_state(BytesView bytes, const Hash32& package) {
  const Error damaged(Errc::malformed_value, {}, "is damaged");
  const Error no_state(Errc::malformed_value, {}, "is not a state of a verification");
  if (!text_of(bytes).starts_with(kMagic)) return no_state;
  if (bytes.size() < kMagic.size() + 2 * sizeof(Hash32)) return damaged;
  const BytesView content = bytes.first(bytes.size() - sizeof(Hash32));
  if (text_of(sha256(content)) != text_of(bytes.last(sizeof(Hash32)))) return damaged;
  ByteReader in(content.subspan(kMagic.size()));
  if (in.array<32>() != package) {
    return Error(Errc::ledger_mismatch, {}, "is of another package");
  }
  ResumeState out;
  out.places.entries = take_place(in);
  out.places.accounts = take_place(in);
  out.places.postings = take_place(in);
  out.places.earlier.before = take_place(in);
  const std::uint64_t index = take_count(in, 8);
  out.places.earlier.index.reserve(index);
  for (std::uint64_t i = 0; i < index; ++i) out.places.earlier.index.push_back(in.u64());
  out.places.entries_done = in.u64();
  out.places.postings_done = in.u64();
  if (const std::uint8_t told = in.u8(); told != 0) out.places.evaluation = told == 2;
  out.position = take_position(in);
  if (!in.done()) return damaged;
  return out;
}

Result<void> write_resume_state(const std::filesystem::path& path, BytesView bytes) {
  const Error failure(Errc::io_failure, "state", "The state file cannot be written.");
  std::filesystem::path fresh = path;
  fresh += ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  const std::string_view text = text_of(bytes);
  out.write(text.data(), static_cast<std::streamsize>(text.size()));
  out.close();
  std::error_code error;
  if (!out.fail()) std::filesystem::rename(fresh, path, error);
  if (out.fail() || error) return failure;
  return {};
}

Result<std::optional<ResumeState>> read_resume_state(const std::filesystem::path& path,
                                                     const Hash32& package) {
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::optional<ResumeState>();
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (in.bad() || !in.is_open()) return Error(Errc::io_failure, {}, "cannot be read");
  FLORIN_TRY(ResumeState state, decode_resume_state(view_of(text.view()), package));
  return std::optional<ResumeState>(std::move(state));
}

}  // namespace florin::verify

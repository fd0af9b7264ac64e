#include <fmt/format.h>

#include "ledger/verify/merkle.h"
#include "ledger/verify/package_text.h"
#include "ledger/verify/text_writer.h"

namespace florin::verify {
namespace {

constexpr std::string_view kLeafMember = ",\"leaf_b64\":\"";

std::string_view origin_name(Origin origin) {
  constexpr std::string_view kNames[] = {"command", "fact", "system"};
  return kNames[static_cast<std::size_t>(origin)];
}

std::string_view side_name(Side side) {
  return side == Side::debit ? "debit" : "credit";
}

std::string_view layer_name(Layer layer) {
  return layer == Layer::posted ? "posted" : "pending";
}

std::string_view operation_name(HoldOperation operation) {
  constexpr std::string_view kNames[] = {"open",   "capture",  "release",
                                         "refund", "increase", "expire"};
  return kNames[static_cast<std::size_t>(operation) - 1];
}

std::string_view reason_name(RedirectionReason reason) {
  constexpr std::string_view kNames[] = {"frozen", "closed", "balance_limit"};
  return kNames[static_cast<std::size_t>(reason) - 1];
}

std::string_view actor_name(ActorKind kind) {
  constexpr std::string_view kNames[] = {"system", "credential", "person"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view known_type(std::uint8_t type) {
  constexpr std::string_view kNames[] = {"genesis",    "audit",     "authorization", "capture",
                                         "release",    "refund",    "payment_state", "reversal",
                                         "adjustment", "increment", "expiry",        "clock",
                                         "period",     "account",   "recovery"};
  return type >= 1 && type <= std::size(kNames) ? kNames[type - 1U] : std::string_view();
}

void write_type(TextWriter& out, std::uint8_t type) {
  const std::string_view name = known_type(type);
  if (name.empty()) {
    out.text("type-").number(type);
  } else {
    out.text(name);
  }
}

// A JSON array of what `write_one` makes of each item.
template <class Items, class WriteOne>
void write_list(TextWriter& out, std::string_view member, const Items& items, WriteOne write_one) {
  out.text(member).text("[");
  bool first = true;
  for (const auto& item : items) {
    if (!first) out.text(",");
    first = false;
    write_one(item);
  }
  out.text("]");
}

void write_time(TextWriter& out, std::int64_t unix_ns) {
  out.text("\"").time(unix_ns).text("\"");
}

void write_header(TextWriter& out, const Leaf& leaf) {
  out.text("{\"seq\":").number(leaf.seq).text(",\"type\":").number(leaf.type);
  out.text(",\"type_name\":\"");
  write_type(out, leaf.type);
  out.text("\",\"origin\":\"").text(origin_name(leaf.origin));
  out.text("\",\"tenant\":\"").id(leaf.tenant).text("\",\"mode\":\"").text(mode_name(leaf.mode));
  out.text("\",\"booked_at\":\"").time(leaf.booked_at);
  out.text("\",\"effective_day\":").whole(leaf.effective_day);
  out.text(",\"entry_id\":\"").id(leaf.entry_id).text("\",\"subject\":\"").id(leaf.subject);
  out.text("\",\"previous_leaf\":\"").hex(leaf.previous_leaf);
  out.text("\",\"body_commitment\":\"").hex(leaf.body_commitment);
  out.text("\",\"fingerprint\":\"").hex(leaf.fingerprint).text("\",\"actor\":");
  if (leaf.actor) {
    out.text("{\"kind\":\"").text(actor_name(leaf.actor->kind));
    out.text("\",\"id\":\"").id(leaf.actor->id).text("\"}");
  } else {
    out.text("null");
  }
  out.text(",\"flags\":").number(leaf.flags).text(",\"note\":").quoted(leaf.note);
}

void write_movements(TextWriter& out, const Leaf& leaf) {
  write_list(out, ",\"accounts_opened\":", leaf.openings, [&](const AccountOpening& opening) {
    out.text("{\"account\":").number(opening.number).text(",\"code\":").number(opening.code);
    out.text(",\"asset\":").number(opening.asset);
    out.text(",\"exponent\":").number(opening.exponent).text(",\"owner\":\"").id(opening.owner);
    out.text("\",\"parent\":").number(opening.parent).text("}");
  });
  write_list(out, ",\"account_flags\":", leaf.account_flags, [&](const AccountFlags& change) {
    out.text("{\"account\":").number(change.account);
    out.text(",\"flags\":").number(change.flags).text("}");
  });
  write_list(out, ",\"holds\":", leaf.holds, [&](const HoldChange& change) {
    out.text("{\"hold\":\"").id(change.hold);
    out.text("\",\"operation\":\"").text(operation_name(change.operation));
    out.text("\",\"takes_back\":").text(change.takes_back ? "true" : "false");
    out.text(",\"asset\":").number(change.asset).text(",\"amount\":\"").number(change.amount);
    out.text("\",\"expires_at\":");
    if (change.expires_at == 0) {
      out.text("null}");
    } else {
      write_time(out, change.expires_at);
      out.text("}");
    }
  });
  write_list(out, ",\"postings\":", leaf.postings, [&](const Posting& posting) {
    out.text("{\"account\":").number(posting.account).text(",\"asset\":").number(posting.asset);
    out.text(",\"side\":\"").text(side_name(posting.side));
    out.text("\",\"layer\":\"").text(layer_name(posting.layer));
    out.text("\",\"amount\":\"").number(posting.amount);
    out.text("\",\"party\":\"").id(posting.party);
    out.text("\",\"previous\":").number(posting.previous);
    out.text(",\"total\":\"").total(posting.total).text("\"}");
  });
  write_list(out, ",\"redirections\":", leaf.redirections, [&](const Redirection& redirection) {
    out.text("{\"posting\":").number(redirection.posting);
    out.text(",\"reason\":\"").text(reason_name(redirection.reason));
    out.text("\",\"account\":").number(redirection.account).text("}");
  });
}

void write_record(TextWriter& out, const Leaf& leaf) {
  out.text(",\"meant_day\":");
  leaf.meant_day ? out.whole(*leaf.meant_day) : out.text("null");
  out.text(",\"reverses\":");
  if (leaf.reverses) {
    out.text("{\"seq\":").number(leaf.reverses->seq);
    out.text(",\"entry_id\":\"").id(leaf.reverses->entry_id).text("\"}");
  } else {
    out.text("null");
  }
  write_list(out, ",\"approvals\":", leaf.approvals, [&](const Approval& approval) {
    out.text("{\"person\":\"").id(approval.person);
    out.text("\",\"request\":\"").hex(approval.request).text("\"}");
  });
  out.text(",\"lock_through\":");
  leaf.lock_through ? out.whole(*leaf.lock_through) : out.text("null");
  out.text(",\"clock\":");
  if (leaf.clock) {
    write_time(out, *leaf.clock);
  } else {
    out.text("null");
  }
  out.text(",\"recovery\":");
  if (!leaf.recovery) {
    out.text("null");
    return;
  }
  const bool restored = leaf.recovery->step == RecoveryStep::restored;
  out.text("{\"step\":\"").text(restored ? "restored" : "reopened");
  out.text("\",\"signed_size\":").number(leaf.recovery->signed_size);
  out.text(",\"signed_root\":\"").hex(leaf.recovery->signed_root).text("\"}");
}

}  // namespace

std::string_view mode_name(Mode mode) noexcept {
  constexpr std::string_view kNames[] = {"system", "test", "live"};
  return kNames[static_cast<std::size_t>(mode)];
}

std::string entry_type_text(std::uint8_t type) {
  std::string out;
  TextWriter writer(out);
  write_type(writer, type);
  return out;
}

std::string time_text(std::int64_t unix_ns) {
  std::string out;
  TextWriter(out).time(unix_ns);
  return out;
}

void write_entry_line(std::string& out, const Leaf& leaf, BytesView leaf_bytes,
                      const Hash32& leaf_hash) {
  out.clear();
  TextWriter writer(out);
  write_header(writer, leaf);
  write_movements(writer, leaf);
  write_record(writer, leaf);
  writer.text(",\"leaf_hash\":\"").hex(leaf_hash).text("\"").text(kLeafMember);
  writer.base64(leaf_bytes).text("\"}");
}

std::string entry_line(const Leaf& leaf, BytesView leaf_bytes) {
  std::string out;
  write_entry_line(out, leaf, leaf_bytes, leaf_hash(leaf_bytes));
  return out;
}

Result<Bytes> leaf_of_line(std::string_view line) {
  const std::size_t at = line.rfind(kLeafMember);
  if (at == std::string_view::npos || !line.ends_with("\"}"))
    return Error(Errc::malformed_value, {}, "no leaf_b64 at the end");
  line.remove_prefix(at + kLeafMember.size());
  if (line.size() < 2) return Error(Errc::malformed_value, {}, "no leaf_b64 at the end");
  line.remove_suffix(2);
  auto bytes = from_base64(line);
  if (!bytes.ok()) return Error(Errc::malformed_value, {}, "leaf_b64 is not base64");
  return std::move(bytes).value();
}

void write_posting_line(std::string& out, const Leaf& leaf, std::size_t position) {
  const Posting& posting = leaf.postings[position - 1];
  out.clear();
  TextWriter writer(out);
  writer.number(leaf.seq).text(",").number(position).text(",").time(leaf.booked_at).text(",");
  writer.whole(leaf.effective_day).text(",");
  write_type(writer, leaf.type);
  writer.text(",").id(leaf.subject).text(",").number(posting.account).text(",");
  writer.number(posting.asset).text(",").text(side_name(posting.side)).text(",");
  writer.text(layer_name(posting.layer)).text(",").number(posting.amount).text(",");
  writer.id(posting.party).text(",").number(posting.previous).text(",").total(posting.total);
  std::uint64_t meant = 0;
  for (const Redirection& redirection : leaf.redirections) {
    if (redirection.posting + std::size_t{1} == position) meant = redirection.account;
  }
  writer.text(",").number(meant);
}

std::string posting_line(const Leaf& leaf, std::size_t position) {
  std::string out;
  write_posting_line(out, leaf, position);
  return out;
}

}  // namespace florin::verify

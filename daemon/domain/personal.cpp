#include "daemon/domain/personal.h"

#include <algorithm>

namespace florin::domain {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kTextLimit = 1024;
constexpr std::size_t kMetadataLimit = 4UL * 1024;
// Events and answers are bounded far below this.
constexpr json::Limits kStoredLimits{.bytes = 1UL << 20, .members = 10'000};

std::string_view state_name(PersonalState state) noexcept {
  switch (state) {
    case PersonalState::sealed:
      return "sealed";
    case PersonalState::erased:
      return "erased";
    case PersonalState::unavailable:
      return "unavailable";
    case PersonalState::open:
      break;
  }
  return "";
}

Bytes aad_of(const PersonalPlace& place) {
  ByteWriter out;
  out.sized_text("personal/1");
  out.raw(place.tenant.value.view());
  out.sized_text(place.mode);
  out.raw(place.payment.value.view());
  return std::move(out).take();
}

}  // namespace

Bytes seal_personal(BytesView key, const AeadNonce& nonce, const PersonalPlace& place,
                    const PaymentTerms& terms) {
  ByteWriter plain;
  plain.sized_text(terms.customer_reference);
  plain.sized_text(terms.payment_token);
  plain.sized_text(terms.description);
  plain.sized_text(terms.metadata);
  Bytes clear = std::move(plain).take();
  ByteWriter out;
  out.u8(kFormat);
  out.raw(nonce);
  out.raw(aead_seal(key, nonce, aad_of(place), clear));
  wipe(clear);
  return std::move(out).take();
}

Result<void> open_personal(BytesView key, const PersonalPlace& place, PaymentTerms& terms) {
  ByteReader in(terms.sealed_personal);
  const std::uint8_t format = in.u8();
  const AeadNonce nonce = in.array<kAeadNonceSize>();
  const BytesView sealed = in.raw(in.remaining());
  if (!in.done() || format != kFormat) return Error(Errc::decryption_failed);
  FLORIN_TRY(Bytes clear, aead_open(key, nonce, aad_of(place), sealed));
  ByteReader plain(clear);
  std::string reference = plain.sized_text(kTextLimit);
  std::string token = plain.sized_text(kTextLimit);
  std::string description = plain.sized_text(kTextLimit);
  std::string metadata = plain.sized_text(kMetadataLimit);
  const bool good = plain.done();
  wipe(clear);
  if (!good) return Error(Errc::ledger_record_invalid, {}, {}, "sealed personal fields");
  terms.customer_reference = std::move(reference);
  terms.payment_token = std::move(token);
  terms.description = std::move(description);
  terms.metadata = std::move(metadata);
  return {};
}

Result<void> reveal(PaymentTerms& terms, const PersonalPlace& place, const FindSubjectKey& find) {
  if (!terms.has_customer()) return {};
  FLORIN_TRY(const SubjectKey key, find(terms.subject));
  switch (key.state) {
    case SubjectKeyState::destroyed:
      terms.personal = PersonalState::erased;
      return {};
    case SubjectKeyState::lost:
      terms.personal = PersonalState::unavailable;
      return {};
    case SubjectKeyState::present:
      break;
  }
  const bool opened = open_personal(key.key.view(), place, terms).ok();
  terms.personal = opened ? PersonalState::open : PersonalState::unavailable;
  return {};
}

json::object put_personal(const json::object& shown, const PaymentTerms& terms) {
  const bool open = terms.personal == PersonalState::open;
  json::object out;
  for (const auto& member : shown) {
    const std::string_view name = member.key();
    if (name == "customer") {
      json::object customer{{"id", terms.subject.text()}, {"reference", nullptr}};
      if (open) customer["reference"] = terms.customer_reference;
      out[name] = std::move(customer);
    } else if (name == "description") {
      if (!open) {
        out[name] = nullptr;
      } else if (!terms.description.empty()) {
        out[name] = terms.description;
      }
    } else if (name == "metadata") {
      const auto metadata = json::parse(open ? terms.metadata : "{}");
      out[name] = metadata.ok() ? *metadata : json::value(json::object());
    } else if (name == "personal_data") {
      if (!open) out[name] = state_name(terms.personal);
    } else {
      out[name] = member.value();
    }
  }
  return out;
}

std::string put_personal(std::string_view shown, const PaymentTerms& terms) {
  if (!terms.has_customer()) return std::string(shown);
  const auto parsed = json::parse(shown, kStoredLimits);
  if (!parsed.ok() || !parsed->is_object()) return std::string(shown);
  const json::object& object = parsed->get_object();
  const json::value* const marker = object.if_contains("personal_data");
  if (marker == nullptr || *marker != "sealed") return std::string(shown);
  return json::write(put_personal(object, terms));
}

}  // namespace florin::domain

#pragma once
/// The personal fields of a payment with a customer: sealed under the customer's key wherever they
/// stand, put in where they are shown. Pure.
#include <functional>
#include <string_view>

#include "base/aead.h"
#include "base/json.h"
#include "base/subject_keys.h"
#include "daemon/domain/payment.h"

namespace florin::domain {

/// To which payment of which ledger sealed fields belong; authenticated with them.
struct PersonalPlace {
  TenantId tenant;
  std::string_view mode;  ///< "test" or "live"
  PaymentId payment;
};

/// 0x01 | nonce 12 | ciphertext and tag, AES-256-GCM over customer reference, payment token,
/// description and metadata. The nonce is random.
Bytes seal_personal(BytesView key, const AeadNonce& nonce, const PersonalPlace& place,
                    const PaymentTerms& terms);
/// Fills the fields of the terms from their sealed form. Errors: `decryption_failed`,
/// `ledger_record_invalid`.
Result<void> open_personal(BytesView key, const PersonalPlace& place, PaymentTerms& terms);

/// What became of a subject's key.
using FindSubjectKey = std::function<Result<SubjectKey>(const SubjectId& subject)>;
/// Opens the fields where the customer's key is there; `terms.personal` tells what came of it.
/// Nothing for a payment without a customer. Errors: those of `find`, but for what concerns this
/// one key alone: that is a state.
Result<void> reveal(PaymentTerms& terms, const PersonalPlace& place, const FindSubjectKey& find);

/// A rendering of a payment with the personal fields as `terms` have them, whatever they were in
/// it. Rendering in parts gives the same bytes as rendering at once.
json::object put_personal(const json::object& shown, const PaymentTerms& terms);
/// The same for a stored text that shows the payment; one that is about something else comes back
/// as it is.
std::string put_personal(std::string_view shown, const PaymentTerms& terms);

}  // namespace florin::domain

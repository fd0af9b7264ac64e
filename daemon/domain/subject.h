#pragma once
/// A data subject of a ledger: a customer of one merchant, known by a pseudonym. What he is called
/// by the merchant stands nowhere in clear; a keyed digest finds him.
#include "daemon/domain/payment.h"
#include "daemon/domain/records.h"

namespace florin::domain {

struct Subject {
  SubjectId id;  ///< the pseudonym
  std::uint64_t version = 0;
  // Written once.
  MerchantId merchant;
  std::uint64_t slot = 0;  ///< of his key in the keyring; never another subject's
  UnixNanos created_at = 0;
  // State.
  UnixNanos erased_at = 0;  ///< 0 while his key lives

  [[nodiscard]] bool erased() const noexcept { return erased_at != 0; }
};

Stored encode(const Subject& subject);
/// Error: `ledger_record_invalid`.
Result<Subject> decode_subject(const Uuid& id, std::uint64_t version, BytesView immutable,
                               BytesView head);

}  // namespace florin::domain

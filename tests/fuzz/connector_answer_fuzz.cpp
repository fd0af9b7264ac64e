// Any bytes as a PSP's answer to any question: never a crash, and never a success of another
// operation. The first byte chooses codec, operation and status.
#include <cstdint>
#include <cstdlib>

#include "daemon/connectors/codec.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace florin;
  using namespace florin::connectors;
  if (size == 0) return 0;
  constexpr int kStatuses[] = {200, 201, 400, 401, 402, 404, 409, 500};
  const Codec& codec = *codecs()[data[0] % codecs().size()];
  const OperationRequest operation{
      .kind = static_cast<domain::OperationKind>(1 + (data[0] >> 1U) % 5),
      .psp_key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
      .reference = "op_01ARZ3NDEKTSV4RRFFQ69G5FAV",
      .amount = Money::zero(*Currency::parse("EUR")),
      .payment_token = {},
      .psp_reference = "pi_3MtwBwLkdIwHu7ix28a3tqPa",
      .merchant_reference = {},
      .replay = (data[0] & 0x80U) != 0};
  http::Response answer;
  answer.status = kStatuses[(data[0] >> 4U) % 8];
  answer.body.assign(reinterpret_cast<const char*>(data + 1), size - 1);
  for (const domain::Outcome& outcome :
       {codec.decode(operation, answer), codec.decode_inquiry(operation, answer).outcome,
        codec.decode_cancel_key(operation, answer).outcome}) {
    if (outcome.outcome != domain::OutcomeClass::succeeded) continue;
    if (outcome.reference != operation.reference || !outcome.amount) std::abort();
  }
  (void)codec.decode_check(answer);
  return 0;
}

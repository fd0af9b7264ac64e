#pragma once
/// The security module's status as a document. Names and check values of keys, never more.
#include "base/json.h"
#include "hsm/hsm.h"

namespace florin {

json::object examination_document(const hsm::Examination& found);
json::object hsm_document(const hsm::Status& status);

}  // namespace florin

#pragma once
/// The files of ledger/export_assets, which every export package carries. Built in.
#include "base/bytes.h"

namespace florin::ledger {

BytesView export_readme();
BytesView export_checks_sql();
BytesView export_verify_py();

}  // namespace florin::ledger

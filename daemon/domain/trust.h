#pragma once
/// How much an acquirer's answer is worth.
#include "daemon/domain/operation.h"

namespace florin::domain {

/// A success must be about what we asked for. One that says less proves nothing (`unknown`); one
/// that says something else is a matter for people (`differs`).
OperationInput judged(const Operation& operation, const Outcome& outcome) noexcept;

}  // namespace florin::domain

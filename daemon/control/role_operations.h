#pragma once
/// Who is bound and which roles they hold: asked for by one admin, approved by another one.
#include "daemon/control/operation.h"
#include "daemon/control/people.h"

namespace florin::control {

/// `role.bind` (parameters: `public`, the public part of somebody new, or `person`, the name of
/// somebody who is bound; `roles`, added) and `role.unbind` (`person`; `roles`, or "all" for the
/// person as a whole). `people` outlives them.
std::vector<Operation> role_operations(People& people);

}  // namespace florin::control

#pragma once
/// What the shim knows of the module below it and of its control file.
#include "hsm/cryptoki.h"
#include "support/pkcs11_shim/control.h"

namespace florin::pkcs11_shim {

/// The functions of the module that FLORIN_SHIM_MODULE names; loaded once in a process. Null when
/// it cannot be loaded.
const CK_FUNCTION_LIST* real_functions();

/// The file that FLORIN_SHIM_CONTROL names, mapped; without one, a block of zeroes. It is mapped
/// anew whenever the module starts, so each test of a process can have its own.
Control& control();
void map_control();

/// The slot of the last session that was opened.
void remember_slot(CK_SLOT_ID slot);
CK_SLOT_ID last_slot();

}  // namespace florin::pkcs11_shim

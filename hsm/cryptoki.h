#pragma once
/// Private to this room: the one place that includes the PKCS#11 header. Include it last, since the
/// header renames common words by macro while it is read.
#include <softhsm/pkcs11.h>

#ifndef CKM_AES_KEY_WRAP_KWP
#define CKM_AES_KEY_WRAP_KWP (0x210BUL)
#endif
#ifndef CKM_HKDF_DERIVE
#define CKM_HKDF_DERIVE (0x402AUL)
#endif

// Older headers lack ulIvBits; a module would then read the fields one word off.
static_assert(sizeof(CK_GCM_PARAMS) == 48);

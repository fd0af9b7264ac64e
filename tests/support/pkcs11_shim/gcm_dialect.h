#pragma once
/// AES-GCM as other peers do it, on top of a module that does it by the book.
#include "support/pkcs11_shim/state.h"

namespace florin::pkcs11_shim {

/// Stand in for the functions of the same names while a dialect is chosen and the mechanism is
/// CKM_AES_GCM; otherwise they pass everything on.
CK_RV encrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key);
CK_RV encrypt(CK_SESSION_HANDLE session, unsigned char* text, unsigned long text_size,
              unsigned char* out, unsigned long* out_size);
CK_RV decrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism, CK_OBJECT_HANDLE key);
CK_RV decrypt(CK_SESSION_HANDLE session, unsigned char* sealed, unsigned long sealed_size,
              unsigned char* out, unsigned long* out_size);

}  // namespace florin::pkcs11_shim

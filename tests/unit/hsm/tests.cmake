florin_unit_test(hsm LINKS florin_hsm)
florin_use_pkcs11_shim(unit_hsm)

florin_unit_test(vault LINKS florin_vault)
florin_use_pkcs11_shim(unit_vault)

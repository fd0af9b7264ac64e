florin_unit_test(hsm LINKS florin_hsm)
add_dependencies(unit_hsm pkcs11_shim)
target_compile_definitions(unit_hsm PRIVATE FLORIN_PKCS11_SHIM="$<TARGET_FILE:pkcs11_shim>")

# ledger/verify and cli/verify share their last path component; the tests are declared once.
if(TARGET unit_verify)
  return()
endif()
florin_unit_test(verify LINKS florin_verify OpenSSL::Crypto)
target_compile_definitions(unit_verify PRIVATE
  FLORIN_VERIFY_PY="${CMAKE_SOURCE_DIR}/ledger/export_assets/verify.py"
  FLORIN_CHECKS_SQL="${CMAKE_SOURCE_DIR}/ledger/export_assets/checks.sql")

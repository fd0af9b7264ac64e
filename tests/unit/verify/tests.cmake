# ledger/verify and cli/verify share their last path component; the tests are declared once.
if(TARGET unit_verify)
  return()
endif()
florin_unit_test(verify LINKS florin_verify OpenSSL::Crypto)
target_compile_definitions(unit_verify PRIVATE
  FLORIN_VERIFY_PY="${CMAKE_SOURCE_DIR}/ledger/export_assets/verify.py"
  FLORIN_CHECKS_SQL="${CMAKE_SOURCE_DIR}/ledger/export_assets/checks.sql"
  FLORIN_CHECK_PROOF_PY="${CMAKE_SOURCE_DIR}/tests/support/check_proof.py"
  FLORIN_GOLDEN_LEDGER="${CMAKE_SOURCE_DIR}/tests/golden/ledger")
find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
add_test(NAME unit.verify_golden_python
  COMMAND Python3::Interpreter -B ${CMAKE_SOURCE_DIR}/tests/unit/verify/golden_test.py
          ${CMAKE_SOURCE_DIR}/ledger/export_assets/verify.py ${CMAKE_SOURCE_DIR}/tests/golden/ledger)
set_tests_properties(unit.verify_golden_python PROPERTIES LABELS unit TIMEOUT 120)

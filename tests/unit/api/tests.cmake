florin_unit_test(api LINKS florin_api)

find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
add_test(NAME api.openapi
  COMMAND Python3::Interpreter -B ${CMAKE_CURRENT_SOURCE_DIR}/unit/api/openapi_test.py)
set_tests_properties(api.openapi PROPERTIES LABELS unit TIMEOUT 60)

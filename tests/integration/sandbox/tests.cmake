# The real florin-sandbox over HTTPS.
if("sandbox" IN_LIST FLORIN_ROOMS)
  florin_suite(integration florin-sandbox)
  find_package(Python3 3.11 REQUIRED COMPONENTS Interpreter)
  add_test(NAME integration.sandbox
    COMMAND ${Python3_EXECUTABLE} -B -m unittest -v sandbox_test
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/integration/sandbox)
  set_tests_properties(integration.sandbox PROPERTIES LABELS integration TIMEOUT 180
    ENVIRONMENT "FLORIN_SANDBOX=$<TARGET_FILE:florin-sandbox>")
endif()

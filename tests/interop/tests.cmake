# Our output judged by somebody else's programs, label "interop". A counterpart that cannot be had is
# a skip with its reason.
if(TARGET florin_ledger)
  add_executable(interop_make_log ${CMAKE_CURRENT_SOURCE_DIR}/interop/tlog/make_log.cpp)
  target_include_directories(interop_make_log PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(interop_make_log PRIVATE
    florin_flags florin_ledger florin_lmdb OpenSSL::Crypto GTest::gtest Threads::Threads)
  add_test(NAME interop.tlog
    COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/interop/tlog/run.sh $<TARGET_FILE:interop_make_log>)
  set_tests_properties(interop.tlog PROPERTIES LABELS interop TIMEOUT 1800 SKIP_RETURN_CODE 77)
endif()

if(TARGET florind AND TARGET florin AND TARGET florin-sandbox AND TARGET florin-verify)
  foreach(test stripe stripe_kills)
    add_test(NAME interop.${test} COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/interop/stripe/run.sh
      ${CMAKE_BINARY_DIR} test_${test}.py)
    set_tests_properties(interop.${test} PROPERTIES LABELS interop TIMEOUT 3600
      SKIP_RETURN_CODE 77 RUN_SERIAL ON)
  endforeach()
endif()

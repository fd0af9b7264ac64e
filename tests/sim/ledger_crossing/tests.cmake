# Tenants and modes that are mixed up on disk or at opening, label "sim": 2 000 random crossings,
# FLORIN_LONG=1 for 100 000. FLORIN_SEED repeats a run.
if(TARGET florin_ledger)
  add_executable(ledger_crossing_test ${CMAKE_CURRENT_SOURCE_DIR}/sim/ledger_crossing/crossing_test.cpp)
  target_include_directories(ledger_crossing_test PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(ledger_crossing_test PRIVATE
    florin_flags florin_ledger florin_lmdb OpenSSL::Crypto GTest::gtest GTest::gtest_main Threads::Threads)
  target_compile_options(ledger_crossing_test PRIVATE -O2)
  add_test(NAME sim.ledger_crossing_test COMMAND ledger_crossing_test)
  set_tests_properties(sim.ledger_crossing_test PROPERTIES LABELS sim TIMEOUT 36000)
endif()

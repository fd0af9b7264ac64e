# The contract of the ledger, run against the engine on a segment log and the one in memory.
if(TARGET florin_memory_ledger)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/contract/ledger/*.cpp)
  add_executable(contract_ledger ${sources})
  target_link_libraries(contract_ledger PRIVATE
    florin_memory_ledger florin_verify OpenSSL::Crypto GTest::gtest GTest::gmock GTest::gtest_main Threads::Threads)
  florin_few_units(contract_ledger)
  florin_precompiled(contract_ledger)
  florin_suite(unit contract_ledger)
  gtest_discover_tests(contract_ledger PROPERTIES LABELS unit TIMEOUT 300 DISCOVERY_TIMEOUT 60)
endif()

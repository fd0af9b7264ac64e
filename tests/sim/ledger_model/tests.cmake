# Random commands against the ledger and its model, label "sim". FLORIN_LONG=1 for ten million of
# them; FLORIN_SEED repeats a run.
if(TARGET florin_memory_ledger)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/sim/ledger_model/*.cpp)
  add_executable(ledger_model_test ${sources})
  target_link_libraries(ledger_model_test PRIVATE
    florin_memory_ledger florin_verify OpenSSL::Crypto GTest::gtest GTest::gtest_main Threads::Threads)
  florin_few_units(ledger_model_test)
  target_compile_options(ledger_model_test PRIVATE -O1)
  add_test(NAME sim.ledger_model COMMAND ledger_model_test)
  set_tests_properties(sim.ledger_model PROPERTIES LABELS sim TIMEOUT 36000)
endif()

# Whole lives of payments through the engine over the ledger in memory, label "sim": 20 000 lives or
# two minutes. FLORIN_LONG=1 for ten million; FLORIN_SEED repeats a run.
if(TARGET florin_engine AND TARGET florin_control AND TARGET florin_sandbox AND TARGET florin_memory_ledger)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/sim/payments/*.cpp)
  add_executable(sim_payments ${sources})
  target_include_directories(sim_payments PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(sim_payments PRIVATE
    florin_flags florin_engine florin_control florin_sandbox florin_memory_ledger GTest::gtest GTest::gtest_main Threads::Threads)
  # g++ 12 takes Asio's own pair of functions for frames of coroutines for a mismatch when it inlines one.
  florin_few_units(sim_payments)
  target_compile_options(sim_payments PRIVATE -O1 $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>)
  add_test(NAME sim.payments COMMAND sim_payments)
  set_tests_properties(sim.payments PROPERTIES LABELS sim TIMEOUT 360000)
endif()

# Simulated disasters of a ledger's files, label "sim". The quick runs take about half a minute each;
# FLORIN_LONG=1 for 100 000 states each. FLORIN_SEED repeats a run.
if(TARGET florin_ledger)
  foreach(program power_loss_test corruption_test)
    add_executable(ledger_${program} ${CMAKE_CURRENT_SOURCE_DIR}/sim/ledger/${program}.cpp)
    target_include_directories(ledger_${program} PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
    target_link_libraries(ledger_${program} PRIVATE
      florin_flags florin_ledger florin_lmdb OpenSSL::Crypto GTest::gtest GTest::gtest_main Threads::Threads)
    # The simulated disk copies megabytes for each state.
    target_compile_options(ledger_${program} PRIVATE -O2)
    add_test(NAME sim.ledger_${program} COMMAND ledger_${program})
    set_tests_properties(sim.ledger_${program} PROPERTIES LABELS sim TIMEOUT 36000)
  endforeach()
endif()

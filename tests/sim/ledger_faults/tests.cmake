# The real ledger while single system calls fail, label "sim". The quick run tries random ones
# for 35 s, FLORIN_LONG=1 all of them. FLORIN_SEED repeats a run.
if(TARGET florin_ledger)
  add_executable(ledger_fault_test
    ${CMAKE_CURRENT_SOURCE_DIR}/sim/ledger_faults/fault_test.cpp
    ${CMAKE_CURRENT_SOURCE_DIR}/sim/ledger_faults/syscall_shim.cpp)
  target_include_directories(ledger_fault_test PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(ledger_fault_test PRIVATE
    florin_flags florin_ledger florin_lmdb OpenSSL::Crypto GTest::gtest GTest::gtest_main Threads::Threads)
  # LMDB's library must find the program's system calls before the C library's.
  set_target_properties(ledger_fault_test PROPERTIES ENABLE_EXPORTS ON)
  if(FLORIN_SANITIZE)
    target_compile_definitions(ledger_fault_test PRIVATE FLORIN_NO_SYSCALL_SHIM)
  endif()
  target_compile_options(ledger_fault_test PRIVATE -O2)
  add_test(NAME sim.ledger_fault_test COMMAND ledger_fault_test)
  set_tests_properties(sim.ledger_fault_test PROPERTIES LABELS sim TIMEOUT 36000)
endif()

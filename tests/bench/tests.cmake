# Measurements, never built by default: ninja ledger_bench, in a release tree.
if(TARGET florin_ledger)
  add_executable(ledger_bench EXCLUDE_FROM_ALL ${CMAKE_CURRENT_SOURCE_DIR}/bench/ledger_bench.cpp)
  target_include_directories(ledger_bench PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(ledger_bench PRIVATE
    florin_flags florin_ledger florin_lmdb OpenSSL::Crypto GTest::gtest Threads::Threads)
endif()

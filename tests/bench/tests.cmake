# Measurements, never built by default: scripts/bench.sh builds and runs them in the release tree. They
# need libpq, which nothing else does.
find_library(FLORIN_PQ pq)
find_path(FLORIN_PQ_INCLUDE libpq-fe.h PATH_SUFFIXES postgresql)
if(TARGET florin_ledger AND FLORIN_PQ AND FLORIN_PQ_INCLUDE)
  file(GLOB bench_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/bench/*.cpp)
  add_executable(ledger_bench EXCLUDE_FROM_ALL ${bench_sources})
  target_include_directories(ledger_bench PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_include_directories(ledger_bench SYSTEM PRIVATE ${FLORIN_PQ_INCLUDE})
  target_link_libraries(ledger_bench PRIVATE
    florin_flags florin_ledger florin_lmdb OpenSSL::Crypto ${FLORIN_PQ} Threads::Threads)
endif()

if(TARGET florin_vault AND TARGET florin_hsm)
  add_executable(hsm_bench EXCLUDE_FROM_ALL ${CMAKE_CURRENT_SOURCE_DIR}/bench/hsm/hsm_bench.cpp
    ${CMAKE_CURRENT_SOURCE_DIR}/bench/measure.cpp)
  target_include_directories(hsm_bench PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(hsm_bench PRIVATE florin_flags florin_vault florin_hsm GTest::gtest Threads::Threads)
endif()

# Payments end to end: a PSP, a load generator and PostgreSQL's side, and a library that counts what
# the daemon does.
if(TARGET florin_net AND FLORIN_PQ AND FLORIN_PQ_INCLUDE)
  set(payments_bench ${CMAKE_CURRENT_SOURCE_DIR}/bench/payments)
  add_executable(payments_bench EXCLUDE_FROM_ALL ${payments_bench}/payments_bench.cpp ${payments_bench}/merchant.cpp
    ${payments_bench}/postgres_payments.cpp ${CMAKE_CURRENT_SOURCE_DIR}/bench/measure.cpp)
  target_include_directories(payments_bench PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_include_directories(payments_bench SYSTEM PRIVATE ${FLORIN_PQ_INCLUDE})
  target_link_libraries(payments_bench PRIVATE florin_flags florin_net ${FLORIN_PQ} Threads::Threads)

  add_executable(fast_psp EXCLUDE_FROM_ALL ${payments_bench}/fast_psp.cpp
    ${CMAKE_CURRENT_SOURCE_DIR}/bench/measure.cpp)
  target_include_directories(fast_psp PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(fast_psp PRIVATE florin_flags florin_net Threads::Threads)

  add_library(bench_counting SHARED EXCLUDE_FROM_ALL ${payments_bench}/counting.cpp)
  target_link_libraries(bench_counting PRIVATE florin_flags ${CMAKE_DL_LIBS})
  set_target_properties(bench_counting PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endif()

# The ledger as plain maps, for tests of the ledger and simulations of what stands on it.
if(TARGET florin_ledger)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/support/memory_ledger/*.cpp)
  add_library(florin_memory_ledger STATIC ${sources})
  target_include_directories(florin_memory_ledger PUBLIC ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
  target_link_libraries(florin_memory_ledger PUBLIC florin_flags florin_ledger)
  # Millions of commands go through it.
  florin_few_units(florin_memory_ledger)
  target_compile_options(florin_memory_ledger PRIVATE -O1)
endif()

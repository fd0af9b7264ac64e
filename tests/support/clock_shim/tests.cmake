# Moves the wall clock of a process that is started with it. For tests alone, never in bin/.
add_library(clock_shim MODULE support/clock_shim/clock_shim.cpp)
set_target_properties(clock_shim PROPERTIES PREFIX ""
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/modules)
target_compile_options(clock_shim PRIVATE -Wall -Wextra -Werror -Wpedantic -Wshadow -Wconversion
  -Wsign-conversion -Wold-style-cast -fPIC)

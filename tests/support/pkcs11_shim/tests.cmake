# The module that injects faults: below the tests' folder, never installed, never in bin/. It is a
# shared object, so it does not take the flags of the programs.
add_library(pkcs11_shim MODULE
  support/pkcs11_shim/shim.cpp support/pkcs11_shim/rules.cpp
  support/pkcs11_shim/state.cpp support/pkcs11_shim/gcm_dialect.cpp)
set_target_properties(pkcs11_shim PROPERTIES PREFIX ""
  LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests/modules)
target_include_directories(pkcs11_shim PRIVATE ${CMAKE_SOURCE_DIR} ${CMAKE_SOURCE_DIR}/tests)
target_compile_options(pkcs11_shim PRIVATE -Wall -Wextra -Werror -Wpedantic -Wshadow -Wconversion
  -Wsign-conversion -Wold-style-cast -Wno-missing-field-initializers -fPIC)
target_link_libraries(pkcs11_shim PRIVATE Threads::Threads ${CMAKE_DL_LIBS})

# For test programs that load it: they wait for it, and FLORIN_PKCS11_SHIM names its file.
function(florin_use_pkcs11_shim target)
  add_dependencies(${target} pkcs11_shim)
  target_compile_definitions(${target} PRIVATE FLORIN_PKCS11_SHIM="$<TARGET_FILE:pkcs11_shim>")
endfunction()

# Precompiled headers: half of a cold build is the reading of the same headers.
option(FLORIN_PRECOMPILED "read the common headers once per build tree" ON)

if(FLORIN_PRECOMPILED)
  set(headers ${CMAKE_CURRENT_LIST_DIR}/precompiled)
  add_library(florin_precompiled OBJECT ${headers}/common.cpp)
  target_link_libraries(florin_precompiled PRIVATE florin_flags fmt::fmt)
  target_precompile_headers(florin_precompiled PRIVATE ${headers}/common.h)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # The compiler cache compares contents, not times.
    target_compile_options(florin_precompiled PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endif()

# florin_precompiled(TARGET): for a target with the house's own flags and no others that change code.
function(florin_precompiled target)
  if(FLORIN_PRECOMPILED)
    target_precompile_headers(${target} REUSE_FROM florin_precompiled)
  endif()
endfunction()

# Compiler, linker and dependency settings shared by every room.
option(FLORIN_TESTS "build the tests" ON)
option(FLORIN_UNITY "compile each test binary in few large units" ON)
option(FLORIN_SANITIZE "address and undefined behaviour sanitizers, fuzz targets (clang)" OFF)
option(FLORIN_SANITIZE_THREADS "thread sanitizer (clang); not together with the others" OFF)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Dev CACHE STRING "" FORCE)
endif()
# -O0 keeps the cold build short; the heavy crypto lives in OpenSSL anyway.
set(CMAKE_CXX_FLAGS_DEV "-O0 -g1" CACHE STRING "" FORCE)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g" CACHE STRING "" FORCE)

find_program(FLORIN_CCACHE ccache)
if(FLORIN_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${FLORIN_CCACHE})
endif()
find_program(FLORIN_MOLD mold)
if(FLORIN_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(florin_flags INTERFACE)
target_compile_options(florin_flags INTERFACE
  -Wall -Wextra -Werror -Wpedantic -Wno-missing-field-initializers -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
  -Wold-style-cast -Wcast-align -Woverloaded-virtual -Wformat=2 -Wimplicit-fallthrough -Wundef
  -fno-omit-frame-pointer)
# Hardening that ships; assertions of libstdc++ stay on in every build.
target_compile_definitions(florin_flags INTERFACE _GLIBCXX_ASSERTIONS)
target_compile_options(florin_flags INTERFACE -fPIE -fstack-protector-strong -fcf-protection)
target_link_options(florin_flags INTERFACE -pie LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(florin_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-clash-protection -ftrivial-auto-var-init=zero)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # GCC 12 warns of overlaps that cannot be in inlined std::string code (GCC bug 105651, mended in 13).
    target_compile_options(florin_flags INTERFACE -Wno-restrict)
  endif()
endif()
if(FLORIN_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all)
  add_link_options(-fsanitize=address,undefined)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Coverage for the fuzz targets, which live in the same tree.
    add_compile_options(-fsanitize=fuzzer-no-link)
  endif()
endif()

if(FLORIN_SANITIZE_THREADS)
  add_compile_options(-fsanitize=thread)
  add_link_options(-fsanitize=thread)
endif()

find_package(Threads REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
find_package(fmt REQUIRED)
find_library(FLORIN_LMDB lmdb REQUIRED)
find_library(FLORIN_BOOST_JSON boost_json REQUIRED)
find_library(FLORIN_BOOST_PROGRAM_OPTIONS boost_program_options REQUIRED)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)

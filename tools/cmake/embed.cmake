# A text file as a source file: cmake -DIN=… -DOUT=… -DHEADER=… -DNAMESPACE=a::b -DNAME=function -P embed.cmake
# Bytes are written as numbers, since compilers limit the length of a string literal.
file(READ "${IN}" hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
file(WRITE "${OUT}" "// Generated; do not edit.\n#include \"${HEADER}\"\n\nnamespace ${NAMESPACE} {\nstatic const unsigned char k_bytes[] = {\n${bytes}};\nstd::string_view ${NAME}() {\n  return {reinterpret_cast<const char*>(k_bytes), sizeof k_bytes};\n}\n}  // namespace ${NAMESPACE}\n")

# Turns the files that every export package carries into a source file:
#   cmake -DOUT=assets.cpp -DDIR=<this directory> -P embed.cmake
# Bytes are written as numbers, since compilers limit the length of a string literal.
set(out "// Generated from ledger/export_assets; do not edit.\n#include \"ledger/export_assets.h\"\n\nnamespace florin::ledger {\n")
foreach(asset IN ITEMS README.txt checks.sql verify.py)
  file(READ "${DIR}/${asset}" hex HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" bytes "${bytes}")
  string(MAKE_C_IDENTIFIER "${asset}" name)
  string(APPEND out "static const unsigned char k_${name}[] = {\n${bytes}};\n")
endforeach()
string(APPEND out "BytesView export_readme() { return k_README_txt; }\nBytesView export_checks_sql() { return k_checks_sql; }\nBytesView export_verify_py() { return k_verify_py; }\n}  // namespace florin::ledger\n")
file(WRITE "${OUT}" "${out}")

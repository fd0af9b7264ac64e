# Builds the files that every export package carries into the room.
set(florin_assets ${CMAKE_CURRENT_SOURCE_DIR}/export_assets)
add_custom_command(
  OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/export_assets.cpp
  COMMAND ${CMAKE_COMMAND} -DOUT=${CMAKE_CURRENT_BINARY_DIR}/export_assets.cpp -DDIR=${florin_assets}
          -P ${florin_assets}/embed.cmake
  DEPENDS ${florin_assets}/README.txt ${florin_assets}/checks.sql ${florin_assets}/verify.py
          ${florin_assets}/embed.cmake
  VERBATIM)
target_sources(florin_ledger PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/export_assets.cpp)

#pragma once
/// SoftHSM keeps each object in a file: attributes as type, kind and value, words big-endian, byte
/// strings with their length before them (SoftHSM 2.6.1, object_store/ObjectFile.cpp). Damage is
/// done to these files while no module is open.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace florin::test_support {

inline std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void write_bytes(const std::filesystem::path& file, const std::string& bytes) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << bytes;
  ASSERT_TRUE(out.flush().good());
}

inline std::string big_endian(std::uint64_t value) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>((value >> shift) & 0xFFU));
  }
  return out;
}

/// Where the byte string of an attribute begins in an object's file; npos when it has none.
inline std::size_t value_offset(const std::string& file, std::uint64_t attribute) {
  constexpr std::uint64_t kByteString = 3;
  const std::string wanted = big_endian(attribute) + big_endian(kByteString);
  const std::size_t at = file.find(wanted);
  return at == std::string::npos ? at : at + wanted.size() + 8;
}

inline std::vector<std::filesystem::path> object_files(const std::filesystem::path& tokens) {
  std::vector<std::filesystem::path> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(tokens)) {
    const bool is_object = entry.path().extension() == ".object";
    if (is_object && entry.path().stem() != "token") out.push_back(entry.path());
  }
  return out;
}

}  // namespace florin::test_support

#pragma once
/// The program's options.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace florin::sandbox {

struct Options {
  bool help = false;
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;
  std::filesystem::path port_file;
  std::filesystem::path certificate;
  std::filesystem::path private_key;
  std::filesystem::path book;
  std::filesystem::path api_key_file;
  std::string notice_url;  ///< empty: nobody is told
  std::filesystem::path notice_secret_file;
  std::filesystem::path notice_roots;
  std::chrono::milliseconds stall{30'000};
  bool amount_outcomes = true;
};

/// `arguments` without the program's name. Error: `config_invalid`, the option as field.
Result<Options> parse_options(std::span<const std::string_view> arguments);
std::string_view help_text() noexcept;

}  // namespace florin::sandbox

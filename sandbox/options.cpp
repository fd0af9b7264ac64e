#include "sandbox/options.h"

#include <charconv>

namespace florin::sandbox {
namespace {

Error invalid(std::string_view option, std::string message) {
  return Error(Errc::config_invalid, std::string(option), std::move(message));
}

Result<std::int64_t> parse_number(std::string_view option, std::string_view text,
                                  std::int64_t least, std::int64_t most) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < least || value > most) {
    return invalid(option, "expected a whole number from " + std::to_string(least) + " to " +
                               std::to_string(most));
  }
  return value;
}

Result<void> set_option(Options& options, std::string_view option, std::string_view value) {
  if (option == "--address") {
    options.address = value;
  } else if (option == "--port") {
    FLORIN_TRY(const std::int64_t port, parse_number(option, value, 0, 65'535));
    options.port = static_cast<std::uint16_t>(port);
  } else if (option == "--port-file") {
    options.port_file = value;
  } else if (option == "--certificate") {
    options.certificate = value;
  } else if (option == "--private-key") {
    options.private_key = value;
  } else if (option == "--book") {
    options.book = value;
  } else if (option == "--api-key-file") {
    options.api_key_file = value;
  } else if (option == "--notice-url") {
    options.notice_url = value;
  } else if (option == "--notice-secret-file") {
    options.notice_secret_file = value;
  } else if (option == "--notice-roots") {
    options.notice_roots = value;
  } else if (option == "--stall-ms") {
    FLORIN_TRY(const std::int64_t stall_ms, parse_number(option, value, 0, 3'600'000));
    options.stall = std::chrono::milliseconds(stall_ms);
  } else if (option == "--amount-outcomes") {
    if (value != "on" && value != "off") return invalid(option, "expected on or off");
    options.amount_outcomes = value == "on";
  } else {
    return invalid(option, "is not an option; see --help");
  }
  return {};
}

}  // namespace

Result<Options> parse_options(std::span<const std::string_view> arguments) {
  Options options;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view option = arguments[i];
    if (option == "--help" || option == "-h") {
      options.help = true;
      return options;
    }
    std::string_view value;
    if (const std::size_t at = option.find('='); at != std::string_view::npos) {
      value = option.substr(at + 1);
      option = option.substr(0, at);
    } else if (++i < arguments.size()) {
      value = arguments[i];
    }
    if (value.empty()) return invalid(option, "needs a value; see --help");
    FLORIN_TRY_VOID(set_option(options, option, value));
  }
  struct Needed {
    std::string_view option;
    const std::filesystem::path& path;
  };
  for (const Needed& needed :
       {Needed{"--certificate", options.certificate}, Needed{"--private-key", options.private_key},
        Needed{"--book", options.book}, Needed{"--api-key-file", options.api_key_file}}) {
    if (needed.path.empty()) return invalid(needed.option, "is required; see --help");
  }
  if (options.notice_url.empty() != options.notice_secret_file.empty()) {
    return invalid("--notice-url", "belongs together with --notice-secret-file; see --help");
  }
  return options;
}

std::string_view help_text() noexcept {
  return R"(florin-sandbox: an acquirer to test and evaluate against. It moves no money and guards none:
a test and evaluation tool, not for production.

usage: florin-sandbox --certificate FILE --private-key FILE --book FILE --api-key-file FILE
                      [options]

  --certificate FILE      TLS certificate chain, PEM
  --private-key FILE      its private key, PEM, readable by nobody else
  --book FILE             the acquirer's book: append-only JSON lines, made when missing
  --api-key-file FILE     the API key that clients must send, in the first line
  --address ADDRESS       address to listen on (127.0.0.1)
  --port N                port to listen on; 0 takes any free one (0)
  --port-file FILE        write the port there, atomically, once it listens
  --notice-url URL        where to tell what became of operations (nowhere)
  --notice-secret-file FILE
                          the secret that notices are signed with, in the first line
  --notice-roots FILE     whose certificates that URL may show, PEM (those of the system)
  --stall-ms N            how late a stalled answer is (30000)
  --amount-outcomes on|off
                          captures, voids, refunds and increments end by the last two digits:
                          91 closes before, 92 stalls, 93 closes after, 94 is declined (on)
  --help                  this text

SIGTERM and SIGINT end it cleanly. The HTTPS API is described in API.md.
)";
}

}  // namespace florin::sandbox

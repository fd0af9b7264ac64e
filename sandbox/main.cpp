// florin-sandbox: puts book, journal, service and server together.
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <memory>
#include <vector>

#include "base/log.h"
#include "daemon/net/runtime.h"
#include "daemon/net/server.h"
#include "sandbox/options.h"
#include "sandbox/service.h"

namespace florin::sandbox {
namespace {

constexpr std::chrono::milliseconds kDrainLimit{2'000};

Result<Secret> read_secret(const char* option, const std::filesystem::path& path,
                           std::size_t least) {
  std::ifstream file(path);
  std::string line;
  if (!std::getline(file, line) || line.size() < least) {
    return Error(Errc::config_invalid, option,
                 path.string() + ": expected at least " + std::to_string(least) +
                     " characters in the first line");
  }
  Secret key(view_of(line));
  wipe(line);
  return key;
}

// Atomically: whoever waits for the file finds the whole number or nothing.
Result<void> write_port(const std::filesystem::path& path, std::uint16_t port) {
  if (path.empty()) return {};
  std::filesystem::path temporary = path;
  temporary += ".new";
  {
    std::ofstream file(temporary, std::ios::trunc);
    file << port << "\n";
    file.flush();
    if (!file) return Error(Errc::io_failure, "--port-file", path.string() + ": cannot write");
  }
  std::error_code error;
  std::filesystem::rename(temporary, path, error);
  if (error) return Error(Errc::io_failure, "--port-file", path.string() + ": " + error.message());
  return {};
}

Result<std::unique_ptr<Notices>> make_notices(const Options& options, net::Runtime& runtime,
                                              const Clock& clock) {
  if (options.notice_url.empty()) return std::unique_ptr<Notices>();
  auto url = net::parse_url(options.notice_url);
  if (!url.ok()) return std::move(url).error().in_field("--notice-url");
  FLORIN_TRY(Secret secret, read_secret("--notice-secret-file", options.notice_secret_file, 24));
  FLORIN_TRY(std::shared_ptr<net::Client> client,
             net::make_client(runtime, {.trusted_roots = options.notice_roots,
                                        .deadlines = {},
                                        .public_addresses_only = false}));
  return std::make_unique<Notices>(runtime, clock, std::move(client), std::move(*url),
                                   std::move(secret));
}

Result<void> run(const Options& options) {
  Book book(options.amount_outcomes);
  FLORIN_TRY(Secret api_key, read_secret("--api-key-file", options.api_key_file, 8));
  net::Runtime runtime;
  FLORIN_TRY(const std::unique_ptr<Journal> journal,
             Journal::open(options.book,
                           [&book](const json::object& entry) { return book.apply(entry); }));
  Service service(book, *journal, std::move(api_key), options.stall);
  const SystemClock clock;
  FLORIN_TRY(const std::unique_ptr<Notices> notices, make_notices(options, runtime, clock));
  if (notices) service.tell(*notices);
  net::TlsServerOptions listen;
  listen.address = options.address;
  listen.port = options.port;
  listen.certificate_chain = options.certificate;
  listen.private_key = options.private_key;
  FLORIN_TRY(const std::unique_ptr<net::Server> server,
             net::listen_tls(runtime, listen, [&service](http::Request request, const net::Peer&) {
               return service.handle(std::move(request));
             }));
  FLORIN_TRY_VOID(write_port(options.port_file, server->port()));
  log(LogLevel::notice, "sandbox.listening",
      {{"address", options.address}, {"port", std::uint32_t{server->port()}}});
  bool draining = false;
  runtime.on_signal([&](int signal) {
    if (signal == SIGHUP || draining) return;
    draining = true;
    server->drain(kDrainLimit, [&runtime] { runtime.stop(); });
  });
  runtime.run();
  log(LogLevel::notice, "sandbox.stopped");
  return {};
}

}  // namespace
}  // namespace florin::sandbox

int main(int count, char** values) {
  using namespace florin;
  const std::vector<std::string_view> arguments(values + (count > 0 ? 1 : 0), values + count);
  const auto options = sandbox::parse_options(arguments);
  if (!options.ok()) {
    std::cerr << "florin-sandbox: " << options.error().field() << ": " << options.error().message()
              << "\n";
    return 2;
  }
  if (options->help) {
    std::cout << sandbox::help_text();
    return 0;
  }
  if (const auto ended = sandbox::run(*options); !ended.ok()) {
    std::cerr << "florin-sandbox: " << ended.error().field() << ": " << ended.error().message()
              << "\n";
    return 1;
  }
  return 0;
}

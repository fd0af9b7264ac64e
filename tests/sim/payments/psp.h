#pragma once
/// The PSP: the sandbox's book behind its HTTP requests, without sockets and files. What it was
/// asked it does at once; everything that goes wrong is the network's.
#include <string>

#include "daemon/http/message.h"
#include "sandbox/book.h"

namespace florin::sim {

class Psp {
 public:
  static constexpr std::string_view kApiKey = "a-key-of-the-simulated-psp";

  http::Response answer(const http::Request& request);
  /// See sandbox::Book::print.
  [[nodiscard]] json::value book() const { return book_.print(); }

 private:
  http::Response operate(sandbox::OperationKind kind, const std::string& charge,
                         const http::Request& request);
  http::Response conclude(const sandbox::Decision& decision);

  sandbox::Book book_{false};
};

}  // namespace florin::sim

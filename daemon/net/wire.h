#pragma once
/// One connection's bytes, over TLS or plain. Private to this room. All calls on the I/O thread; at
/// most one operation at a time; the wire must outlive it.
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

#include "daemon/net/certificates.h"
#include "daemon/net/task.h"

namespace florin::net {

using Code = boost::system::error_code;

/// Whether requests may still come over a connection.
enum class Standing : std::uint8_t {
  good,
  misdirected,  ///< the host is another domain's (RFC 9110 §15.5.20)
  untrusted,    ///< the client's certificate is not taken any more, or one is needed now
};

struct Read {
  std::size_t bytes = 0;
  Code code;
  bool end = false;  ///< the peer closed its side properly
};

class Wire {
 public:
  Wire() = default;
  virtual ~Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  virtual Task<Code> handshake() = 0;
  virtual Task<Read> read(std::span<char> into) = 0;
  /// All of it, or an error.
  virtual Task<Code> write(std::string_view bytes) = 0;
  /// Says goodbye and reads away a little of what still comes, so that the last answer is not lost
  /// to a reset; then closes.
  virtual Task<void> finish() = 0;
  /// Ends the operation in hand with an error. May come too late by a moment: call again.
  virtual void cancel() noexcept = 0;
  /// Ends the connection and whatever waits on it, for good.
  virtual void close() noexcept = 0;
  /// Open, and the peer has neither closed nor sent anything unasked.
  virtual bool quiet() = 0;
  /// What the handshake proved; null on a plain wire.
  virtual std::shared_ptr<const TlsPeer> proven() { return nullptr; }
  /// Whether a request for this host may come over the connection now.
  virtual Standing standing(std::string_view /*host*/) { return Standing::good; }
};

}  // namespace florin::net

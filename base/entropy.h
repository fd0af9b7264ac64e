#pragma once
/// Randomness as a port.
#include "base/bytes.h"
#include "base/clock.h"
#include "base/uuid.h"

namespace florin {

class Entropy {
 public:
  virtual ~Entropy() = default;
  /// Fills with unpredictable bytes. Never fails: without randomness the process must not live.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// The kernel's generator. Thread-safe.
class SystemEntropy final : public Entropy {
 public:
  void fill(std::span<std::uint8_t> out) override;
};

/// A new time-ordered identifier.
Uuid new_uuid(const Clock& clock, Entropy& entropy);

}  // namespace florin

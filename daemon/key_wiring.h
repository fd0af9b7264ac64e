#pragma once
/// The service of keys over what custody holds.
#include <memory>

#include "daemon/config.h"
#include "daemon/control/key_service.h"
#include "daemon/custody.h"

namespace florin {

/// Custody, clock and entropy outlive it. `sources.let_go` is called after custody has let go.
std::unique_ptr<control::KeyService> make_key_service(Custody& custody, control::KeySources sources,
                                                      const Clock& clock, Entropy& entropy);
/// Beside backups of data and never in one; empty when no directory for backups is configured.
std::filesystem::path bundle_directory(const Config& config);
/// Locks the memory for keys. Error: `config_invalid` naming LimitMEMLOCK.
Result<void> lock_memory_for_keys();

}  // namespace florin

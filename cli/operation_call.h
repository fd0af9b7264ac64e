#pragma once
/// Commands that need two people: looking, confirming, signing, asking; and what the others do.
#include <filesystem>

#include "cli/arguments.h"
#include "cli/run.h"

namespace florin::cli {

/// Asks for the command's operation; exit code 6 when others have to approve.
ExitCode ask_for_operation(const CommandCall& call, const Values& values,
                           const GlobalOptions& global, const std::filesystem::path& directory,
                           Surroundings& around);
/// `florin request approve|reject|cancel|execute`.
ExitCode act_on_request(const CommandCall& call, const Values& values, const GlobalOptions& global,
                        const std::filesystem::path& directory, Surroundings& around);
/// `florin role enrol`.
ExitCode enrol_person(const CommandCall& call, const Values& values, const GlobalOptions& global,
                      Surroundings& around);

}  // namespace florin::cli

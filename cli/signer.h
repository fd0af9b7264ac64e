#pragma once
/// Who signs at this terminal, and what is asked before.
#include <optional>
#include <string>

#include "cli/person_key.h"
#include "cli/request.h"
#include "cli/run.h"

namespace florin::cli {

/// Options that every command has which signs; added to the table by `commands()`.
std::vector<Argument> signing_arguments();
/// Those of a command that asks for an operation: reason, confirmation, and the above.
std::vector<Argument> operation_arguments();

/// Where the key is: --key-file, FLORIN_KEY_FILE, NAME.key beside person.key, person.key.
std::filesystem::path key_path(const Values& values, const Surroundings& around);
/// Reads the key that the options name. Error: `permission_denied` when it is of somebody else than
/// --person names, those of read_person_key.
Result<PersonKey> signing_key(const Values& values, const Surroundings& around);
/// From a file, or of "-" from standard input; where that is a terminal, who sits there is asked
/// and types unseen. Errors: those of read_secret, `field_missing` naming the option when nobody
/// can be asked.
Result<std::string> take_secret(const std::string& path, std::string_view option,
                                std::string_view prompt, const GlobalOptions& global,
                                Surroundings& around);
/// From --passphrase-file, or the terminal; `twice` for a new one. Errors: `field_missing` naming
/// the option when nobody can be asked, `malformed_value`.
Result<Secret> passphrase(const Values& values, const GlobalOptions& global, Surroundings& around,
                          bool twice);
/// Base64 of the signature, once the passphrase is given.
Result<std::string> sign(const PersonKey& key, std::string_view text, const Values& values,
                         const GlobalOptions& global, Surroundings& around);
/// A yes, or where `confirmation` is not empty that word. Errors: `field_missing` naming the option
/// when nobody can be asked, `state_conflict` when the answer is another one.
Result<void> confirm(const std::string& question, const std::string& confirmation,
                     const Values& values, const GlobalOptions& global, Surroundings& around);

}  // namespace florin::cli

#include "cli/signer.h"

#include "cli/render.h"
#include "cli/secret_file.h"

namespace florin::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kShortestPassphrase = 8;

const std::string* value_of(const Values& values, std::string_view name) {
  const auto found = values.find(name);
  return found == values.end() ? nullptr : &found->second;
}

bool can_ask(const GlobalOptions& global, const Surroundings& around) {
  return !global.no_input && around.ask != nullptr;
}

}  // namespace

std::vector<Argument> signing_arguments() {
  return {{.name = "signer",
           .option = "--person",
           .help = "who signs, where several people share an account (or FLORIN_PERSON)",
           .target = Target::local,
           .required = false,
           .environment = "FLORIN_PERSON"},
          {.name = "key_file",
           .option = "--key-file",
           .help = "the person's key (or FLORIN_KEY_FILE); ~/.config/florin/person.key when not "
                   "given",
           .target = Target::local,
           .required = false,
           .environment = "FLORIN_KEY_FILE"},
          {.name = "passphrase_file",
           .option = "--passphrase-file",
           .help = "file with the key's passphrase, - for standard input (or "
                   "FLORIN_PASSPHRASE_FILE); asked for when not given",
           .target = Target::local,
           .required = false,
           .environment = "FLORIN_PASSPHRASE_FILE"}};
}

std::vector<Argument> operation_arguments() {
  std::vector<Argument> out = {{.name = "reason",
                                .option = "--reason",
                                .help = "why; others read it before they approve, and it is kept",
                                .target = Target::local},
                               {.name = "yes",
                                .option = "--yes",
                                .help = "the answer to a question of yes or no",
                                .target = Target::local,
                                .required = false,
                                .flag = true},
                               {.name = "confirm",
                                .option = "--confirm",
                                .help = "the word that a severe operation asks for",
                                .target = Target::local,
                                .required = false}};
  for (Argument& argument : signing_arguments()) out.push_back(std::move(argument));
  return out;
}

fs::path key_path(const Values& values, const Surroundings& around) {
  if (const std::string* given = value_of(values, "key_file")) return fs::path(*given);
  const fs::path home = fs::path(around.environment("XDG_CONFIG_HOME").value_or("")).empty()
                            ? fs::path(around.environment("HOME").value_or("/")) / ".config"
                            : fs::path(around.environment("XDG_CONFIG_HOME").value_or(""));
  if (const std::string* person = value_of(values, "signer")) {
    const fs::path own = home / "florin" / (*person + ".key");
    std::error_code failed;
    if (fs::exists(own, failed)) return own;
  }
  return home / "florin" / "person.key";
}

Result<PersonKey> signing_key(const Values& values, const Surroundings& around) {
  const fs::path path = key_path(values, around);
  FLORIN_TRY(PersonKey key, read_person_key(path));
  const std::string* person = value_of(values, "signer");
  if (person != nullptr && *person != key.name) {
    return Error(Errc::permission_denied, path.string(), "is the key of " + key.name);
  }
  return key;
}

Result<std::string> take_secret(const std::string& path, std::string_view option,
                                std::string_view prompt, const GlobalOptions& global,
                                Surroundings& around) {
  if (path != "-" || !around.input_terminal) return read_secret(path, around.in);
  const Error missing(Errc::field_missing, std::string(option),
                      "is needed, since nobody can be asked");
  if (!can_ask(global, around)) return missing;
  auto typed = around.ask(prompt, true);
  if (!typed.has_value() || typed->empty()) return missing;
  return std::move(*typed);
}

Result<Secret> passphrase(const Values& values, const GlobalOptions& global, Surroundings& around,
                          bool twice) {
  std::string text;
  if (const std::string* file = value_of(values, "passphrase_file")) {
    FLORIN_TRY(text, take_secret(*file, "--passphrase-file", "Passphrase: ", global, around));
  } else if (can_ask(global, around)) {
    text = around.ask("Passphrase: ", true).value_or("");
    std::string again = twice ? around.ask("Again: ", true).value_or("") : text;
    const bool same = text == again;
    wipe(again);
    if (!same) {
      wipe(text);
      return Error(Errc::malformed_value, "passphrase", "was not the same twice");
    }
  } else {
    return Error(Errc::field_missing, "--passphrase-file",
                 "is needed, since nobody can be asked for the passphrase");
  }
  Secret out(view_of(text));
  wipe(text);
  if (twice && out.size() < kShortestPassphrase) {
    return Error(Errc::malformed_value, "passphrase", "has to have 8 characters or more");
  }
  return out;
}

Result<std::string> sign(const PersonKey& key, std::string_view text, const Values& values,
                         const GlobalOptions& global, Surroundings& around) {
  FLORIN_TRY(const Secret words, passphrase(values, global, around, false));
  FLORIN_TRY(const Secret seed, unlock(key, words));
  FLORIN_TRY(const Ed25519Signature signature, ed25519_sign(seed, view_of(text)));
  return to_base64(signature);
}

Result<void> confirm(const std::string& question, const std::string& confirmation,
                     const Values& values, const GlobalOptions& global, Surroundings& around) {
  const Error declined(Errc::state_conflict, {}, "not confirmed; nothing was done");
  if (!confirmation.empty()) {
    if (const std::string* given = value_of(values, "confirm")) {
      if (*given == confirmation) return {};
      return Error(Errc::malformed_value, "--confirm", "has to be " + printable(confirmation));
    }
    if (!can_ask(global, around)) {
      return Error(Errc::field_missing, "--confirm",
                   "is needed for this: --confirm=" + printable(confirmation));
    }
    const auto answer = around.ask("Type " + printable(confirmation) + " to continue: ", false);
    return answer == confirmation ? Result<void>() : Result<void>(declined);
  }
  if (value_of(values, "yes") != nullptr) return {};
  if (!can_ask(global, around)) {
    return Error(Errc::field_missing, "--yes", "is needed, since nobody can be asked");
  }
  const auto answer = around.ask(question + " [y/N] ", false);
  return answer == "y" || answer == "yes" ? Result<void>() : Result<void>(declined);
}

}  // namespace florin::cli

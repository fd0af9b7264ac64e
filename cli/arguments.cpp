#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <deque>
#include <map>

#include "cli/help.h"
#include "cli/suggest.h"
#include "daemon/domain/machine.h"

namespace florin::cli {
namespace {

struct Leaf {
  const Command* command = nullptr;
  CLI::App* app = nullptr;
};

// Where CLI11 stores what it reads; deque-like stability is needed, so values sit in maps.
struct Storage {
  GlobalOptions global;
  std::string output = "table";
  std::string timeout;
  bool version = false;
  InitCall init;
  BackupVerifyCall backup_verify;
  BackupRestoreCall backup_restore;
  BundleImportCall bundle_import;
  std::string init_directory;
  std::string init_module;
  std::string topic;
  std::string machine;
  std::map<const Command*, std::map<std::string, std::string>> values;
  std::deque<Leaf> leaves;
  std::map<std::string, CLI::App*> nouns;
};

void add_global_options(CLI::App& app, Storage& storage) {
  app.add_option("--output", storage.output, "table for people, json for programs")
      ->check(CLI::IsMember({"table", "json"}));
  auto* run = app.add_option("--run-dir", storage.global.run_directory,
                             "directory of the daemon's sockets (or FLORIN_RUN_DIR)");
  app.add_option("--config", storage.global.config,
                 "the daemon's configuration file, to find its run directory")
      ->excludes(run);
  app.add_option("--timeout", storage.timeout, "longest time to wait, e.g. 30s, 500ms, 2m");
  app.add_flag("--quiet", storage.global.quiet, "no notices");
  app.add_flag("--no-input", storage.global.no_input,
               "ask nothing: fail and name the option that is missing");
  app.add_flag("--version", storage.version, "print the version and exit");
}

void add_init(CLI::App& app, Storage& storage) {
  CLI::App* init = app.add_subcommand("init", "make an evaluation instance in a folder of its own");
  init->add_flag("--evaluation", storage.init.evaluation,
                 "an instance to try, with a software token; never for production");
  init->add_option("--dir", storage.init_directory, "folder to make");
  init->add_option("--api-port", storage.init.options.api_port,
                   "port of the merchant API; 0, when not given, takes any free one");
  init->add_option("--hsm-module", storage.init_module, "PKCS#11 module of the software token");
  init->footer(
      "EXAMPLES\n  florin init --evaluation --dir ./try\n\n"
      "EXIT STATUS\n  0 done, 2 wrong arguments, 5 the folder exists and is not empty");
}

// Their work is done here and not by the daemon, so they are not in the table of commands.
void add_backup(CLI::App& noun, Storage& storage) {
  BackupVerifyCall& verify = storage.backup_verify;
  CLI::App* app = noun.add_subcommand("verify", "verify a backup offline");
  app->add_option("directory", verify.directory, "folder of the backup")->required();
  app->add_option("--key", verify.key_file,
                  "PEM of the audit key from a place you trust; the backup's own when not given");
  app->footer(
      "EXAMPLES\n  florin backup verify /mnt/backups/backup-20261121T020000Z --key "
      "audit-key.pem\n\n"
      "EXIT STATUS\n  0 nothing wrong, 2 wrong arguments, 3 the backup is damaged, 4 no such "
      "folder");
  BackupRestoreCall& restore = storage.backup_restore;
  app = noun.add_subcommand("restore", "make a data directory of a backup, with florind stopped");
  app->add_option("directory", restore.directory, "folder of the backup")->required();
  app->add_option("--to", restore.target, "data directory to make; absent or empty")->required();
  app->add_option("--to-entry", restore.sizes,
                  "LEDGER=SEQ: leave entries from SEQ on behind; LEDGER as backup verify names it");
  app->add_option("--key", restore.key_file, "as for backup verify");
  app->footer(
      "Run it as the account that florind runs as. The books stay closed to payments until two\n"
      "people have opened each ledger: florin ledger reopen.\n\n"
      "EXAMPLES\n  florin backup restore backup-20261121T020000Z --to /var/lib/florin/data\n\n"
      "EXIT STATUS\n  0 done, 2 wrong arguments, 3 the backup is damaged, 5 the folder is not "
      "empty");
}

void add_key(CLI::App& noun, Storage& storage) {
  BundleImportCall& import = storage.bundle_import;
  CLI::App* app = noun.add_subcommand(
      "bundle-import", "lay a key bundle into a restored data directory, with florind stopped");
  app->add_option("file", import.file, "the key bundle")->required();
  app->add_option("--to", import.target, "data directory without a keyring")->required();
  app->footer(
      "Run it as the account that florind runs as. The next start checks the bundle with the\n"
      "security module and refuses one from before the last key was destroyed.\n\n"
      "EXAMPLES\n  florin key bundle-import keys-epoch-000012.bundle --to /var/lib/florin/data\n\n"
      "EXIT STATUS\n  0 done, 2 wrong arguments or not a bundle, 4 no such file or folder, 5 there "
      "is a keyring already");
}

std::vector<std::string> machine_names() {
  std::vector<std::string> names;
  for (const domain::Machine& machine : domain::machines()) names.emplace_back(machine.name);
  return names;
}

void add_payment(CLI::App& noun, Storage& storage) {
  CLI::App* app = noun.add_subcommand(
      "graph", "print the state machines of payments as a graph in the DOT language");
  app->add_option("--machine", storage.machine, "only this one")
      ->check(CLI::IsMember(machine_names()));
  app->footer(
      "It is the table that this version works by; no daemon is asked.\n\n"
      "EXAMPLES\n  florin payment graph --machine operation | dot -Tsvg > operation.svg\n\n"
      "EXIT STATUS\n  0 done, 2 wrong arguments");
}

Print graph_call(const std::string& name) {
  std::vector<domain::Machine> machines = domain::machines();
  if (!name.empty()) std::erase_if(machines, [&](const auto& one) { return one.name != name; });
  return {ExitCode::ok, domain::to_dot(machines)};
}

void add_arguments(CLI::App& app, const Command& command, Storage& storage) {
  for (const Argument& argument : command.arguments) {
    const std::string name(argument.name);
    const bool positional = argument.option.empty();
    std::string& target = storage.values[&command][name];
    if (argument.flag) {
      app.add_flag(std::string(argument.option), target, std::string(argument.help));
      continue;
    }
    auto* option = app.add_option(positional ? name : std::string(argument.option), target,
                                  std::string(argument.help));
    option->type_name(
        argument.number ? "NUMBER"
        : argument.target == Target::body_file || argument.target == Target::body_file_digest ||
                argument.target == Target::body_secret_file ||
                argument.target == Target::secret_out || argument.target == Target::text_out
            ? "FILE"
            : "TEXT");
  }
}

void add_commands(CLI::App& app, Storage& storage) {
  for (const Command& command : commands()) {
    const std::string noun(command.noun);
    CLI::App* parent = &app;
    if (!command.verb.empty()) {
      CLI::App*& noun_app = storage.nouns[noun];
      if (noun_app == nullptr) {
        noun_app = app.add_subcommand(noun, std::string(noun_summary(noun)));
        noun_app->require_subcommand(0, 1);
      }
      parent = noun_app;
    }
    const std::string word(command.verb.empty() ? command.noun : command.verb);
    CLI::App* leaf = parent->add_subcommand(word, std::string(command.summary));
    add_arguments(*leaf, command, storage);
    leaf->footer("EXAMPLES\n  " + std::string(command.example) +
                 "\n\nEXIT STATUS\n  0 done; the others: florin help exit-codes");
    storage.leaves.push_back({&command, leaf});
  }
}

std::vector<std::string> words_below(const std::string& noun) {
  std::vector<std::string> words;
  if (noun.empty()) words = {"init", "help"};
  if (noun == "backup") words = {"verify", "restore"};
  if (noun == "key") words = {"bundle-import"};
  if (noun == "payment") words = {"graph"};
  for (const Command& command : commands()) {
    const std::string word(noun.empty() ? command.noun : command.verb);
    if (!noun.empty() && command.noun != noun) continue;
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  }
  return words;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Print wrong_word(const std::string& word, const std::string& noun) {
  const std::vector<std::string> words = words_below(noun);
  const std::string prefix = noun.empty() ? "" : noun + " ";
  std::string text = "unknown command \"" + prefix + word + "\"";
  if (const auto meant = suggest(word, words)) {
    text += "; did you mean \"" + prefix + *meant + "\"?";
  } else {
    text += "; there is " + joined(words);
  }
  return {ExitCode::usage, text};
}

// CLI11 reports a mistyped command as a missing one, so the words are looked at first.
std::optional<Print> check_words(const std::vector<std::string>& arguments) {
  static const std::vector<std::string> valued{"--output", "--run-dir", "--config", "--timeout"};
  std::vector<std::string> found;
  for (std::size_t i = 0; i < arguments.size() && found.size() < 2; ++i) {
    const std::string& argument = arguments[i];
    if (argument.starts_with('-')) {
      if (contains(valued, argument)) ++i;
      continue;
    }
    if (found.empty()) {
      if (!contains(words_below({}), argument)) return wrong_word(argument, {});
    } else {
      const std::vector<std::string> verbs = words_below(found.front());
      const bool has_verbs = !verbs.empty() && !verbs.front().empty();
      if (has_verbs && !contains(verbs, argument)) return wrong_word(argument, found.front());
    }
    found.push_back(argument);
  }
  return std::nullopt;
}

Print help_call(const std::string& topic) {
  if (topic.empty()) return {ExitCode::ok, std::string(overview())};
  if (const auto text = help_topic(topic)) return {ExitCode::ok, std::string(*text)};
  std::string message = "no help on \"" + topic + "\"";
  if (const auto meant = suggest(topic, help_topics())) {
    message += "; did you mean \"" + *meant + "\"?";
  } else {
    message += "; topics: " + joined(help_topics());
  }
  return {ExitCode::usage, message};
}

CommandCall command_call(const Leaf& leaf, Storage& storage, const Environment& environment) {
  CommandCall call{.command = leaf.command, .values = {}};
  for (const Argument& argument : leaf.command->arguments) {
    const std::string name(argument.name);
    const std::string given = argument.option.empty() ? name : std::string(argument.option);
    if (leaf.app->count(given) > 0) {
      call.values[name] = storage.values[leaf.command][name];
    } else if (!argument.environment.empty()) {
      if (auto value = environment(std::string(argument.environment)); value && !value->empty()) {
        call.values[name] = *value;
      }
    }
  }
  return call;
}

decltype(Invocation::call) find_call(CLI::App& app, Storage& storage,
                                     const Environment& environment) {
  if (storage.version) return Print{ExitCode::ok, version_text()};
  for (const Leaf& leaf : storage.leaves) {
    if (leaf.app->parsed()) return command_call(leaf, storage, environment);
  }
  CLI::App& backup = *storage.nouns.at("backup");
  if (backup.got_subcommand("verify")) return storage.backup_verify;
  if (backup.got_subcommand("restore")) return storage.backup_restore;
  if (storage.nouns.at("key")->got_subcommand("bundle-import")) return storage.bundle_import;
  if (storage.nouns.at("payment")->got_subcommand("graph")) return graph_call(storage.machine);
  if (app.got_subcommand("help")) return help_call(storage.topic);
  if (app.got_subcommand("init")) {
    storage.init.options.directory = storage.init_directory;
    storage.init.options.hsm_module = storage.init_module;
    return storage.init;
  }
  for (const auto& [noun, noun_app] : storage.nouns) {
    if (noun_app->parsed()) {
      return Print{ExitCode::usage, "\"" + noun + "\" needs one of: " + joined(words_below(noun))};
    }
  }
  return Print{ExitCode::ok, std::string(overview())};
}

}  // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit = text.substr(static_cast<std::size_t>(at - text.data()));
  std::int64_t factor = 0;
  if (unit.empty() || unit == "s") factor = 1000;
  if (unit == "ms") factor = 1;
  if (unit == "m") factor = 60'000;
  if (error != std::errc{} || factor == 0 || number <= 0 || number > 86'400'000 / factor) {
    return Error(Errc::malformed_value, "--timeout",
                 "\"" + std::string(text) + "\" is not a time such as 30s, 500ms or 2m");
  }
  return std::chrono::milliseconds(number * factor);
}

Invocation parse_arguments(std::vector<std::string> arguments, const Environment& environment) {
  Storage storage;
  CLI::App app("operate a payment orchestration appliance", "florin");
  app.fallthrough();
  app.require_subcommand(0, 1);
  add_global_options(app, storage);
  add_init(app, storage);
  add_commands(app, storage);
  add_backup(*storage.nouns.at("backup"), storage);
  add_key(*storage.nouns.at("key"), storage);
  add_payment(*storage.nouns.at("payment"), storage);
  app.add_subcommand("help", "help on a topic: " + joined(help_topics()))
      ->add_option("topic", storage.topic, "topic");
  app.footer("`florin NOUN VERB --help` tells the options of one command.");

  // Errors are shown in the format that was asked for, even when parsing stopped before it.
  const auto wants_json = [&arguments] {
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (arguments[i] == "--output=json") return true;
      if (arguments[i] == "--output" && i + 1 < arguments.size() && arguments[i + 1] == "json") {
        return true;
      }
    }
    return false;
  };
  Invocation invocation;
  invocation.global.output = wants_json() ? Output::json : Output::table;
  if (auto wrong = check_words(arguments)) {
    invocation.call = *wrong;
    return invocation;
  }
  try {
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    app.parse(arguments);
    storage.global.output = invocation.global.output;
    invocation.global = storage.global;
    if (!storage.timeout.empty()) {
      auto timeout = parse_duration(storage.timeout);
      if (!timeout.ok()) {
        invocation.call = Print{ExitCode::usage, "--timeout: " + timeout.error().message()};
        return invocation;
      }
      invocation.global.timeout = *timeout;
    }
    invocation.call = find_call(app, storage, environment);
  } catch (const CLI::CallForHelp&) {
    invocation.call = Print{ExitCode::ok, app.help()};
  } catch (const CLI::ParseError& error) {
    invocation.call = Print{ExitCode::usage, error.what()};
  }
  return invocation;
}

}  // namespace florin::cli

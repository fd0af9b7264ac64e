#include "cli/command.h"

namespace florin::cli {

std::vector<Command> backup_commands() {
  return {{.noun = "backup",
           .verb = "create",
           .summary = "begin a backup; payments go on",
           .schema = "florin.backup.create/1",
           .role = Role::operating,
           .method = "POST",
           .path = "/operator/v1/backups",
           .arguments = {},
           .view = {.shape = View::Shape::record,
                    .columns = {{"name", "name"}, {"directory", "directory"}, {"state", "state"}}},
           .example = "florin backup create",
           .notice = "It is good when florin backup list says \"made\"."},
          {.noun = "backup",
           .verb = "list",
           .summary = "list the backups and how the last one ended",
           .schema = "florin.backup.list/1",
           .path = "/operator/v1/backups",
           .arguments = {},
           .view = {.shape = View::Shape::table,
                    .columns = {{"BACKUP", "name"},
                                {"STATE", "state"},
                                {"LEDGERS", "ledgers", Format::number},
                                {"ENTRIES", "entries", Format::number},
                                {"BYTES", "bytes", Format::number},
                                {"PROBLEM", "problem"}},
                    .empty = "no backups"},
           .example = "florin backup list"}};
}

}  // namespace florin::cli

#include "ledger/lmdb/environment.h"

#include <lmdb.h>

#include <mutex>
#include <set>

#include "ledger/lmdb/lmdb_error.h"
#include "ledger/lmdb/page_check.h"

namespace florin::lmdb {
namespace {

constexpr unsigned kMaxReaders = 512;
constexpr mdb_mode_t kFileMode = 0600;

// LMDB's locks are POSIX record locks: closing any descriptor of the file drops them for the whole
// process. So what must be unique is the path per process, and that is what this set is scoped to.
struct OpenPaths {
  std::mutex mutex;
  std::set<std::string> paths;
};
OpenPaths& open_paths() {
  static OpenPaths paths;
  return paths;
}

bool register_path(const std::string& path) {
  OpenPaths& open = open_paths();
  const std::lock_guard lock(open.mutex);
  return open.paths.insert(path).second;
}

void unregister_path(const std::string& path) {
  OpenPaths& open = open_paths();
  const std::lock_guard lock(open.mutex);
  open.paths.erase(path);
}

}  // namespace

Result<std::unique_ptr<Environment>> Environment::open(const EnvironmentOptions& options) {
  std::error_code failure;
  const std::string path = std::filesystem::canonical(options.directory, failure).string();
  if (failure) {
    return Error(Errc::io_failure, {}, {}, options.directory.string() + ": " + failure.message());
  }
  if (!register_path(path)) {
    return Error(Errc::state_conflict, {}, "The database is open already.", path);
  }
  MDB_env* handle = nullptr;
  int code = mdb_env_create(&handle);
  if (code != 0) {
    unregister_path(path);
    return lmdb_error(code, "env_create");
  }
  std::unique_ptr<Environment> environment(new Environment(handle, path));
  code = mdb_env_set_mapsize(handle, options.map_bytes);
  if (code == 0) code = mdb_env_set_maxreaders(handle, kMaxReaders);
  if (code == 0) code = mdb_env_set_maxdbs(handle, options.max_tables);
  FLORIN_TRY_VOID(check_pages(options.directory / "data.mdb"));
  if (code == 0) code = mdb_env_open(handle, path.c_str(), MDB_NOTLS, kFileMode);
  if (code != 0) return lmdb_error(code, "env_open " + path);
  FLORIN_TRY_VOID(environment->check_readers());
  return environment;
}

Environment::Environment(MDB_env* handle, std::string registered_path)
    : handle_(handle), registered_path_(std::move(registered_path)) {}

Environment::~Environment() {
  mdb_env_close(handle_);
  unregister_path(registered_path_);
}

Result<ReadTransaction> Environment::read() const {
  MDB_txn* transaction = nullptr;
  int code = mdb_txn_begin(handle_, nullptr, MDB_RDONLY, &transaction);
  if (code == MDB_READERS_FULL) {
    int dead = 0;
    if (mdb_reader_check(handle_, &dead) == 0 && dead > 0) {
      code = mdb_txn_begin(handle_, nullptr, MDB_RDONLY, &transaction);
    }
  }
  if (code != 0) return lmdb_error(code, "begin read");
  return ReadTransaction(transaction);
}

Result<WriteTransaction> Environment::write() {
  MDB_txn* transaction = nullptr;
  if (const int code = mdb_txn_begin(handle_, nullptr, 0, &transaction); code != 0) {
    return lmdb_error(code, "begin write");
  }
  return WriteTransaction(transaction);
}

Result<void> Environment::check_readers() {
  int dead = 0;
  if (const int code = mdb_reader_check(handle_, &dead); code != 0) {
    return lmdb_error(code, "reader_check");
  }
  return {};
}

Result<void> Environment::copy_to(const std::filesystem::path& directory, bool compact) const {
  const unsigned flags = compact ? MDB_CP_COMPACT : 0;
  if (const int code = mdb_env_copy2(handle_, directory.c_str(), flags); code != 0) {
    return lmdb_error(code, "env_copy " + directory.string());
  }
  return {};
}

std::uint64_t Environment::used_bytes() const {
  MDB_envinfo info{};
  MDB_stat stat{};
  if (mdb_env_info(handle_, &info) != 0 || mdb_env_stat(handle_, &stat) != 0) return 0;
  return (std::uint64_t{info.me_last_pgno} + 1) * stat.ms_psize;
}

}  // namespace florin::lmdb

# Sourced by scripts: a PostgreSQL 15 cluster of its own in a directory, reached over a UNIX socket
# only. PostgreSQL refuses to run as root, so root hands it to the user of its Debian package.

postgres_bin=/usr/lib/postgresql/15/bin

as_postgres() {
  if [ "$(id -u)" -eq 0 ]; then
    setpriv --reuid=postgres --regid=postgres --clear-groups \
      env -i PATH="$PATH" LC_ALL=C.UTF-8 HOME="$postgres_dir" "$@"
  else
    "$@"
  fi
}

# postgres_sql DATABASE [psql options...]
postgres_sql() {
  local database=$1
  shift
  "$postgres_bin/psql" -X -q -v ON_ERROR_STOP=1 -h "$postgres_dir" -U postgres -d "$database" "$@"
}

# postgres_start DIRECTORY: makes the cluster in DIRECTORY (which is made) and starts it. Durable as in
# a bank: every commit is flushed before it is answered. The rest is set for speed.
postgres_start() {
  postgres_dir=$1
  mkdir -p "$postgres_dir"
  chmod 700 "$postgres_dir"
  [ "$(id -u)" -ne 0 ] || chown postgres: "$postgres_dir"
  local memory_mib shared_mib
  memory_mib=$(awk '/^MemTotal:/ { print int($2 / 1024) }' /proc/meminfo)
  shared_mib=$((memory_mib / 4 < 1024 ? memory_mib / 4 : 1024))
  (
    cd "$postgres_dir"
    as_postgres "$postgres_bin/initdb" -D "$postgres_dir/data" -U postgres --auth=trust \
      --locale=C.UTF-8 --encoding=UTF8 >"$postgres_dir/initdb.log" 2>&1
  ) || { cat "$postgres_dir/initdb.log" >&2; return 1; }
  cat >>"$postgres_dir/data/postgresql.conf" <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$postgres_dir'
max_connections = 100
fsync = on
synchronous_commit = on
full_page_writes = on
wal_sync_method = fdatasync
shared_buffers = ${shared_mib}MB
wal_buffers = 64MB
wal_level = minimal
max_wal_senders = 0
max_wal_size = 8GB
min_wal_size = 2GB
checkpoint_timeout = 15min
checkpoint_completion_target = 0.9
jit = off
SETTINGS
  (
    cd "$postgres_dir"
    as_postgres "$postgres_bin/pg_ctl" -D "$postgres_dir/data" -w -t 60 \
      -l "$postgres_dir/server.log" start >/dev/null
  ) || { tail -n 20 "$postgres_dir/server.log" >&2; return 1; }
}

postgres_settings() {
  echo "PostgreSQL $("$postgres_bin/postgres" --version | grep -oE '[0-9.]+' | head -n 1), UNIX socket:"
  postgres_sql postgres -At -F ' ' -c "select name, current_setting(name) from pg_settings
    where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method',
      'shared_buffers', 'wal_buffers', 'wal_level', 'max_wal_size', 'min_wal_size', 'commit_delay',
      'checkpoint_timeout', 'checkpoint_completion_target', 'autovacuum', 'jit', 'huge_pages',
      'wal_compression', 'max_connections', 'data_checksums') order by name" |
    awk '{ printf "%s%s=%s", (NR > 1 ? " " : "  "), $1, $2 } END { print "" }' | fold -s -w 100 |
    sed '2,$s/^/  /'
}

postgres_stop() {
  [ -n "${postgres_dir:-}" ] && [ -f "$postgres_dir/data/postmaster.pid" ] || return 0
  (cd "$postgres_dir" && as_postgres "$postgres_bin/pg_ctl" -D "$postgres_dir/data" -w -m immediate stop) \
    >/dev/null 2>&1 || true
}

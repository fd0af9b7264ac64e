#include "daemon/control/reseal.h"

#include <string_view>

#include "daemon/control/record_store.h"
#include "daemon/domain/notice_channel.h"
#include "daemon/vault/sealed_secret.h"

namespace florin::control {
namespace {

constexpr std::size_t kPage = 100;

// What tells the kinds of records with a secret apart.
struct CredentialKind {
  using Record = domain::Credential;
  static constexpr domain::Kind kind = domain::Kind::credential;
  static constexpr std::string_view label = "cred";
  static constexpr std::string_view table = "credential";
  static Result<Record> decode(const ledger::ObjectRow& row) {
    return domain::decode_credential(row.id, row.immutable, row.head);
  }
};
struct ConnectorKind {
  using Record = domain::Connector;
  static constexpr domain::Kind kind = domain::Kind::connector;
  static constexpr std::string_view label = "cred";
  static constexpr std::string_view table = "connector";
  static Result<Record> decode(const ledger::ObjectRow& row) {
    return domain::decode_connector(row.id, row.immutable, row.head);
  }
};
struct EndpointKind {
  using Record = domain::Endpoint;
  static constexpr domain::Kind kind = domain::Kind::endpoint;
  static constexpr std::string_view label = "whsec";
  static constexpr std::string_view table = "endpoint";
  static Result<Record> decode(const ledger::ObjectRow& row) {
    return domain::decode_endpoint(row.id, row.immutable, row.head);
  }
};
struct NoticeKind {
  using Record = domain::NoticeChannel;
  static constexpr domain::Kind kind = domain::Kind::notice_channel;
  static constexpr std::string_view label = "cred";
  static constexpr std::string_view table = "notice";
  static Result<Record> decode(const ledger::ObjectRow& row) {
    return domain::decode_notice_channel(row.id, row.version, row.immutable, row.head);
  }
};

Result<std::vector<ledger::ObjectRow>> page_of(const ledger::Ledger& books, domain::Kind kind,
                                               const std::optional<Uuid>& after) {
  return books.objects(static_cast<ledger::ObjectKind>(kind), after, kPage);
}

template <class T>
std::string place_of(const ledger::TenantLedger& ledger, const typename T::Record& record) {
  return vault::secret_place(ledger.tenant.text(), T::table, record.id.text(), "secret");
}

// One record to be written, and what its secret must be afterwards.
struct Moved {
  Uuid id;
  Secret secret;
};

template <class T>
Result<Moved> move_secret(const ledger::TenantLedger& ledger, const ledger::ObjectRow& row,
                          typename T::Record record, const Clock& clock, Entropy& entropy,
                          std::vector<ledger::Command>& commands) {
  const std::string place = place_of<T>(ledger, record);
  FLORIN_TRY(Secret secret,
             vault::open_secret(*ledger.keys, T::label, place, record.sealed_secret));
  FLORIN_TRY(record.sealed_secret,
             vault::seal_secret(*ledger.keys, T::label, place, secret.view(), entropy));
  ledger::Command command;
  command.entry_id = new_uuid(clock, entropy);
  command.type = ledger::EntryType::audit;
  command.origin = ledger::Origin::system;
  command.subject = row.id;
  command.note = "secret sealed under a new key";
  command.objects.push_back({.kind = row.kind,
                             .id = row.id,
                             .expected_version = row.version,
                             .immutable = std::nullopt,
                             .head = domain::encode(record).head});
  commands.push_back(std::move(command));
  return Moved{row.id, std::move(secret)};
}

template <class T>
Result<void> check_moved(const ledger::TenantLedger& ledger, const Moved& moved,
                         CredentialDirectory& directory) {
  FLORIN_TRY(const auto row,
             ledger.books->object(static_cast<ledger::ObjectKind>(T::kind), moved.id));
  if (!row.has_value()) return Error(Errc::ledger_mismatch, {}, {}, "a record is gone");
  FLORIN_TRY(const auto record, T::decode(*row));
  FLORIN_TRY(const Secret secret,
             vault::open_secret(*ledger.keys, T::label, place_of<T>(ledger, record),
                                record.sealed_secret));
  if (!secret.equals(moved.secret.view())) {
    return Error(Errc::decryption_failed, {}, {}, "a secret read back is another one");
  }
  if constexpr (std::is_same_v<typename T::Record, domain::Credential>) {
    directory.put(ledger, record);
  }
  return {};
}

template <class T>
Result<std::uint64_t> reseal_kind(const ledger::TenantLedger& ledger,
                                  CredentialDirectory& directory, const Clock& clock,
                                  Entropy& entropy) {
  std::uint64_t count = 0;
  std::optional<Uuid> after;
  for (;;) {
    FLORIN_TRY(const auto rows, page_of(*ledger.books, T::kind, after));
    std::vector<ledger::Command> commands;
    std::vector<Moved> moved;
    for (const ledger::ObjectRow& row : rows) {
      after = row.id;
      FLORIN_TRY(auto record, T::decode(row));
      if (record.sealed_secret.empty()) continue;  // a certificate alone is the proof
      FLORIN_TRY(const std::uint32_t version, vault::sealed_version(record.sealed_secret));
      if (version == ledger.keys->active_version()) continue;
      FLORIN_TRY(Moved one,
                 move_secret<T>(ledger, row, std::move(record), clock, entropy, commands));
      moved.push_back(std::move(one));
    }
    if (!commands.empty()) {
      for (auto& receipt : ledger.books->append(std::move(commands))) {
        FLORIN_TRY_VOID(std::move(receipt));
      }
      FLORIN_TRY_VOID(ledger.books->catch_up());
    }
    for (const Moved& one : moved) FLORIN_TRY_VOID(check_moved<T>(ledger, one, directory));
    count += moved.size();
    if (rows.size() < kPage) return count;
  }
}

template <class T>
Result<std::uint64_t> count_kind(const ledger::Ledger& books, std::uint32_t version) {
  std::uint64_t count = 0;
  std::optional<Uuid> after;
  for (;;) {
    FLORIN_TRY(const auto rows, page_of(books, T::kind, after));
    for (const ledger::ObjectRow& row : rows) {
      after = row.id;
      FLORIN_TRY(const auto record, T::decode(row));
      if (record.sealed_secret.empty()) continue;
      FLORIN_TRY(const std::uint32_t found, vault::sealed_version(record.sealed_secret));
      if (found == version) ++count;
    }
    if (rows.size() < kPage) return count;
  }
}

}  // namespace

Result<std::uint64_t> reseal_secrets(const ledger::TenantLedger& ledger,
                                     CredentialDirectory& directory, const Clock& clock,
                                     Entropy& entropy) {
  FLORIN_TRY(const std::uint64_t credentials,
             reseal_kind<CredentialKind>(ledger, directory, clock, entropy));
  FLORIN_TRY(const std::uint64_t connectors,
             reseal_kind<ConnectorKind>(ledger, directory, clock, entropy));
  FLORIN_TRY(const std::uint64_t endpoints,
             reseal_kind<EndpointKind>(ledger, directory, clock, entropy));
  FLORIN_TRY(const std::uint64_t notices,
             reseal_kind<NoticeKind>(ledger, directory, clock, entropy));
  return credentials + connectors + endpoints + notices;
}

Result<std::uint64_t> count_sealed(const ledger::Ledger& books, std::uint32_t version) {
  FLORIN_TRY(const std::uint64_t credentials, count_kind<CredentialKind>(books, version));
  FLORIN_TRY(const std::uint64_t connectors, count_kind<ConnectorKind>(books, version));
  FLORIN_TRY(const std::uint64_t endpoints, count_kind<EndpointKind>(books, version));
  FLORIN_TRY(const std::uint64_t notices, count_kind<NoticeKind>(books, version));
  return credentials + connectors + endpoints + notices;
}

}  // namespace florin::control

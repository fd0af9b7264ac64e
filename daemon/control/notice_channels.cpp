// What a connector's notices are verified with.
#include "daemon/connectors/notice.h"
#include "daemon/connectors/notice_secrets.h"
#include "daemon/control/appliance.h"
#include "daemon/control/record_store.h"
#include "daemon/domain/notice_channel.h"
#include "daemon/vault/sealed_secret.h"

namespace florin::control {
namespace {

constexpr auto kKind = static_cast<ledger::ObjectKind>(domain::Kind::notice_channel);

std::string place_of(const ledger::TenantLedger& ledger, const ConnectorId& connector) {
  return vault::secret_place(ledger.tenant.text(), "notice", connector.text(), "secret");
}

// The secret in force, which becomes the one before.
Result<Secret> present_secret(const ledger::TenantLedger& ledger, const ledger::ObjectRow& row) {
  FLORIN_TRY(const domain::NoticeChannel channel,
             domain::decode_notice_channel(row.id, row.version, row.immutable, row.head));
  FLORIN_TRY(const Secret joined,
             vault::open_secret(*ledger.keys, "cred", place_of(ledger, channel.id),
                                channel.sealed_secret));
  FLORIN_TRY(std::vector<Secret> secrets, connectors::split_notice_secrets(joined));
  return std::move(secrets.front());
}

}  // namespace

Result<domain::Connector> Appliance::connector(const ledger::TenantLedger& ledger,
                                               std::string_view name_or_id) const {
  FLORIN_TRY(const std::vector<domain::Connector> all, connectors(ledger));
  for (const domain::Connector& each : all) {
    if (each.name == name_or_id || each.id.text() == name_or_id) return each;
  }
  return Error(Errc::not_found, "connector", "there is no such connector");
}

Result<void> Appliance::set_notice_secret(const ledger::TenantLedger& ledger,
                                          const domain::Connector& connector, const Secret& secret,
                                          Person person) {
  const auto* const verifier = connectors::find_notice_verifier(connector.kind);
  if (verifier == nullptr) {
    return Error(Errc::state_conflict, "connector", "connectors of this kind get no notices");
  }
  if (auto usable = verifier->check_secret(secret.view()); !usable.ok()) {
    return std::move(usable).error().in_field("/secret");
  }
  FLORIN_TRY_VOID(ledger.books->catch_up());
  FLORIN_TRY(const std::optional<ledger::ObjectRow> row,
             ledger.books->object(kKind, connector.id.value));
  Secret previous;
  if (row) {
    FLORIN_TRY(previous, present_secret(ledger, *row));
    // Given once more: nothing changes, and the one before stays.
    if (previous.equals(secret.view())) return {};
  }
  const Secret joined = connectors::join_notice_secrets(secret.view(), previous.view());
  domain::NoticeChannel channel{.id = connector.id,
                                .version = row ? row->version : 0,
                                .changed_at = clock_.now(),
                                .sealed_secret = {}};
  FLORIN_TRY(channel.sealed_secret,
             vault::seal_secret(*ledger.keys, "cred", place_of(ledger, connector.id), joined.view(),
                                entropy_));
  domain::Stored stored = domain::encode(channel);
  ledger::Command command;
  command.entry_id = new_uuid(clock_, entropy_);
  command.type = ledger::EntryType::audit;
  command.subject = connector.id.value;
  command.actor = person_actor(person.uid);
  command.note = "secret of notices set";
  command.objects.push_back({.kind = kKind,
                             .id = connector.id.value,
                             .expected_version = channel.version,
                             .immutable = std::nullopt,
                             .head = std::move(stored.head)});
  if (channel.version == 0) command.objects.back().immutable = std::move(stored.immutable);
  std::vector<ledger::Command> commands;
  commands.push_back(std::move(command));
  std::vector<Result<ledger::Receipt>> receipts = ledger.books->append(std::move(commands));
  if (!receipts.front().ok()) return std::move(receipts.front()).error();
  return ledger.books->catch_up();
}

}  // namespace florin::control

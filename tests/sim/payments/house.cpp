#include "courier.h"
#include "daemon/connectors/notice_secrets.h"
#include "daemon/control/projectors.h"
#include "daemon/domain/kinds.h"
#include "daemon/domain/notice_channel.h"
#include "daemon/domain/records.h"
#include "daemon/vault/sealed_secret.h"
#include "machine.h"
#include "support/test_keys.h"

namespace florin::sim {
namespace {

ledger::ObjectWrite write_of(domain::Kind kind, const Uuid& id, domain::Stored stored) {
  return {.kind = static_cast<ledger::ObjectKind>(kind),
          .id = id,
          .immutable = std::move(stored.immutable),
          .head = std::move(stored.head)};
}

domain::Connector connector_of(const House& house, std::size_t number, Timeline& timeline,
                               Dice& dice) {
  domain::Connector connector{.id = house.connector,
                              .name = "acquirer",
                              .kind = "sandbox",
                              .base_url = "https://psp.example",
                              .created_at = timeline.now()};
  const std::string place =
      vault::secret_place(house.tenant.text(), "connector", connector.id.text(), "secret");
  auto sealed = vault::seal_secret(*house.keys, "cred", place, view_of(Psp::api_key(number)), dice);
  FLORIN_ASSERT(sealed.ok());
  connector.sealed_secret = std::move(*sealed);
  return connector;
}

domain::NoticeChannel channel_of(const House& house, Timeline& timeline, Dice& dice) {
  domain::NoticeChannel channel{.id = house.connector, .changed_at = timeline.now()};
  const std::string place =
      vault::secret_place(house.tenant.text(), "notice", channel.id.text(), "secret");
  const Secret joined = connectors::join_notice_secrets(view_of(Courier::kSecret), {});
  auto sealed = vault::seal_secret(*house.keys, "cred", place, joined.view(), dice);
  FLORIN_ASSERT(sealed.ok());
  channel.sealed_secret = std::move(*sealed);
  return channel;
}

}  // namespace

House make_house(Timeline& timeline, Dice& dice, std::size_t number, std::size_t merchants) {
  House house{.tenant = {new_uuid(timeline, dice)},
              .connector = {new_uuid(timeline, dice)},
              .merchants = {},
              .keys = std::make_shared<test::TestKeys>("house " + std::to_string(dice.below(1000))),
              .books = nullptr};
  ledger::OpenOptions options;
  options.tenant = house.tenant.value;
  options.mode = ledger::Mode::test;
  options.origin = "bank.example/ledger/simulated/test";
  house.books =
      std::make_shared<SlowBooks>(std::move(options), control::projectors(), timeline, dice);
  ledger::Command command{.entry_id = new_uuid(timeline, dice), .type = ledger::EntryType::audit};
  command.objects.push_back(write_of(domain::Kind::connector, house.connector.value,
                                     encode(connector_of(house, number, timeline, dice))));
  command.objects.push_back(write_of(domain::Kind::notice_channel, house.connector.value,
                                     encode(channel_of(house, timeline, dice))));
  for (std::size_t i = 0; i < merchants; ++i) {
    const domain::Merchant merchant{.id = {new_uuid(timeline, dice)},
                                    .name = "shop-" + std::to_string(i),
                                    .created_at = timeline.now()};
    command.objects.push_back(
        write_of(domain::Kind::merchant, merchant.id.value, encode(merchant)));
    house.merchants.push_back(merchant.id);
  }
  house.books->establish(command);
  return house;
}

}  // namespace florin::sim

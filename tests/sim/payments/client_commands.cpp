// What a merchant does with a payment that it has.
#include "clients.h"

namespace florin::sim {

// Mostly what fits, now and then more than there is; no two commands of a life have the same.
std::int64_t Clients::some_amount(Life& life) {
  const std::int64_t whole = *life.create->request.amount;
  const std::int64_t most = dice_.pick({whole / 8, whole / 3, whole, whole + 50}) + 1;
  std::int64_t amount = dice_.between(1, most);
  while (!life.amounts.insert(amount).second) ++amount;
  return amount;
}

Request Clients::about(const Life& life) {
  Request request;
  const Request& created = life.create->request;
  request.house = created.house;
  request.merchant = created.merchant;
  request.currency = created.currency;
  request.payment = life.payment;
  return request;
}

// Mostly once, sometimes by several programs that do not know of each other, sometimes never.
void Clients::confirm_payment(std::size_t number) {
  Life& life = lives_[number];
  const std::uint64_t count = dice_.pick({0U, 1U, 1U, 1U, 2U, 4U});
  for (std::uint64_t i = 0; i < count; ++i) {
    Request request = about(life);
    request.ask = Ask::confirm;
    life.commands.push_back(&add(std::move(request), number, some_delay()));
  }
}

Request Clients::choose_command(Life& life) {
  Request request = about(life);
  const Request& created = life.create->request;
  const bool later = created.manual;
  request.ask = later ? dice_.pick({Ask::capture, Ask::capture, Ask::capture, Ask::void_rest,
                                    Ask::refund, Ask::refund})
                      : dice_.pick({Ask::refund, Ask::refund, Ask::refund, Ask::capture});
  if (request.ask == Ask::refund || (request.ask == Ask::capture && dice_.per_mille(700))) {
    request.amount = some_amount(life);
  }
  if (request.ask == Ask::capture) request.final_capture = dice_.per_mille(250);
  if (dice_.per_mille(10)) request.currency = "USD";
  if (dice_.per_mille(10)) {
    // Another merchant's program, which must not even learn that the payment exists.
    const std::vector<MerchantId>& merchants = machine_.houses()[request.house].merchants;
    request.merchant = merchants[dice_.below(merchants.size())];
  }
  return request;
}

void Clients::command_payment(std::size_t number) {
  Life& life = lives_[number];
  // Some refund in a burst, far more than there is.
  const bool burst = dice_.per_mille(5);
  const std::uint64_t count = burst ? 40 : dice_.below(5);
  for (std::uint64_t i = 0; i < count; ++i) {
    Request request = choose_command(life);
    if (burst && !life.create->request.manual) {
      request.ask = Ask::refund;
      request.amount = some_amount(life);
    }
    life.commands.push_back(&add(std::move(request), number, burst ? kMillisecond : some_delay()));
  }
}

}  // namespace florin::sim

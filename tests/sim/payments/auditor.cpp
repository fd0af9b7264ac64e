#include "auditor.h"

#include <algorithm>

#include "json_members.h"

namespace florin::sim {
namespace {

// ledger/FORMAT.md, "Accounts".
constexpr std::uint16_t kPspReceivable = 1100;
constexpr std::uint16_t kMerchantPayable = 2100;
constexpr std::uint16_t kAuthorizationMemo = 9100;
constexpr std::uint16_t kAuthorizationContra = 9101;

bool was_confirmed(const Life& life) {
  return life.create->request.confirmed ||
         std::any_of(life.commands.begin(), life.commands.end(), [](const Order* order) {
           return order->request.ask == Ask::confirm && order->answer.has_value();
         });
}

}  // namespace

std::vector<std::string> Auditor::audit(const json::value& psp_book) {
  read_psp(psp_book);
  for (const House& house : houses_) {
    read_house(house);
    read_events(house);
  }
  for (const Life& life : clients_.lives()) check_life(life);
  if (postings_.size() != clients_.lives().size()) {
    find(std::to_string(postings_.size()) + " payments in the books for " +
         std::to_string(clients_.lives().size()) + " of the clients");
  }
  findings_.insert(findings_.end(), clients_.complaints().begin(), clients_.complaints().end());
  return findings_;
}

void Auditor::check_life(const Life& life) {
  const Truth& truth = truths_[life.create->request.reference];
  if (truth.charges > 1) find(life, "was charged " + std::to_string(truth.charges) + " times");
  if (!life.create->answer) {
    if (truth.charges > 0) find(life, "was charged, but its client was refused");
    return;
  }
  if (truth.charges > 0 && !was_confirmed(life)) find(life, "was charged, and never confirmed");
  const json::object view = parsed(life.view);
  check_promises(life, parsed(life.create->answer->body));
  for (const Order* order : life.commands) {
    if (order->answer) check_promises(life, parsed(order->answer->body));
  }
  check_commands(life, truth);
  check_amounts(life, truth, view);
  check_postings(life, truth);
  check_hold(life, truth);
  check_events(life, truth);
}

void Auditor::check_amounts(const Life& life, const Truth& truth, const json::object& view) {
  const auto compare = [&](std::string_view name, std::int64_t truth_says) {
    const std::int64_t shown = amount_of(view, name);
    if (shown == truth_says) return;
    find(life, std::string(name) + " is " + std::to_string(shown) + ", the PSP has " +
                   std::to_string(truth_says));
  };
  compare("amount_authorized", truth.authorized);
  compare("amount_captured", truth.captured);
  compare("amount_released", truth.released);
  compare("amount_refunded", truth.refunded);
  const std::string status = text_of(view, "status");
  if (status == "processing" || status == "in_doubt" || status == "review") {
    find(life, "is left " + status);
  }
  // Nobody confirmed it, or too late.
  const bool waits = status == "requires_confirmation";
  if (waits ? truth.charges > 0 : (status == "failed") != (truth.authorized == 0)) {
    find(life, "is " + status);
  }
  for (const char* parts : {"captures", "refunds"}) {
    std::int64_t sum = 0;
    for (const json::value& part : list_of(view, parts)) {
      const std::string state = text_of(part.get_object(), "status");
      if (state == "succeeded") sum += amount_of(part.get_object(), "amount");
      if (state != "succeeded" && state != "failed") {
        find(life, "has one of its " + std::string(parts) + " left " + state);
      }
    }
    const bool captures = parts == std::string_view("captures");
    if (sum != (captures ? truth.captured : truth.refunded)) {
      find(life, "shows other " + std::string(parts) + " than the PSP has");
    }
  }
}

void Auditor::check_postings(const Life& life, const Truth& truth) {
  Postings& posted = postings_[PaymentId::parse(life.payment)->value];
  const std::int64_t open = truth.authorized - truth.captured - truth.released;
  const std::map<Place, std::int64_t> wanted = {
      {{kPspReceivable, verify::Layer::posted}, truth.captured - truth.refunded},
      {{kMerchantPayable, verify::Layer::posted}, truth.refunded - truth.captured},
      {{kAuthorizationMemo, verify::Layer::pending}, open},
      {{kAuthorizationContra, verify::Layer::pending}, -open}};
  for (auto& [place, moved] : posted.places) {
    const auto found = wanted.find(place);
    if (moved.net != (found == wanted.end() ? 0 : found->second)) {
      find(life,
           "moved " + std::to_string(moved.net) + " on account " + std::to_string(place.first));
    }
    std::sort(moved.debits.begin(), moved.debits.end());
    std::sort(moved.credits.begin(), moved.credits.end());
  }
  const Moved& receivable = posted.places[{kPspReceivable, verify::Layer::posted}];
  if (receivable.debits != truth.captures) find(life, "has other captures in the books");
  if (receivable.credits != truth.refunds) find(life, "has other refunds in the books");
  for (const auto& [place, amount] : wanted) {
    if (posted.places[place].net != amount) find(life, "lacks postings");
  }
  if (posted.foreign_party) find(life, "is posted to somebody else");
}

void Auditor::check_hold(const Life& life, const Truth& truth) {
  const House& house = houses_[life.create->request.house];
  const auto hold = house.books->hold(PaymentId::parse(life.payment)->value);
  const ledger::HoldState state = *hold ? **hold : ledger::HoldState{};
  const auto same = [](std::uint64_t left, std::int64_t right) {
    return left == static_cast<std::uint64_t>(right);
  };
  if (!same(state.authorized, truth.authorized) || !same(state.captured, truth.captured) ||
      !same(state.released, truth.released) || !same(state.refunded, truth.refunded)) {
    find(life, "has a hold that says something else");
  }
}

void Auditor::check_events(const Life& life, const Truth& truth) {
  auto& events = postings_[PaymentId::parse(life.payment)->value].events;
  const auto expect = [&](const char* type, std::size_t count) {
    if (events[type] == count) return;
    find(life, "has " + std::to_string(events[type]) + " events " + type);
  };
  expect("payment.created", 1);
  expect("payment.authorized", truth.authorized > 0 ? 1 : 0);
  expect("capture.succeeded", truth.captures.size());
  expect("refund.succeeded", truth.refunds.size());
}

// No command did more than once what it asked for, and none was done that nobody asked for.
void Auditor::check_commands(const Life& life, const Truth& truth) {
  const auto check = [&](Ask ask, std::vector<std::int64_t> left, const char* name) {
    std::size_t whole = ask == Ask::capture && !life.create->request.manual ? 1 : 0;
    for (const Order* order : life.commands) {
      if (order->request.ask != ask) continue;
      const auto asked = order->request.amount
                             ? std::find(left.begin(), left.end(), *order->request.amount)
                             : left.end();
      if (!order->request.amount) ++whole;
      if (asked != left.end()) left.erase(asked);
    }
    if (left.size() > whole) find(life, std::string("has a ") + name + " that nobody asked for");
  };
  check(Ask::capture, truth.captures, "capture");
  check(Ask::refund, truth.refunds, "refund");
}

// What an answer called final has stayed so.
void Auditor::check_promises(const Life& life, const json::object& answer) {
  const json::object view = parsed(life.view);
  if (text_of(answer, "status") == "failed" && text_of(view, "status") != "failed") {
    find(life, "was told to have failed");
  }
  for (const char* parts : {"captures", "refunds"}) {
    for (const json::value& told : list_of(answer, parts)) {
      const std::string id = text_of(told.get_object(), "id");
      const std::string state = text_of(told.get_object(), "status");
      if (state != "succeeded" && state != "failed") continue;
      const json::array& shown = list_of(view, parts);
      if (std::none_of(shown.begin(), shown.end(), [&](const json::value& part) {
            return text_of(part.get_object(), "id") == id &&
                   text_of(part.get_object(), "status") == state;
          })) {
        find(life, "was told that " + id + " has " + state);
      }
    }
  }
}

void Auditor::find(const Life& life, const std::string& what) {
  find(life.create->request.reference + " (" + life.payment + ") " + what);
}

void Auditor::find(const std::string& what) {
  if (findings_.size() < 40) findings_.push_back(what);
}

}  // namespace florin::sim

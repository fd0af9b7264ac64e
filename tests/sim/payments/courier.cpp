#include "courier.h"

#include "json_members.h"

namespace florin::sim {
namespace {

constexpr std::size_t kRemembered = 40;

json::object& answer_in(json::object& record) {
  return record.at("answer").get_object();
}

// The same operation with the other end.
json::object contrary(json::object record) {
  json::object& answer = answer_in(record);
  if (text_of(answer, "status") == "declined") {
    const std::string kind = text_of(record, "kind");
    answer["status"] = kind == "charge" ? "authorized" : "succeeded";
    answer.erase("decline");
  } else {
    answer["status"] = "declined";
    answer["decline"] = json::object{{"code", "do_not_honor"}, {"network_code", "05"}};
  }
  return record;
}

}  // namespace

class Courier::Postman final : public net::Client {
 public:
  Postman(Courier& courier, std::size_t house) : courier_(courier), house_(house) {}
  net::Task<net::Exchange> send(net::Url /*url*/, http::Request request) override {
    return courier_.carry(house_, std::move(request));
  }

 private:
  Courier& courier_;
  std::size_t house_;
};

Courier::Courier(Timeline& timeline, Dice& dice, Machine& machine, FaultyNetwork& network,
                 NoticeTally& tally)
    : timeline_(timeline),
      dice_(dice),
      machine_(machine),
      network_(network),
      tally_(tally),
      sleepers_(timeline) {
  for (std::size_t house = 0; house < machine.houses().size(); ++house) {
    auto url = net::parse_url("https://bank.example/in/" + std::to_string(house));
    FLORIN_ASSERT(url.ok());
    senders_.push_back(std::make_unique<sandbox::Notices>(
        runtime_, timeline, std::make_shared<Postman>(*this, house), std::move(*url),
        Secret(view_of(kSecret))));
  }
}

void Courier::tell(std::size_t house, const json::object& record) {
  ++tally_.told;
  if (remembered_.size() < kRemembered || dice_.per_mille(50)) {
    if (remembered_.size() == kRemembered) remembered_.erase(remembered_.begin());
    remembered_.emplace_back(house, record);
  }
  if (sabotage_ == Sabotage::lying_notice) return tell_in(0, house, contrary(record));
  // Before the answer, which takes its time; beside it; or when everything is over.
  const std::int64_t late =
      dice_.pick({std::int64_t{0}, 200 * kMillisecond, 30 * kSecond, 6 * kHour});
  tell_in(dice_.between(0, late), house, record);
  if (dice_.per_mille(faults_per_mille_ / 10)) {
    tell_in(dice_.between(0, 10 * kMinute), house, altered(record));
  }
}

json::object Courier::altered(json::object record) {
  ++tally_.altered;
  network_.note_altered(text_of(record, "reference"));
  answer_in(record)["amount"] = dice_.between(1, 1'000'000'000);
  return record;
}

void Courier::contradict() {
  for (const auto& [house, record] : remembered_) {
    ++tally_.contradicting;
    tell_in(dice_.between(0, 10 * kSecond), house, contrary(record));
  }
  remembered_.clear();
}

void Courier::tell_in(std::int64_t delay, std::size_t house, json::object record) {
  ++planned_;
  timeline_.in(delay, [this, house, record = std::move(record)] {
    --planned_;
    senders_.at(house)->tell(record);
  });
}

void Courier::run() {
  while (runtime_.context().poll_one() > 0) {
  }
}

net::Task<net::Exchange> Courier::carry(std::size_t house, http::Request request) {
  const std::uint64_t number = ++last_;
  travel(number, house, std::make_shared<const http::Request>(std::move(request)));
  std::function<void(Done)> begin = [this, number](Done done) {
    waiting_.emplace(number, std::move(done));
  };
  std::optional<net::Exchange> exchange =
      co_await net::await_callback<std::optional<net::Exchange>>(std::move(begin));
  co_return std::move(*exchange);
}

void Courier::travel(std::uint64_t number, std::size_t house, const Sent& request) {
  const std::int64_t there = dice_.between(kMillisecond, 60 * kMillisecond);
  fail(kPatience, number);
  if (!dice_.per_mille(faults_per_mille_)) return arrive(there, house, request, number);
  switch (dice_.below(3)) {
    case 0:
      ++tally_.lost;
      return;
    case 1:
      ++tally_.unheard;
      return arrive(there, house, request, 0);
    default:
      ++tally_.twice;
      arrive(there + dice_.between(0, dice_.pick({kMillisecond, kMinute})), house, request, 0);
      return arrive(there, house, request, number);
  }
}

// Number 0: nobody hears what the daemon says to it.
void Courier::arrive(std::int64_t delay, std::size_t house, const Sent& request,
                     std::uint64_t number) {
  ++planned_;
  timeline_.in(delay, [this, house, request, number] {
    --planned_;
    const bool heard = machine_.notify(house, request, [this, number](bool taken) {
      if (taken) ++tally_.taken;
      net::Exchange exchange;
      exchange.response = http::Response{.status = taken ? 204 : 500, .headers = {}, .body = {}};
      exchange.request_may_have_left = true;
      finish(number, exchange);
    });
    if (heard) return;
    ++tally_.nobody;
    fail(0, number);
  });
}

void Courier::fail(std::int64_t delay, std::uint64_t number) {
  timeline_.in(delay, [this, number] {
    net::Exchange exchange;
    exchange.error = Error(Errc::connection_failed);
    exchange.request_may_have_left = true;
    finish(number, exchange);
  });
}

void Courier::finish(std::uint64_t number, const net::Exchange& exchange) {
  const auto waiting = waiting_.extract(number);
  if (!waiting.empty()) waiting.mapped()(exchange);
}

}  // namespace florin::sim

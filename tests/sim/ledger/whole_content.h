#pragma once
/// Everything that a ledger serves, as one comparable value.
#include <set>

#include "unit/ledger/ledger_fixture.h"

namespace florin::ledger::sim {

/// What a reader asks for: known from the commands that were given.
struct Questions {
  std::vector<Uuid> objects;
  std::vector<std::uint64_t> keys;  ///< of uniques and idempotency
  std::vector<Uuid> holds;
};

/// One line per answer; an error is a line of its own kind.
struct Content {
  std::vector<std::string> lines;
  std::set<Errc> errors;
};

class ContentReader {
 public:
  ContentReader(const Ledger& ledger, const Questions& questions)
      : ledger_(ledger), questions_(questions) {}

  Content read() {
    const Head head = ledger_.head();
    add("head", std::to_string(head.next_seq) + " " + to_hex(head.root));
    // One by one, so that an error hides no other answer.
    for (std::uint64_t seq = 0; seq < head.next_seq; ++seq) {
      take("entry " + std::to_string(seq), ledger_.entries(seq, 1), [](const auto& views) {
        return views.empty() ? std::string("none") : to_hex(views[0].leaf);
      });
    }
    if (head.next_seq > 0) {
      for (const std::uint64_t seq : {std::uint64_t{0}, head.next_seq - 1}) {
        take("proof " + std::to_string(seq), ledger_.inclusion_proof(seq, head.next_seq),
             [](const auto& proof) {
               std::string text;
               for (const Hash32& hash : proof) text += to_hex(hash);
               return text;
             });
      }
    }
    take("balances", ledger_.balances(), &ContentReader::balances_text);
    for (const Uuid& id : questions_.objects) {
      take("object " + to_hex(id.view()), ledger_.object(ObjectKind{1}, id), &object_text);
    }
    take("objects", ledger_.objects(ObjectKind{1}, {}, 10'000), [](const auto& rows) {
      std::string text;
      for (const ObjectRow& row : rows) text += object_text(row) + ";";
      return text;
    });
    read_keys();
    for (const Uuid& id : questions_.holds) {
      take("hold " + to_hex(id.view()), ledger_.hold(id), [](const auto& hold) {
        if (!hold.has_value()) return std::string("none");
        return std::to_string(hold->authorized) + " " + std::to_string(hold->captured);
      });
    }
    take("outbox", ledger_.outbox(0, 0, 10'000), [](const auto& events) {
      std::string text;
      for (const OutboxEvent& event : events) {
        text += std::to_string(event.seq) + "/" + std::to_string(event.merchant_seq) + ";";
      }
      return text;
    });
    take("index", ledger_.index(IndexNumber{7}, {}, {}, 10'000, false), [](const auto& page) {
      std::string text;
      for (const auto& row : page.rows) text += to_hex(row.key) + to_hex(row.id.view()) + ";";
      return text;
    });
    return std::move(content_);
  }

 private:
  void add(const std::string& question, const std::string& answer) {
    content_.lines.push_back(question + ": " + answer);
  }
  template <class T, class Text>
  void take(const std::string& question, const Result<T>& answer, const Text& text) {
    if (answer.ok()) {
      add(question, text(*answer));
    } else {
      content_.errors.insert(answer.error().code());
      add(question, "error");
    }
  }
  void read_keys() {
    for (const std::uint64_t number : questions_.keys) {
      take("unique " + std::to_string(number), ledger_.unique(UniqueTable{2}, key_of(number)),
           [](const auto& row) {
             return row.has_value() ? std::to_string(row->seq) + to_hex(row->value)
                                    : std::string("none");
           });
      take("idempotency " + std::to_string(number), ledger_.idempotency(key_of(number)),
           [](const auto& row) {
             return row.has_value() ? std::to_string(row->seq) + to_hex(row->body)
                                    : std::string("none");
           });
    }
  }
  static std::string object_text(const std::optional<ObjectRow>& row) {
    if (!row.has_value()) return "none";
    return std::to_string(row->version) + " " + std::to_string(row->seq) + " " +
           to_hex(row->immutable) + " " + to_hex(row->head);
  }
  static std::string balances_text(const std::vector<AccountBalance>& rows) {
    std::string text;
    for (const AccountBalance& row : rows) {
      for (const Uint128 total : {row.debits_posted, row.credits_posted, row.debits_pending,
                                  row.credits_pending, Uint128{row.account.number}}) {
        text += std::to_string(static_cast<std::uint64_t>(total)) + " ";
      }
      text += to_hex(row.account.key.owner.view()) + ";";
    }
    return text;
  }

  const Ledger& ledger_;
  const Questions& questions_;
  Content content_;
};

}  // namespace florin::ledger::sim

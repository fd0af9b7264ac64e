#pragma once
/// What the ledger is asked to do while its disk fails: 200 commands in groups, three runs, full
/// segments, a rotation, checkpoints. And what a parent may believe of it afterwards.
#include <future>
#include <thread>

#include "base/hash.h"
#include "ledger/log_control.h"
#include "sim/ledger/whole_content.h"
#include "syscall_shim.h"

namespace florin::ledger::sim {

constexpr std::uint64_t kCommands = 200;

inline Command script_command(std::uint64_t entry) {
  switch (entry % 4) {
    case 0:
      return transfer(entry, 1 + entry % 97, entry % 5);
    case 1:
      if (entry > 8) {
        // An object that exists gets another version.
        Command moved = command_of(entry);
        moved.objects = {{ObjectKind{1}, id_of(entry - 7, 1), 1, {}, Bytes{200, 1}}};
        return moved;
      }
      return command_of(entry);
    default: {
      Command command = rich(entry);
      // So many bytes that the second run fills its segment ahead.
      if (entry >= 67 && entry <= 133) command.objects[0].immutable = Bytes(24'000, 7);
      return command;
    }
  }
}

inline Questions script_questions() {
  Questions questions;
  for (std::uint64_t entry = 1; entry <= kCommands; ++entry) {
    if (entry % 4 < 2) continue;
    questions.objects.push_back(id_of(entry, 1));
    questions.keys.push_back(entry);
    questions.holds.push_back(id_of(entry, 0xB0));
  }
  return questions;
}

struct Acknowledged {
  std::atomic<bool> given = false;
  std::uint64_t seq = 0;
  UnixNanos booked_at = 0;
};

/// What a child did, in memory that it shares with its parent.
struct ScriptReport {
  ShimState shim;
  std::array<Acknowledged, kCommands + 1> acknowledged;  ///< by entry
  std::atomic<std::uint64_t> refused = 0;                ///< commands answered with ledger_stopped
  std::atomic<bool> open_failed = false;
  std::atomic<bool> stopped = false;
  std::atomic<bool> checkpoint_failed = false;
  std::atomic<bool> finished = false;  ///< the whole script, without an error
  std::array<char, 300> wrong{};       ///< what must not be, the first of it
  [[nodiscard]] bool any_error() const { return open_failed || stopped || checkpoint_failed; }
};

/// Runs the script in `directory`. Stops soon after the first error, once it has seen that the
/// ledger stays stopped.
class FaultScript {
 public:
  using Open = std::function<Result<std::unique_ptr<Ledger>>(std::uint64_t segment_bytes)>;
  FaultScript(ScriptReport& report, Open open, Signer& signer)
      : report_(report), open_(std::move(open)), signer_(signer) {}

  /// `kill`: ends the process at the first error, as it is.
  void run(bool kill) {
    std::uint64_t next = 1;
    for (int part = 1; part <= 3; ++part) {
      auto opened = open_(part == 1 ? std::uint64_t{40'000} : std::uint64_t{256} << 20U);
      if (!opened.ok()) {
        report_.open_failed = true;
        const Errc code = opened.error().code();
        if (code != Errc::io_failure && code != Errc::ledger_stopped &&
            code != Errc::ledger_corrupt) {
          wrong("open: " + opened.error().to_log());
        }
        return;
      }
      run_part(**opened, next, kCommands * static_cast<std::uint64_t>(part) / 3);
      if (report_.any_error() && kill) _exit(0);
      if (report_.any_error()) return;
    }
    report_.finished = true;
  }

 private:
  void run_part(Ledger& ledger, std::uint64_t& next, std::uint64_t last) {
    static constexpr std::array<std::uint64_t, 4> kSizes = {1, 3, 5, 9};
    for (std::size_t step = 0; next <= last; ++step) {
      const std::uint64_t end = std::min(last + 1, next + kSizes[step % kSizes.size()]);
      send(ledger, next, end);
      next = end;
      if (report_.stopped) {
        send(ledger, next, std::min(kCommands + 1, next + 2));
        return;
      }
      // Now one commit for each, now one for some.
      if (step % 3 != 1) note_stop(ledger.catch_up(), "catch up");
      if (step == 4) {
        if (auto sealed = log_control(ledger)->rotate(); !sealed.ok()) {
          note_stop(sealed.error(), "rotate");
        }
      }
      if (step % 8 == 6) checkpoint(ledger);
    }
    if (!report_.stopped) note_stop(ledger.catch_up(), "catch up");
    if (!report_.stopped) checkpoint(ledger);
  }

  // The others are queued while the writer is in the answer to the first command: two groups
  // whatever the threads do.
  void send(Ledger& ledger, std::uint64_t from, std::uint64_t end) {
    if (from >= end) return;
    const bool stopped_before = report_.stopped;
    std::promise<void> first_answered;
    std::promise<void> all_queued;
    std::shared_future<void> queued = all_queued.get_future().share();
    const std::thread::id self = std::this_thread::get_id();
    std::vector<std::promise<void>> answers(end - from);
    for (std::uint64_t entry = from; entry < end; ++entry) {
      std::promise<void>& answer = answers[entry - from];
      ledger.submit(script_command(entry), [&, entry, stopped_before](Result<Receipt> result) {
        take_answer(entry, stopped_before, result);
        if (entry == from) {
          first_answered.set_value();
          if (std::this_thread::get_id() != self) queued.wait();
        }
        answer.set_value();
      });
      if (entry == from) first_answered.get_future().wait();
    }
    all_queued.set_value();
    for (std::promise<void>& answer : answers) answer.get_future().wait();
  }

  void take_answer(std::uint64_t entry, bool stopped_before, const Result<Receipt>& result) {
    if (result.ok()) {
      if (stopped_before || report_.stopped) wrong("an answer after the ledger stopped");
      Acknowledged& acknowledged = report_.acknowledged[entry];
      acknowledged.seq = result->seq;
      acknowledged.booked_at = result->booked_at;
      acknowledged.given = true;
      return;
    }
    ++report_.refused;
    if (result.error().code() != Errc::ledger_stopped) wrong(result.error().to_log());
    report_.stopped = true;
  }

  void note_stop(const Result<void>& result, const std::string& what) {
    if (result.ok()) return;
    report_.stopped = true;
    if (result.error().code() != Errc::ledger_stopped) wrong(what + result.error().to_log());
  }

  // A checkpoint that cannot be stored is told, and stops nothing.
  void checkpoint(Ledger& ledger) {
    const auto done = ledger.checkpoint(signer_);
    if (done.ok()) return;
    report_.checkpoint_failed = true;
    const Errc code = done.error().code();
    if (code != Errc::io_failure && code != Errc::ledger_stopped) wrong(done.error().to_log());
  }

  void wrong(const std::string& what) {
    if (report_.wrong[0] == '\0') what.copy(report_.wrong.data(), report_.wrong.size() - 1);
  }

  ScriptReport& report_;
  Open open_;
  Signer& signer_;
};

/// What reads tell, without what differs between two runs: times and hashes. Nothing after an
/// error.
class ContentDigest {
 public:
  static std::optional<Hash32> of(const Ledger& ledger, const Questions& questions) {
    ContentDigest digest;
    digest.read_state(ledger);
    for (const std::uint64_t number : questions.keys) {
      digest.read_keys(ledger, number);
    }
    if (digest.failed_) return std::nullopt;
    return digest.stream_.finish();
  }

 private:
  void read_state(const Ledger& ledger) {
    take(ledger.balances(), [this](const auto& rows) {
      for (const AccountBalance& row : rows) {
        for (const Uint128 total : {row.debits_posted, row.credits_posted, row.debits_pending,
                                    row.credits_pending, Uint128{row.last_seq}}) {
          number(static_cast<std::uint64_t>(total));
        }
        stream_.update(row.account.key.owner.view());
      }
    });
    take(ledger.objects(ObjectKind{1}, {}, 10'000), [this](const auto& rows) {
      for (const ObjectRow& row : rows) {
        number(row.version);
        number(row.seq);
        stream_.update(row.id.view());
        stream_.update(row.immutable);
        stream_.update(row.head);
      }
    });
    take(ledger.outbox(0, 0, 10'000), [this](const auto& events) {
      for (const OutboxEvent& event : events) {
        number(event.seq);
        number(event.merchant_seq);
      }
    });
    take(ledger.index(IndexNumber{7}, {}, {}, 10'000, false), [this](const auto& page) {
      for (const auto& row : page.rows) stream_.update(row.key);
    });
  }
  void read_keys(const Ledger& ledger, std::uint64_t key) {
    take(ledger.unique(UniqueTable{2}, key_of(key)), [this](const auto& row) {
      number(row.has_value() ? row->seq : 0);
      if (row.has_value()) stream_.update(row->value);
    });
    take(ledger.idempotency(key_of(key)), [this](const auto& row) {
      number(row.has_value() ? row->seq : 0);
      if (row.has_value()) stream_.update(row->body);
    });
    take(ledger.hold(id_of(key, 0xB0)),
         [this](const auto& hold) { number(hold.has_value() ? hold->authorized : 0); });
  }
  template <class T, class Take>
  void take(const Result<T>& answer, const Take& take_value) {
    number(0xD1);
    if (answer.ok()) {
      take_value(*answer);
    } else {
      failed_ = true;
    }
  }
  void number(std::uint64_t value) {
    ByteWriter out;
    out.u64(value);
    stream_.update(out.view());
  }

  Sha256Stream stream_;
  bool failed_ = false;
};

}  // namespace florin::ledger::sim

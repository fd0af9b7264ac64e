#include "support/pkcs11_shim/rules.h"

#include <chrono>
#include <csignal>
#include <thread>

namespace florin::pkcs11_shim {
namespace {

bool fires(Rule& rule, std::size_t function) {
  if (rule.armed.load(std::memory_order_acquire) == 0) return false;
  if (rule.function != kAnyFunction && rule.function != function) return false;
  const Word turn = rule.seen.fetch_add(1);
  if (turn < rule.skip || turn - rule.skip >= rule.count) return false;
  rule.fired.fetch_add(1);
  return true;
}

void hold(Rule& rule) {
  rule.waiting.fetch_add(1);
  while (rule.armed.load() != 0 && rule.released.load() == 0) {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  rule.waiting.fetch_sub(1);
}

}  // namespace

Effects begin_call(std::size_t function) {
  Control& shared = control();
  shared.calls[function].fetch_add(1);
  shared.total.fetch_add(1);
  Effects effects;
  for (Rule& rule : shared.rules) {
    if (!fires(rule, function)) continue;
    effects.actions |= rule.actions;
    if ((rule.actions & (kFailBefore | kFailAfter)) != 0) effects.return_value = rule.return_value;
    if ((rule.actions & kCorrupt) != 0) {
      effects.byte = rule.first;
      effects.mask = rule.second;
    }
    if ((rule.actions & kRemap) != 0) {
      effects.handle_from = rule.first;
      effects.handle_to = rule.second;
    }
    if ((rule.actions & kKill) != 0) std::raise(SIGKILL);
    if ((rule.actions & kDelay) != 0) {
      std::this_thread::sleep_for(std::chrono::microseconds(rule.delay_us));
    }
    if ((rule.actions & kBlock) != 0) hold(rule);
  }
  return effects;
}

}  // namespace florin::pkcs11_shim

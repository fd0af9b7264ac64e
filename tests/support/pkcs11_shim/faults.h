#pragma once
/// A test's side of the shim: makes the control file, arms rules, reads counts. The module that is
/// started next uses it, in this process or in a child.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "support/pkcs11_shim/control.h"

namespace florin::test_support {

namespace shim = florin::pkcs11_shim;

/// One fault: which calls, and what happens to them.
struct Fault {
  std::string_view function;  ///< "" = any
  shim::Word actions = 0;
  shim::Word return_value = 0;
  shim::Word skip = 0;
  shim::Word count = 1;
  shim::Word first = 0;
  shim::Word second = 0;
  shim::Word delay_us = 0;
};

class Faults {
 public:
  Faults(const std::filesystem::path& file, const std::string& real_module) : file_(file) {
    const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0 || ftruncate(descriptor, sizeof(shim::Control)) != 0) std::abort();
    void* const mapped =
        mmap(nullptr, sizeof(shim::Control), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    close(descriptor);
    if (mapped == MAP_FAILED) std::abort();
    control_ = static_cast<shim::Control*>(mapped);
    control_->magic = shim::kMagic;
    setenv("FLORIN_SHIM_CONTROL", file.c_str(), 1);
    setenv("FLORIN_SHIM_MODULE", real_module.c_str(), 1);
  }
  Faults(const Faults&) = delete;
  Faults& operator=(const Faults&) = delete;
  // The mapping stays: a call that a test left behind may still look at it.
  ~Faults() { disarm_all(); }

  /// Gives the rule's number.
  std::size_t arm(const Fault& fault) {
    for (std::size_t i = 0; i < shim::kRules; ++i) {
      shim::Rule& rule = control_->rules[i];
      if (rule.armed != 0) continue;
      rule.function =
          fault.function.empty() ? shim::kAnyFunction : shim::function_number(fault.function);
      EXPECT_TRUE(fault.function.empty() || rule.function < shim::kFunctionNames.size());
      rule.skip = fault.skip;
      rule.count = fault.count;
      rule.actions = fault.actions;
      rule.return_value = fault.return_value;
      rule.delay_us = fault.delay_us;
      rule.first = fault.first;
      rule.second = fault.second;
      rule.seen = rule.fired = rule.waiting = rule.released = 0;
      rule.armed.store(1, std::memory_order_release);
      return i;
    }
    ADD_FAILURE() << "too many rules";
    return 0;
  }
  void disarm(std::size_t rule) { control_->rules[rule].armed = 0; }
  void disarm_all() {
    for (shim::Rule& rule : control_->rules) rule.armed = 0;
  }
  void release(std::size_t rule) { control_->rules[rule].released = 1; }
  [[nodiscard]] shim::Word fired(std::size_t rule) const { return control_->rules[rule].fired; }
  [[nodiscard]] shim::Word waiting(std::size_t rule) const { return control_->rules[rule].waiting; }

  [[nodiscard]] shim::Word calls(std::string_view function) const {
    return control_->calls[shim::function_number(function)];
  }
  [[nodiscard]] shim::Word total() const { return control_->total; }

  void set_dialect(shim::Dialect dialect) { control_->dialect = dialect; }
  void set_token_flags(shim::Word flags) { control_->token_flags_set = flags; }
  void clear_token_flags(shim::Word flags) { control_->token_flags_clear = flags; }
  void pretend_vendor(std::string_view manufacturer, std::string_view model) {
    control_->manufacturer.fill('\0');
    control_->model.fill('\0');
    manufacturer.copy(control_->manufacturer.data(), control_->manufacturer.size());
    model.copy(control_->model.data(), control_->model.size());
  }
  void hide_mechanism(shim::Word mechanism) {
    control_->hidden_mechanisms.at(control_->hidden_count) = mechanism;
    ++control_->hidden_count;
  }
  void add_mechanism(shim::Word mechanism) {
    control_->added_mechanisms.at(control_->added_count) = mechanism;
    ++control_->added_count;
  }
  /// The handle under which an object was found last; 0 when it was not.
  [[nodiscard]] shim::Word handle_of(std::string_view label, shim::Word object_class) const {
    const shim::Word count = control_->found_count;
    for (shim::Word i = count; i > 0 && count - i < shim::kFoundObjects; --i) {
      const shim::FoundObject& found = control_->found[(i - 1) % shim::kFoundObjects];
      if (found.object_class == object_class && label == found.label.data()) return found.handle;
    }
    return 0;
  }
  [[nodiscard]] const std::filesystem::path& file() const { return file_; }

 private:
  std::filesystem::path file_;
  shim::Control* control_ = nullptr;
};

/// Asks again and again until it is true, at most `limit`.
template <class Condition>
bool eventually(Condition condition, std::chrono::seconds limit = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    usleep(1000);
  }
  return true;
}

}  // namespace florin::test_support

#pragma once
/// Errors are values. `Result<T>` holds a T or an Error; both TRY macros return the error of a
/// failed expression to the caller (the CO_ form inside coroutines).
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/errc.h"

namespace florin {

/// What went wrong: a code, the field it concerns, a text safe for the outside, detail for the log.
class [[nodiscard]] Error {
 public:
  explicit Error(Errc code) : code_(code) {}
  /// `field` names the input at fault (a JSON pointer, option or column; may be empty);
  /// `message` may be shown to whoever asked, `detail` only in the log.
  Error(Errc code, std::string field, std::string message, std::string detail = {})
      : code_(code),
        field_(std::move(field)),
        message_(std::move(message)),
        detail_(std::move(detail)) {}

  [[nodiscard]] Errc code() const noexcept { return code_; }
  [[nodiscard]] ErrorClass error_class() const noexcept { return errc_class(code_); }
  [[nodiscard]] const std::string& field() const noexcept { return field_; }
  /// The message, or the code's own text where none was given.
  [[nodiscard]] std::string message() const {
    return message_.empty() ? std::string(errc_text(code_)) : message_;
  }
  [[nodiscard]] const std::string& detail() const noexcept { return detail_; }
  /// The same error with a field named, where none was named before.
  Error in_field(std::string field) && {
    if (field_.empty()) field_ = std::move(field);
    return std::move(*this);
  }
  /// Everything in one line, for the log and for tests only.
  [[nodiscard]] std::string to_log() const;

 private:
  Errc code_;
  std::string field_;
  std::string message_;
  std::string detail_;
};

template <class T>
class [[nodiscard]] Result {
 public:
  using value_type = T;
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT(*explicit*)
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT(*explicit*)

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }
  T& value() & {
    FLORIN_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  const T& value() const& {
    FLORIN_ASSERT(ok());
    return *std::get_if<0>(&state_);
  }
  T&& value() && {
    FLORIN_ASSERT(ok());
    return std::move(*std::get_if<0>(&state_));
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  const Error& error() const& {
    FLORIN_ASSERT(!ok());
    return *std::get_if<1>(&state_);
  }
  Error&& error() && {
    FLORIN_ASSERT(!ok());
    return std::move(*std::get_if<1>(&state_));
  }

 private:
  std::variant<T, Error> state_;
};

template <>
class [[nodiscard]] Result<void> {
 public:
  using value_type = void;
  Result() = default;
  Result(Error error) : error_(std::move(error)) {}  // NOLINT(*explicit*)
  [[nodiscard]] bool ok() const noexcept { return !error_.has_value(); }
  explicit operator bool() const noexcept { return ok(); }
  const Error& error() const& {
    FLORIN_ASSERT(!ok());
    return *error_;
  }
  Error&& error() && {
    FLORIN_ASSERT(!ok());
    return std::move(*error_);
  }

 private:
  std::optional<Error> error_;
};

}  // namespace florin

#define FLORIN_JOIN_INNER(a, b) a##b
#define FLORIN_JOIN(a, b) FLORIN_JOIN_INNER(a, b)

// Declares `decl` with the value of `expr`, or returns its error.
#define FLORIN_TRY(decl, expr) FLORIN_TRY_IMPL(FLORIN_JOIN(try_, __COUNTER__), decl, expr, return)
#define FLORIN_CO_TRY(decl, expr) \
  FLORIN_TRY_IMPL(FLORIN_JOIN(try_, __COUNTER__), decl, expr, co_return)
#define FLORIN_TRY_IMPL(name, decl, expr, leave) \
  auto name = (expr);                            \
  if (!name.ok()) leave std::move(name).error(); \
  decl = std::move(name).value()

// Evaluates an expression of type Result<void> (or drops a value), or returns its error.
#define FLORIN_TRY_VOID(expr) FLORIN_TRY_VOID_IMPL(FLORIN_JOIN(try_, __COUNTER__), expr, return)
#define FLORIN_CO_TRY_VOID(expr) \
  FLORIN_TRY_VOID_IMPL(FLORIN_JOIN(try_, __COUNTER__), expr, co_return)
#define FLORIN_TRY_VOID_IMPL(name, expr, leave) \
  if (auto name = (expr); !name.ok()) leave std::move(name).error()

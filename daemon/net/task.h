#pragma once
/// Coroutines of the house: awaitables on a concrete executor, so that no call is type-erased.
/// This is the one header through which other rooms meet Asio.
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace florin::net {

using Executor = boost::asio::io_context::executor_type;
template <class T>
using Task = boost::asio::awaitable<T, Executor>;
inline constexpr boost::asio::use_awaitable_t<Executor> use_task{};

/// Suspends until the callback handed to `start` is called, from whatever thread; resumes on the
/// coroutine's own I/O thread. `start` runs at once; the callback must be called exactly once.
/// T must be default-constructible or wrapped (std::optional).
template <class T>
Task<T> await_callback(std::function<void(std::function<void(T)>)> start) {
  const Executor executor = co_await boost::asio::this_coro::executor;
  // Named, since g++ 12 destroys a temporary callable in a co_await expression twice.
  auto initiate = [executor](auto handler,
                             const std::function<void(std::function<void(T)>)>& begin) {
    // std::function wants copyable callables; the handler is move-only.
    auto shared = std::make_shared<decltype(handler)>(std::move(handler));
    auto work = boost::asio::make_work_guard(executor);
    begin([executor, shared, work](T value) {
      boost::asio::post(executor, [shared, work, moved = std::move(value)]() mutable {
        (*shared)(std::move(moved));
      });
    });
  };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>,
                                                 void(T)>(std::move(initiate), use_task,
                                                          std::move(start));
}

/// Suspends for a while.
Task<void> sleep_for(std::chrono::milliseconds duration);

}  // namespace florin::net

#pragma once
/// A timer on the concrete executor. For this room and the daemon's root.
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>

#include "daemon/net/task.h"

namespace florin::net {

using Timer = boost::asio::basic_waitable_timer<
    std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

}  // namespace florin::net

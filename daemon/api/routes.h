#pragma once
/// The routes of the merchant API, in the order of the router.
#include <array>
#include <cstddef>
#include <string_view>

namespace florin::api {

enum Route : std::size_t {
  kOpenApi,
  kHealth,
  kCreatePayment,
  kListPayments,
  kGetPayment,
  kConfirm,
  kCapture,
  kVoid,
  kRefund,
  kIncrement,
  kCancel,
  kListDisputes,
  kGetDispute,
  kGetBalances,
};

struct RouteRow {
  Route route;
  std::string_view method;
  std::string_view path;
};

inline constexpr std::array kRoutes = {
    RouteRow{kOpenApi, "GET", "/openapi.json"},
    RouteRow{kHealth, "GET", "/health"},
    RouteRow{kCreatePayment, "POST", "/v1/payments"},
    RouteRow{kListPayments, "GET", "/v1/payments"},
    RouteRow{kGetPayment, "GET", "/v1/payments/{id}"},
    RouteRow{kConfirm, "POST", "/v1/payments/{id}/confirm"},
    RouteRow{kCapture, "POST", "/v1/payments/{id}/captures"},
    RouteRow{kVoid, "POST", "/v1/payments/{id}/voids"},
    RouteRow{kRefund, "POST", "/v1/payments/{id}/refunds"},
    RouteRow{kIncrement, "POST", "/v1/payments/{id}/increments"},
    RouteRow{kCancel, "POST", "/v1/payments/{id}/cancel"},
    RouteRow{kListDisputes, "GET", "/v1/disputes"},
    RouteRow{kGetDispute, "GET", "/v1/disputes/{id}"},
    RouteRow{kGetBalances, "GET", "/v1/balances"},
};

}  // namespace florin::api

#pragma once
/// The merchant API: routes, limits of each, answers. See openapi.json, which is served as it
/// stands.
#include <string>

#include "daemon/api/authentication.h"
#include "daemon/api/payment_requests.h"
#include "daemon/engine/payment_service.h"
#include "daemon/http/router.h"
#include "daemon/net/server.h"

namespace florin::api {

/// What is taken at the moment.
enum class Admission : std::uint8_t { all, reads_only };

/// Runs on the I/O thread. What it refers to outlives it.
class MerchantApi {
 public:
  MerchantApi(Authentication authentication, engine::PaymentService& payments, const Clock& clock,
              Entropy& entropy);

  /// Answers every request; never fails.
  net::Task<http::Response> handle(http::Request request, net::Peer peer,
                                   Admission admission = Admission::all);
  /// The answer to what is not taken: `unavailable`, without a word of the reason.
  [[nodiscard]] static http::Response closed(const Clock& clock, Entropy& entropy);

  /// Every route as "METHOD /path", for the check against the OpenAPI document.
  [[nodiscard]] static std::vector<std::string> route_list();

 private:
  /// How long to wait for an earlier request under the same key.
  using Join = std::chrono::seconds;
  net::Task<http::Response> route(http::Request request, net::Peer peer, std::string request_id);
  net::Task<http::Response> serve(std::size_t route, http::Match match, http::Request request,
                                  net::Peer peer, std::string request_id);
  net::Task<http::Response> create(Sender sender, json::value body, Join join,
                                   std::string request_id);
  net::Task<http::Response> change(std::size_t route, Sender sender, PaymentId payment,
                                   json::value body, Join join, std::string request_id);
  net::Task<http::Response> reply(Result<engine::Reply> made, Sender sender, Join join,
                                  bool created, std::string request_id);
  net::Task<http::Response> read(std::size_t route, Sender sender, http::Match match,
                                 http::Request request, std::string request_id);
  http::Response get(const Sender& sender, const PaymentId& payment, const std::string& request_id);
  http::Response list(const Sender& sender, std::string_view query, const std::string& request_id);
  http::Response get_dispute(const Sender& sender, const http::Match& match,
                             const std::string& request_id);
  http::Response list_disputes(const Sender& sender, std::string_view query,
                               const std::string& request_id);
  http::Response balances(const Sender& sender, const std::string& request_id);

  Authentication authentication_;
  engine::PaymentService& payments_;
  const Clock& clock_;
  Entropy& entropy_;
  http::Router router_;
};

}  // namespace florin::api

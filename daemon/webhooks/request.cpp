#include "daemon/webhooks/request.h"

namespace florin::webhooks {
namespace {

bool is_token_character(char c) noexcept {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         kMarks.find(c) != std::string_view::npos;
}

}  // namespace

std::string user_agent(std::string_view brand) {
  std::string agent;
  for (const char c : brand) agent += is_token_character(c) ? c : '-';
  if (!agent.empty()) agent += '-';
  return agent + "webhooks/1";
}

http::Request make_request(std::string target, const MessageHeaders& headers, std::string body,
                           std::string agent) {
  http::Request request;
  request.method = "POST";
  request.target = std::move(target);
  request.headers.add("content-type", "application/json");
  request.headers.add("user-agent", std::move(agent));
  request.headers.add("webhook-id", headers.id);
  request.headers.add("webhook-timestamp", headers.timestamp);
  request.headers.add("webhook-signature", headers.signature);
  request.body = std::move(body);
  return request;
}

}  // namespace florin::webhooks

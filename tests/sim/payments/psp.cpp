#include "psp.h"

#include "json_members.h"
#include "sandbox/requests.h"

namespace florin::sim {
namespace {

using sandbox::OperationKind;

http::Response refuse(int status, std::string_view code) {
  return http::json_response(status, json::write(sandbox::error_body(code, "refused")));
}

// "/v1/charges/ch_1/captures" → "v1", "charges", "ch_1", "captures".
std::vector<std::string> segments(std::string_view path) {
  std::vector<std::string> out;
  while (!path.empty()) {
    path.remove_prefix(1);
    const std::size_t end = std::min(path.find('/'), path.size());
    out.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  return out;
}

std::optional<OperationKind> part_of(std::string_view name) {
  if (name == "captures") return OperationKind::capture;
  if (name == "voids") return OperationKind::void_;
  if (name == "refunds") return OperationKind::refund;
  if (name == "increments") return OperationKind::increment;
  return std::nullopt;
}

// Nothing when it is nobody's.
std::optional<std::size_t> house_of(const http::Request& request) {
  const auto given = request.headers.get("Authorization");
  for (std::size_t house = 0; house < 2; ++house) {
    if (given == "Bearer " + Psp::api_key(house)) return house;
  }
  return std::nullopt;
}

}  // namespace

std::string Psp::api_key(std::size_t house) {
  return "the-key-of-house-" + std::to_string(house) + "-at-the-simulated-psp";
}

http::Response Psp::answer(const http::Request& request) {
  const std::optional<std::size_t> house = house_of(request);
  if (!house) return refuse(401, "unauthorized");
  const std::vector<std::string> path = segments(request.path());
  const bool post = request.method == "POST";
  if (path.size() == 2 && path[1] == "charges" && post) {
    return operate(*house, OperationKind::charge, {}, request);
  }
  if (path.size() == 4 && path[1] == "charges" && post) {
    const auto kind = part_of(path[3]);
    return kind ? operate(*house, *kind, path[2], request) : refuse(404, "not_found");
  }
  if (path.size() == 3 && path[1] == "operations" && !post) return inquire(path[2]);
  if (path.size() == 4 && path[1] == "operations" && path[3] == "cancel" && post) {
    return conclude(book_.cancel_key(path[2]));
  }
  return refuse(404, "not_found");
}

http::Response Psp::operate(std::size_t house, OperationKind kind, const std::string& charge,
                            const http::Request& request) {
  const auto command = sandbox::read_command(kind, charge, request);
  if (!command.ok()) return refuse(400, "invalid_request");
  const sandbox::Decision decision = book_.decide(*command);
  http::Response response = conclude(decision);
  if (!decision.entry) return response;
  if (dice_.per_mille(300)) seen_from_[command->key] = timeline_.now() + dice_.between(0, kWindow);
  const auto executed = book_.record(command->key);
  if (executed && number_of(*executed, "answer_status") == 201) told_(house, *executed);
  return response;
}

http::Response Psp::inquire(const std::string& key) {
  const auto from = seen_from_.find(key);
  if (from != seen_from_.end() && timeline_.now() < from->second) {
    ++missed_;
    return refuse(404, "unknown_key");
  }
  const sandbox::Answer found = book_.inquire(key);
  return http::json_response(found.status, found.body);
}

http::Response Psp::conclude(const sandbox::Decision& decision) {
  book_.settle(decision);
  return http::json_response(decision.answer.status, decision.answer.body);
}

}  // namespace florin::sim

#include "sandbox/faults.h"

#include <algorithm>

namespace florin::sandbox {
namespace {

constexpr std::string_view kOperations[] = {"charge",    "capture", "void",  "refund",
                                            "increment", "inquiry", "cancel"};
struct Name {
  std::string_view text;
  Behaviour behaviour;
};
constexpr Name kBehaviours[] = {{"stall", Behaviour::stall},
                                {"stall_before", Behaviour::stall_before},
                                {"close_before", Behaviour::close_before},
                                {"close_after", Behaviour::close_after},
                                {"error_500_after", Behaviour::error_500_after},
                                {"malformed_after", Behaviour::malformed_after}};
constexpr std::size_t kMaxRules = 100;

}  // namespace

std::optional<Faults::Rule> Faults::read_rule(json::Reader& reader, const std::string& pointer) {
  const auto operation = reader.text("operation", 16);
  const auto behaviour = reader.text("behaviour", 32);
  const auto count = reader.integer("count");
  if (!operation || !behaviour || !count) return std::nullopt;
  if (std::find(std::begin(kOperations), std::end(kOperations), *operation) ==
      std::end(kOperations)) {
    reader.fail(Error(Errc::malformed_value, pointer + "/operation", "is not an operation"));
  }
  const auto* const named = std::find_if(std::begin(kBehaviours), std::end(kBehaviours),
                                         [&](const Name& name) { return name.text == *behaviour; });
  if (named == std::end(kBehaviours)) {
    reader.fail(Error(Errc::malformed_value, pointer + "/behaviour", "is not a behaviour"));
    return std::nullopt;
  }
  if (*count < 0) {
    reader.fail(Error(Errc::malformed_value, pointer + "/count", "must not be negative"));
  }
  return Rule{*operation, named->behaviour, *count};
}

Result<void> Faults::arm(const json::value& body) {
  json::Reader reader(body);
  const json::value* const rules = reader.member("rules");
  if (auto errors = reader.finish(); !errors.empty()) return std::move(errors.front());
  if (!rules->is_array() || rules->get_array().size() > kMaxRules) {
    return Error(Errc::field_type, "/rules", "expected a list of at most 100 rules");
  }
  std::vector<Rule> armed;
  for (const json::value& item : rules->get_array()) {
    const std::string pointer = "/rules/" + std::to_string(armed.size());
    json::Reader rule_reader(item, pointer);
    auto rule = read_rule(rule_reader, pointer);
    if (auto errors = rule_reader.finish(); !errors.empty()) return std::move(errors.front());
    FLORIN_ASSERT(rule.has_value());
    armed.push_back(std::move(*rule));
  }
  rules_ = std::move(armed);
  return {};
}

std::optional<Behaviour> Faults::take(std::string_view operation) {
  for (Rule& rule : rules_) {
    if (rule.operation != operation || rule.count == 0) continue;
    --rule.count;
    return rule.behaviour;
  }
  return std::nullopt;
}

json::value Faults::print() const {
  json::array rules;
  for (const Rule& rule : rules_) {
    json::object row;
    row["operation"] = rule.operation;
    for (const Name& name : kBehaviours) {
      if (name.behaviour == rule.behaviour) row["behaviour"] = name.text;
    }
    row["count"] = rule.count;
    rules.emplace_back(std::move(row));
  }
  json::object out;
  out["rules"] = std::move(rules);
  return out;
}

}  // namespace florin::sandbox

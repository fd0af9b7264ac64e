#include "daemon/connectors/schemas.h"

#include "daemon/connectors/codec.h"
#include "daemon/connectors/fault_matrix.h"

namespace florin::connectors {
namespace {

constexpr std::string_view kConnector = "connector.";
constexpr std::string_view kDeclines = "declines";

json::object document_of(const SchemaEntry& entry) {
  return {{"name", entry.name}, {"version", entry.version}, {"title", entry.title}};
}

json::array mappings_of(const Codec& codec) {
  json::array rows;
  for (const DeclineMapping& row : codec.declines()) {
    rows.push_back(json::object{{"theirs", row.theirs}, {"ours", row.ours}});
  }
  return rows;
}

}  // namespace

std::vector<SchemaEntry> schemas() {
  std::vector<SchemaEntry> out;
  out.reserve(codecs().size() + 1);
  for (const Codec* codec : codecs()) {
    out.push_back(
        {std::string(kConnector) + codec->sheet().kind, 1,
         "capabilities, decline codes and faults of connectors of kind " + codec->sheet().kind});
  }
  out.push_back({std::string(kDeclines), 1, "the unified decline catalogue"});
  return out;
}

std::optional<json::object> find_schema(std::string_view name) {
  for (const SchemaEntry& entry : schemas()) {
    if (entry.name != name) continue;
    json::object out = document_of(entry);
    if (name == kDeclines) {
      out["declines"] = declines_to_json().as_object().at("declines");
      return out;
    }
    const Codec* const codec = find_codec(name.substr(kConnector.size()));
    out["capabilities"] = to_json(codec->sheet());
    out["decline_codes"] = mappings_of(*codec);
    out["faults"] = to_json(fault_matrix(codec->sheet()));
    return out;
  }
  return std::nullopt;
}

}  // namespace florin::connectors

// What one person asks for and another one approves; who the people are.
#include <algorithm>

#include "daemon/admin/body.h"
#include "daemon/admin/handlers.h"
#include "daemon/http/query.h"

namespace florin::admin {
namespace {

constexpr std::size_t kNameLimit = 31;
constexpr std::size_t kReasonLimit = 200;
constexpr std::size_t kSignatureLimit = 128;
constexpr std::size_t kListLimit = 1000;

Result<std::shared_ptr<control::Requests>> requests_of(const Call& call) {
  std::shared_ptr<control::Requests> requests = call.machine.requests();
  if (requests == nullptr) return call.machine.not_serving();
  return requests;
}

Result<std::shared_ptr<const control::People>> people_of(const Call& call) {
  std::shared_ptr<const control::People> people = call.machine.people();
  if (people == nullptr) return call.machine.not_serving();
  return people;
}

Result<Bytes> signature_of(const std::string& text) {
  auto bytes = from_base64(text);
  if (!bytes.ok()) return std::move(bytes).error().in_field("/signature");
  return bytes;
}

struct DraftBody {
  control::RequestDraft draft;
  control::Caller caller;
};

// Members of a preview; `reader` is asked for more by whoever makes the request.
DraftBody read_draft(json::Reader& reader, const Call& call) {
  DraftBody out;
  out.draft.operation = reader.text("operation", 64).value_or("");
  out.draft.reason = reader.text("reason", kReasonLimit).value_or("");
  out.caller = {.uid = call.person.uid,
                .name = reader.text("person", kNameLimit, false).value_or("")};
  const json::value* parameters = reader.member("parameters");
  if (parameters == nullptr) return out;
  if (parameters->is_object()) {
    out.draft.parameters = parameters->get_object();
  } else {
    reader.fail(Error(Errc::field_type, "/parameters", "expected an object"));
  }
  return out;
}

Result<void> finish(json::Reader& reader) {
  std::vector<Error> problems = reader.finish();
  if (!problems.empty()) return std::move(problems.front());
  return {};
}

using Deed = Result<json::object> (control::Requests::*)(const control::SignedAct&,
                                                         const control::Caller&);

Result<http::Response> act(const Call& call, Deed deed, std::string_view schema, bool has_reason) {
  FLORIN_TRY(const auto requests, requests_of(call));
  std::vector<TextField> fields = {
      {"person", kNameLimit, false}, {"digest", 64}, {"signature", kSignatureLimit}};
  if (has_reason) fields.push_back({"reason", kReasonLimit});
  FLORIN_TRY(const std::vector<std::string> texts, read_texts(call.request, fields));
  const auto digest = from_hex(texts[1]);
  if (!digest.ok() || digest->size() != 32) {
    return Error(Errc::malformed_value, "/digest", "expected 64 hexadecimal digits");
  }
  control::SignedAct what{.request = std::string(call.match.parameter("request")),
                          .digest = ByteReader(*digest).array<32>(),
                          .reason = has_reason ? texts[3] : std::string(),
                          .signature = {}};
  FLORIN_TRY(what.signature, signature_of(texts[2]));
  FLORIN_TRY(const json::object done,
             (*requests.*deed)(what, {.uid = call.person.uid, .name = texts[0]}));
  const bool waits = done.at("state").as_string() == "waiting";
  return document(waits ? 202 : 200, schema, done);
}

json::object person_document(const domain::Person& person) {
  return {{"name", person.part.name},
          {"id", person.id.text()},
          {"uid", person.part.uid},
          {"roles", domain::roles_text(person.roles)},
          {"state", person.active ? "bound" : "unbound"},
          {"key", to_base64(person.part.key)},
          {"public", domain::format_public_part(person.part)},
          {"bound_at", to_rfc3339(person.bound_at)}};
}

}  // namespace

Result<http::Response> post_request_preview(const Call& call) {
  FLORIN_TRY(const auto requests, requests_of(call));
  FLORIN_TRY(const json::value body, json::parse(call.request.body));
  json::Reader reader(body);
  const DraftBody read = read_draft(reader, call);
  FLORIN_TRY_VOID(finish(reader));
  FLORIN_TRY(const json::object seen, requests->preview(read.draft, read.caller));
  return document(200, "florin.request.preview/1", seen);
}

Result<http::Response> post_request(const Call& call) {
  FLORIN_TRY(const auto requests, requests_of(call));
  FLORIN_TRY(const json::value body, json::parse(call.request.body));
  json::Reader reader(body);
  DraftBody read = read_draft(reader, call);
  const std::string id = reader.text("request", 64).value_or("");
  const std::string at = reader.text("requested_at", 32).value_or("");
  const std::string signature = reader.text("signature", kSignatureLimit).value_or("");
  FLORIN_TRY_VOID(finish(reader));
  control::SignedRequest asked{.draft = std::move(read.draft)};
  auto parsed = domain::ControlRequestId::parse(id);
  if (!parsed.ok()) return std::move(parsed).error().in_field("/request");
  asked.id = *parsed;
  auto time = from_rfc3339(at);
  if (!time.ok()) return std::move(time).error().in_field("/requested_at");
  asked.requested_at = *time;
  FLORIN_TRY(asked.signature, signature_of(signature));
  FLORIN_TRY(const json::object made, requests->create(asked, read.caller));
  return document(202, "florin.request.create/1", made);
}

Result<http::Response> get_requests(const Call& call) {
  FLORIN_TRY(const auto requests, requests_of(call));
  FLORIN_TRY(const http::QueryPairs pairs, http::parse_query(call.request.query()));
  bool open = true;
  std::size_t limit = 100;
  for (const auto& [name, value] : pairs) {
    if (name == "state" && (value == "open" || value == "all")) {
      open = value == "open";
    } else if (name == "limit") {
      FLORIN_TRY(limit, read_number(name, value, 1, kListLimit));
    } else {
      return Error(Errc::malformed_value, name.substr(0, 64), "is not known here, or has no sense");
    }
  }
  FLORIN_TRY(json::array items, requests->list(open, limit));
  return list_document("florin.request.list/1", std::move(items));
}

Result<http::Response> get_request(const Call& call) {
  FLORIN_TRY(const auto requests, requests_of(call));
  FLORIN_TRY(const json::object found, requests->show(call.match.parameter("request")));
  return document(200, "florin.request.show/1", found);
}

Result<http::Response> post_request_approve(const Call& call) {
  return act(call, &control::Requests::approve, "florin.request.approve/1", false);
}

Result<http::Response> post_request_reject(const Call& call) {
  return act(call, &control::Requests::reject, "florin.request.reject/1", true);
}

Result<http::Response> post_request_cancel(const Call& call) {
  return act(call, &control::Requests::cancel, "florin.request.cancel/1", false);
}

Result<http::Response> post_request_execute(const Call& call) {
  return act(call, &control::Requests::execute, "florin.request.execute/1", false);
}

Result<http::Response> get_people(const Call& call) {
  FLORIN_TRY(const auto people, people_of(call));
  json::array items;
  for (const domain::Person& person : people->all()) items.emplace_back(person_document(person));
  return list_document("florin.role.list/1", std::move(items));
}

Result<http::Response> get_person(const Call& call) {
  FLORIN_TRY(const auto people, people_of(call));
  FLORIN_TRY(const domain::Person person, people->named(call.match.parameter("name")));
  return document(200, "florin.role.show/1", person_document(person));
}

Result<http::Response> get_whoami(const Call& call) {
  FLORIN_TRY(const auto people, people_of(call));
  FLORIN_TRY(const http::QueryPairs pairs, http::parse_query(call.request.query()));
  control::Caller caller{.uid = call.person.uid, .name = {}};
  for (const auto& [name, value] : pairs) {
    if (name != "person")
      return Error(Errc::field_unknown, name.substr(0, 64), "is not known here");
    caller.name = value;
  }
  FLORIN_TRY(const domain::Person person, people->acting(caller));
  json::object out = person_document(person);
  std::size_t sharing = 0;
  for (const domain::Person& each : people->all()) {
    if (each.active && each.part.uid == person.part.uid) ++sharing;
  }
  out["proof"] = sharing > 1 ? "the account is shared: only a signature proves who acts"
                             : "the account, and a signature for every request";
  return document(200, "florin.whoami/1", out);
}

}  // namespace florin::admin

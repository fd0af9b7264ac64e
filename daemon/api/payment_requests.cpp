#include "daemon/api/payment_requests.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "daemon/http/query.h"

namespace florin::api {
namespace {

constexpr std::size_t kIdentifierLimit = 40;
constexpr std::size_t kMetadataMembers = 50;
constexpr std::size_t kMetadataName = 40;
constexpr std::size_t kMetadataValue = 500;
constexpr std::size_t kMetadataBytes = 2048;

void append(Problems& problems, Problems more) {
  for (Error& error : more) problems.push_back(std::move(error));
}

bool printable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
}

struct CodePoints {
  char32_t first;
  char32_t last;
};

// Control characters have no place in a line of text; bidirectional and other invisible ones make
// two references look alike (Unicode categories Cc, Cf, Zl, Zp as far as they are in use).
constexpr CodePoints kInvisible[] = {
    {0x0000, 0x001F}, {0x007F, 0x009F}, {0x00AD, 0x00AD},   {0x061C, 0x061C},
    {0x180E, 0x180E}, {0x200B, 0x200F}, {0x2028, 0x202E},   {0x2060, 0x206F},
    {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F},
};

// The text is valid UTF-8: it came through the parser of JSON.
bool has_control(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    char32_t point = length == 1 ? lead : lead & (0xFFU >> (length + 1));
    for (std::size_t k = 1; k < length && i + k < text.size(); ++k) {
      point = (point << 6U) | (static_cast<unsigned char>(text[i + k]) & 0x3FU);
    }
    const bool invisible = std::any_of(
        std::begin(kInvisible), std::end(kInvisible),
        [&](const CodePoints& range) { return point >= range.first && point <= range.last; });
    if (invisible) return true;
    i += length;
  }
  return false;
}

// {"value", "currency", "exponent"?}; the exponent is only checked, it never scales.
std::optional<Money> parse_money(const json::value& json, const std::string& pointer,
                                 Problems& problems) {
  json::Reader reader(json, pointer);
  const auto value = reader.integer("value");
  const auto code = reader.text("currency", 3);
  const auto exponent = reader.integer("exponent", false);
  std::optional<Currency> currency;
  if (code) {
    auto parsed = Currency::parse(*code);
    if (parsed.ok()) {
      currency = *parsed;
    } else {
      reader.fail(std::move(parsed).error().in_field(reader.pointer_of("currency")));
    }
  }
  if (value && (*value < 1 || *value > kMaxAmountMinor)) {
    reader.fail(
        Error(Errc::amount_invalid, reader.pointer_of("value"),
              fmt::format("expected a whole number of minor units from 1 to {}", kMaxAmountMinor)));
  }
  if (exponent && currency && *exponent != currency->exponent()) {
    reader.fail(Error(
        Errc::amount_invalid, reader.pointer_of("exponent"),
        fmt::format("the exponent of {} is {}", currency->code(), int{currency->exponent()})));
  }
  Problems own = reader.finish();
  if (!own.empty() || !value || !currency) {
    append(problems, std::move(own));
    return std::nullopt;
  }
  return *Money::make(*value, *currency);
}

std::string parse_token(const json::value& json, Problems& problems) {
  json::Reader reader(json, "/payment_method");
  const auto type = reader.text("type", 16);
  if (type && *type != "token") {
    reader.fail(Error(Errc::malformed_value, reader.pointer_of("type"), "expected \"token\""));
  }
  const auto token = reader.text("token", 128);
  if (token && (!printable(*token) || token->find(' ') != std::string::npos)) {
    reader.fail(Error(Errc::malformed_value, reader.pointer_of("token"),
                      "expected visible ASCII characters"));
  }
  append(problems, reader.finish());
  return token.value_or("");
}

// A flat object of texts.
std::string parse_metadata(const json::value& json, Problems& problems) {
  if (!json.is_object()) {
    problems.emplace_back(Errc::field_type, "/metadata", "expected an object");
    return {};
  }
  if (json.get_object().size() > kMetadataMembers) {
    problems.emplace_back(Errc::value_too_long, "/metadata",
                          fmt::format("at most {} members are allowed", kMetadataMembers));
  }
  json::Reader reader(json, "/metadata");
  for (const auto& member : json.get_object()) {
    const std::string_view name = member.key();
    if (name.empty() || name.size() > kMetadataName || has_control(name)) {
      reader.fail(Error(Errc::malformed_value, reader.pointer_of(name.substr(0, kMetadataName)),
                        fmt::format("a name has 1 to {} bytes", kMetadataName)));
    }
    (void)reader.text(name, kMetadataValue);
  }
  append(problems, reader.finish());
  std::string text = json::canonical(json);
  if (text.size() > kMetadataBytes) {
    problems.emplace_back(Errc::value_too_long, "/metadata",
                          fmt::format("at most {} bytes are allowed", kMetadataBytes));
  }
  return text;
}

std::string checked_text(json::Reader& reader, std::string_view name, std::size_t limit,
                         bool required) {
  auto text = reader.text(name, limit, required);
  if (text && has_control(*text)) {
    reader.fail(Error(Errc::malformed_value, reader.pointer_of(name),
                      "control and invisible characters are not allowed"));
  }
  return text.value_or("");
}

// {"reference"}: the merchant's own name for a customer.
std::string parse_customer(const json::value& json, Problems& problems) {
  json::Reader reader(json, "/customer");
  std::string reference = checked_text(reader, "reference", 64, true);
  if (const json::value* given = reader.member("reference", false);
      given != nullptr && given->is_string() && given->get_string().empty()) {
    reader.fail(Error(Errc::malformed_value, reader.pointer_of("reference"),
                      "must not be empty; leave the customer out"));
  }
  append(problems, reader.finish());
  return reference;
}

// The identifier of a branch; whose it is, is looked up later.
MerchantId parse_branch(json::Reader& reader) {
  const auto text = reader.text("branch", kIdentifierLimit, false);
  if (!text) return {};
  auto branch = MerchantId::parse(*text);
  // The identifier of nobody stands for "none" inside, never in a request.
  if (branch.ok() && branch->value.is_nil()) {
    branch = Error(Errc::malformed_value, {}, "there is no such branch of yours");
  }
  if (branch.ok()) return *branch;
  reader.fail(std::move(branch).error().in_field(reader.pointer_of("branch")));
  return {};
}

}  // namespace

Parsed<CreateBody> parse_create(const json::value& body) {
  json::Reader reader(body);
  Problems nested;
  std::optional<Money> amount;
  if (const json::value* found = reader.member("amount")) {
    amount = parse_money(*found, "/amount", nested);
  }
  std::string token;
  if (const json::value* found = reader.member("payment_method"))
    token = parse_token(*found, nested);
  std::string metadata = "{}";
  if (const json::value* found = reader.member("metadata", false)) {
    metadata = parse_metadata(*found, nested);
  }
  std::string customer;
  if (const json::value* found = reader.member("customer", false)) {
    customer = parse_customer(*found, nested);
  }
  const std::string reference = checked_text(reader, "merchant_reference", 64, true);
  const std::string description = checked_text(reader, "description", 256, false);
  const MerchantId branch = parse_branch(reader);
  const auto method = reader.text("capture_method", 16, false);
  if (method && *method != "automatic" && *method != "manual") {
    reader.fail(Error(Errc::malformed_value, reader.pointer_of("capture_method"),
                      "expected \"automatic\" or \"manual\""));
  }
  const bool confirm = reader.boolean("confirm", false).value_or(true);
  Problems problems = reader.finish();
  append(problems, std::move(nested));
  if (!problems.empty() || !amount) return problems;
  return CreateBody{
      .terms = {.merchant = {},
                .branch = branch,
                .amount = *amount,
                .capture_method = method && *method == "manual" ? domain::CaptureMethod::manual
                                                                : domain::CaptureMethod::automatic,
                .merchant_reference = reference,
                .payment_token = std::move(token),
                .description = description,
                .metadata = std::move(metadata),
                .customer_reference = std::move(customer)},
      .confirm = confirm};
}

Parsed<CaptureBody> parse_capture(const json::value& body) {
  json::Reader reader(body);
  CaptureBody out;
  Problems nested;
  if (const json::value* found = reader.member("amount", false)) {
    out.amount = parse_money(*found, "/amount", nested);
  }
  out.final_capture = reader.boolean("final", false).value_or(false);
  Problems problems = reader.finish();
  append(problems, std::move(nested));
  if (!problems.empty()) return problems;
  return out;
}

Parsed<RefundBody> parse_refund(const json::value& body) {
  json::Reader reader(body);
  Problems nested;
  std::optional<Money> amount;
  if (const json::value* found = reader.member("amount")) {
    amount = parse_money(*found, "/amount", nested);
  }
  const std::string reason = checked_text(reader, "reason", 64, false);
  Problems problems = reader.finish();
  append(problems, std::move(nested));
  if (!problems.empty() || !amount) return problems;
  return RefundBody{*amount, reason};
}

Parsed<Money> parse_increment(const json::value& body) {
  json::Reader reader(body);
  Problems nested;
  std::optional<Money> amount;
  if (const json::value* found = reader.member("amount")) {
    amount = parse_money(*found, "/amount", nested);
  }
  Problems problems = reader.finish();
  append(problems, std::move(nested));
  if (!problems.empty() || !amount) return problems;
  return *amount;
}

Problems parse_empty(const json::value& body) {
  return json::Reader(body).finish();
}

Result<void> check_content_type(const http::Request& request) {
  if (request.body.empty() && request.headers.count("Content-Type") == 0) return {};
  // Type, parameter name and charset do not depend on case (RFC 9110 §8.3).
  std::string value(request.headers.get("Content-Type").value_or(""));
  std::transform(value.begin(), value.end(), value.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  for (const std::string_view taken :
       {"application/json", "application/json; charset=utf-8", "application/json;charset=utf-8",
        "application/json; charset=\"utf-8\"", "application/json;charset=\"utf-8\""}) {
    if (value == taken) return {};
  }
  return Error(Errc::unsupported_media_type, "Content-Type", "expected application/json");
}

std::chrono::seconds preferred_wait(const http::Request& request) noexcept {
  constexpr std::string_view kName = "wait=";
  constexpr int kLongest_s = 20;
  const std::string_view value = request.headers.get("Prefer").value_or("");
  if (!value.starts_with(kName)) return {};
  const char* const begin = value.data() + kName.size();
  const char* const end = value.data() + value.size();
  int wait_s = 0;
  const auto [at, error] = std::from_chars(begin, end, wait_s);
  if (error != std::errc() || at != end || wait_s < 0) return {};
  return std::chrono::seconds(std::min(wait_s, kLongest_s));
}

Parsed<ListQuery> parse_list_query(std::string_view query) {
  auto pairs = http::parse_query(query);
  if (!pairs.ok()) return Problems{std::move(pairs).error().in_field("query")};
  ListQuery out;
  Problems problems;
  bool limit_seen = false;
  for (const auto& [name, value] : *pairs) {
    if (name == "limit" && !limit_seen) {
      limit_seen = true;
      const char* const end = value.data() + value.size();
      const auto [at, error] = std::from_chars(value.data(), end, out.limit);
      if (error != std::errc() || at != end || out.limit < 1 || out.limit > 100) {
        problems.emplace_back(Errc::malformed_value, "limit", "expected a number from 1 to 100");
      }
    } else if (name == "cursor" && out.cursor.empty() && !value.empty()) {
      out.cursor = value;
    } else if (name == "branch" && !out.branch && !value.empty()) {
      if (auto branch = MerchantId::parse(value); branch.ok()) {
        out.branch = *branch;
      } else {
        problems.push_back(std::move(branch).error().in_field("branch"));
      }
    } else {
      problems.emplace_back(Errc::field_unknown, name.empty() ? "query" : name.substr(0, 64),
                            "is not known here, or given more than once, or empty");
    }
  }
  if (!problems.empty()) return problems;
  return out;
}

}  // namespace florin::api

#include "daemon/engine/acquirer.h"

#include "base/log.h"
#include "daemon/engine/store.h"
#include "daemon/vault/sealed_secret.h"

namespace florin::engine {

/// A connector ready for exchanges.
struct Acquirer::Line {
  ConnectorId id;
  const connectors::Codec* codec = nullptr;
  net::Url base;
  Secret api_key;
};

/// What one way to evidence gave.
struct Acquirer::Finding {
  connectors::Inquiry inquiry;
  bool answered = false;  ///< the PSP answered in a way that lets other ways be tried
};

namespace {

using connectors::Inquiry;
using connectors::UnknownResolution;

// Keys count as dead a little early: their life begins when the PSP sees them, by its own clock.
constexpr std::int64_t kKeyMargin_s = 3'600;

connectors::OperationRequest request_of(const domain::Life& life, bool replay) {
  const domain::Payment& payment = life.payment;
  return {.kind = life.operation.kind,
          .psp_key = life.operation.psp_key,
          .reference = life.operation.id.text(),
          .amount = life.operation.amount,
          .payment_token = life.payment.terms.payment_token,
          .psp_reference = life.attempt.psp_reference,
          .merchant_reference = life.payment.terms.merchant_reference,
          .final_capture = life.operation.final_capture,
          .capturable = payment.authorized - payment.captured - payment.released,
          .replay = replay};
}

domain::Outcome unsent(std::string_view code, std::string evidence) {
  const connectors::DeclineEntry& entry = connectors::find_decline(code);
  return {.outcome = domain::OutcomeClass::unsent,
          .decline = domain::Decline{.category = entry.category, .code = std::string(entry.code)},
          .evidence = std::move(evidence)};
}

domain::Outcome not_sent(const Error& error) {
  return unsent("acquirer_unreachable", error.to_log());
}

domain::Outcome in_doubt(std::string evidence) {
  return {.outcome = domain::OutcomeClass::unknown, .evidence = std::move(evidence)};
}

void log_outcome(std::string_view event, const domain::Life& life, const domain::Outcome& outcome) {
  log(LogLevel::info, event,
      {{"operation", life.operation.id.text()},
       {"kind", domain::operation_kind_name(life.operation.kind)},
       {"outcome", domain::outcome_class_name(outcome.outcome)},
       {"evidence", outcome.evidence}});
}

// No answer, or one that says that the other side does not work now.
bool is_out_of_order(const net::Exchange& exchange) {
  return !exchange.response || exchange.response->status >= 500 || exchange.response->status == 429;
}

std::string_view result_of(const net::Exchange& exchange) {
  if (exchange.response) return is_out_of_order(exchange) ? "out_of_order" : "answered";
  return exchange.request_may_have_left ? "lost" : "unsent";
}

}  // namespace

Result<Acquirer::Line> Acquirer::open_line(const Context& context, const ConnectorId& id) {
  FLORIN_TRY(domain::Connector connector, load_connector(context, id));
  const connectors::Codec* const codec = connectors::find_codec(connector.kind);
  if (codec == nullptr) {
    return Error(Errc::unavailable, {}, {}, "no codec of kind " + connector.kind);
  }
  FLORIN_TRY(net::Url base, net::parse_url(connector.base_url));
  const std::string place =
      vault::secret_place(context.tenant().text(), "connector", id.text(), "secret");
  FLORIN_TRY(Secret api_key,
             vault::open_secret(*context.ledger().keys, "cred", place, connector.sealed_secret));
  return Line{id, codec, std::move(base), std::move(api_key)};
}

Acquirer::Watch& Acquirer::watch(const ConnectorId& connector) {
  const auto [found, made] = watches_.try_emplace(connector, Watch{.guard = LineGuard(limits_)});
  if (made && metrics_ != nullptr) {
    const metrics::Labels labels{{"connector", connector.text()}};
    found->second.in_flight = &metrics_->gauge(
        "connector_requests_in_flight", "Requests to a connector that are under way.", labels);
    found->second.open = &metrics_->gauge(
        "connector_breaker_open", "1 while a connector is left alone after failures.", labels);
  }
  return found->second;
}

void Acquirer::count(const ConnectorId& connector, std::string_view result) {
  if (metrics_ == nullptr) return;
  metrics_
      ->counter("connector_requests_total", "Requests to a connector by how they ended.",
                {{"connector", connector.text()}, {"result", std::string(result)}})
      .add();
}

void Acquirer::show(const Watch& watch) const {
  if (metrics_ == nullptr) return;
  watch.in_flight->set(static_cast<std::int64_t>(watch.guard.in_flight()));
  watch.open->set(watch.guard.is_open() ? 1 : 0);
}

net::Task<net::Exchange> Acquirer::exchange(std::shared_ptr<const Line> line,
                                            http::Request request) {
  Watch& watched = watch(line->id);
  show(watched);
  net::Exchange got = co_await client_.send(line->base, std::move(request));
  const bool was_open = watched.guard.is_open();
  watched.guard.ended(clock_.monotonic_ns(), is_out_of_order(got));
  if (was_open != watched.guard.is_open()) {
    log(was_open ? LogLevel::notice : LogLevel::error,
        was_open ? "connector.works_again" : "connector.left_alone",
        {{"connector", line->id.text()}});
  }
  count(line->id, result_of(got));
  show(watched);
  co_return got;
}

net::Task<domain::Outcome> Acquirer::perform(ContextPtr context, domain::Life life) {
  auto opened = open_line(*context, life.operation.connector);
  if (!opened.ok()) co_return not_sent(opened.error());
  const auto line = std::make_shared<const Line>(std::move(*opened));
  const connectors::OperationRequest operation = request_of(life, false);
  if (const std::string_view objection = line->codec->objection(operation); !objection.empty()) {
    domain::Outcome outcome = unsent(objection, "the connector cannot be asked this");
    log_outcome("operation.not_sent", life, outcome);
    co_return outcome;
  }
  if (const Admission admission = watch(line->id).guard.admit(clock_.monotonic_ns());
      admission != Admission::admitted) {
    count(line->id, "held_back");
    domain::Outcome outcome = unsent("connector_busy", std::string(admission_name(admission)));
    log_outcome("operation.not_sent", life, outcome);
    co_return outcome;
  }
  http::Request request = line->codec->encode(operation, {&line->api_key});
  const net::Exchange got = co_await exchange(line, std::move(request));
  domain::Outcome outcome;
  if (got.response) {
    outcome = line->codec->decode(operation, *got.response);
  } else if (!got.request_may_have_left) {
    outcome = not_sent(*got.error);
  } else {
    outcome = in_doubt(got.error->to_log());
  }
  log_outcome("operation.answered", life, outcome);
  co_return outcome;
}

bool Acquirer::key_is_alive(const Line& line, const domain::Operation& operation) const {
  const connectors::OperationCapability& capability = line.codec->sheet().of(operation.kind);
  const std::int64_t age_s = (clock_.now() - operation.created_at) / kNanosPerSecond;
  return capability.idempotent && age_s >= 0 && age_s < capability.key_lifetime_s - kKeyMargin_s;
}

net::Task<Acquirer::Finding> Acquirer::try_way(std::shared_ptr<const Line> line,
                                               connectors::OperationRequest operation,
                                               UnknownResolution way) {
  const connectors::Codec& codec = *line->codec;
  const connectors::Access access{&line->api_key};
  http::Request request;
  if (way == UnknownResolution::inquire) request = codec.encode_inquiry(operation, access);
  if (way == UnknownResolution::reverse) request = codec.encode_cancel_key(operation, access);
  if (way == UnknownResolution::replay_same_key) request = codec.encode(operation, access);
  // What brings evidence is never held back; the resolver's schedule keeps it rare.
  watch(line->id).guard.enter();
  const net::Exchange got = co_await exchange(line, std::move(request));
  Finding out;
  if (!got.response) {
    out.inquiry.outcome = in_doubt(got.error->to_log());
    co_return out;
  }
  out.answered = !is_out_of_order(got);
  if (way == UnknownResolution::inquire) {
    out.inquiry = codec.decode_inquiry(operation, *got.response);
  } else if (way == UnknownResolution::reverse) {
    out.inquiry = codec.decode_cancel_key(operation, *got.response);
  } else {
    out.inquiry.outcome = codec.decode(operation, *got.response);
    const bool fact = out.inquiry.outcome.outcome != domain::OutcomeClass::unknown;
    out.inquiry.finding = fact ? Inquiry::Finding::found : Inquiry::Finding::unusable;
  }
  co_return out;
}

// "Not found" alone proves nothing: the request may still be on its way. Once our key is cancelled
// there, or the same request has been answered under it, that one can never be executed anew.
net::Task<domain::Outcome> Acquirer::inquire(ContextPtr context, domain::Life life) {
  auto opened = open_line(*context, life.operation.connector);
  if (!opened.ok()) co_return in_doubt(opened.error().to_log());
  const auto line = std::make_shared<const Line>(std::move(*opened));
  const connectors::CapabilitySheet& sheet = line->codec->sheet();
  std::string evidence;
  for (const UnknownResolution way : sheet.of(life.operation.kind).unknown_resolution) {
    const bool asks = way == UnknownResolution::inquire;
    const bool reverses = way == UnknownResolution::reverse && sheet.can_cancel_key;
    const bool repeats = way == UnknownResolution::replay_same_key &&
                         key_is_alive(*line, life.operation) &&
                         line->codec->objection(request_of(life, true)).empty();
    if (!asks && (context->recovering() || !(reverses || repeats))) continue;
    Finding finding = co_await try_way(line, request_of(life, true), way);
    if (finding.inquiry.finding == Inquiry::Finding::found) {
      log_outcome("operation.inquired", life, finding.inquiry.outcome);
      co_return std::move(finding.inquiry.outcome);
    }
    if (!evidence.empty()) evidence += "; ";
    evidence.append(connectors::unknown_resolution_name(way))
        .append(": ")
        .append(finding.inquiry.outcome.evidence);
    if (asks && !finding.answered) break;
  }
  co_return in_doubt("nothing is proven: " + evidence);
}

net::Task<ConnectorCheck> Acquirer::check(ContextPtr context, ConnectorId connector) {
  auto line = open_line(*context, connector);
  if (!line.ok()) co_return ConnectorCheck{false, "credentials", "unusable", line.error().to_log()};
  const net::Exchange exchange =
      co_await client_.send(line->base, line->codec->encode_check({&line->api_key}));
  if (!exchange.response) {
    const std::string_view finding =
        exchange.error->code() == Errc::timed_out ? "timed_out" : "failed";
    co_return ConnectorCheck{false, net::stage_name(exchange.stage), finding,
                             exchange.error->to_log()};
  }
  const connectors::CheckFinding finding = line->codec->decode_check(*exchange.response);
  const bool credentials = finding == connectors::CheckFinding::credentials_refused ||
                           finding == connectors::CheckFinding::permission_missing;
  co_return ConnectorCheck{finding == connectors::CheckFinding::ok,
                           credentials ? "authentication" : "answer",
                           connectors::check_finding_name(finding),
                           "HTTP status " + std::to_string(exchange.response->status)};
}

}  // namespace florin::engine

#include "daemon/engine/acquirer.h"

#include "base/log.h"
#include "daemon/engine/store.h"
#include "daemon/vault/sealed_secret.h"

namespace florin::engine {
namespace {

/// A connector ready for one exchange.
struct Line {
  const connectors::Codec* codec = nullptr;
  net::Url base;
  Secret api_key;
};

Result<Line> open_line(const Context& context, const ConnectorId& id) {
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
  return Line{codec, std::move(base), std::move(api_key)};
}

connectors::OperationRequest request_of(const domain::Life& life, bool replay) {
  return {.kind = life.operation.kind,
          .psp_key = life.operation.psp_key,
          .reference = life.operation.id.text(),
          .amount = life.operation.amount,
          .payment_token = life.payment.terms.payment_token,
          .psp_reference = life.attempt.psp_reference,
          .merchant_reference = life.payment.terms.merchant_reference,
          .final_capture = life.operation.final_capture,
          .replay = replay};
}

domain::Outcome not_sent(const Error& error) {
  return {.outcome = domain::OutcomeClass::unsent,
          .decline = domain::Decline{.category = domain::DeclineCategory::technical,
                                     .code = "acquirer_unreachable"},
          .evidence = error.to_log()};
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

}  // namespace

net::Task<domain::Outcome> Acquirer::perform(ContextPtr context, domain::Life life) {
  auto line = open_line(*context, life.operation.connector);
  if (!line.ok()) co_return not_sent(line.error());
  const connectors::OperationRequest operation = request_of(life, false);
  http::Request request = line->codec->encode(operation, {&line->api_key});
  net::Exchange exchange = co_await client_.send(line->base, std::move(request));
  domain::Outcome outcome;
  if (exchange.response) {
    outcome = line->codec->decode(operation, *exchange.response);
  } else if (!exchange.request_may_have_left) {
    outcome = not_sent(*exchange.error);
  } else {
    outcome = in_doubt(exchange.error->to_log());
  }
  log_outcome("operation.answered", life, outcome);
  co_return outcome;
}

net::Task<domain::Outcome> Acquirer::inquire(ContextPtr context, domain::Life life) {
  auto line = open_line(*context, life.operation.connector);
  if (!line.ok()) co_return in_doubt(line.error().to_log());
  const connectors::OperationRequest operation = request_of(life, true);
  net::Exchange exchange =
      co_await client_.send(line->base, line->codec->encode_inquiry(operation, {&line->api_key}));
  if (!exchange.response) co_return in_doubt(exchange.error->to_log());
  connectors::Inquiry inquiry = line->codec->decode_inquiry(operation, *exchange.response);
  if (inquiry.finding == connectors::Inquiry::Finding::not_found && !context->recovering() &&
      line->codec->sheet().can_cancel_key) {
    // "Not found" alone proves nothing: the request may still be on its way. Once our key is
    // cancelled there, it can never be executed.
    exchange = co_await client_.send(line->base,
                                     line->codec->encode_cancel_key(operation, {&line->api_key}));
    if (!exchange.response) co_return in_doubt(exchange.error->to_log());
    inquiry = line->codec->decode_cancel_key(operation, *exchange.response);
  }
  if (inquiry.finding != connectors::Inquiry::Finding::found) {
    co_return in_doubt("inquiry found nothing that can be used");
  }
  log_outcome("operation.inquired", life, inquiry.outcome);
  co_return inquiry.outcome;
}

}  // namespace florin::engine

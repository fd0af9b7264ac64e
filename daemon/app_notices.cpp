// Where PSPs tell what happened: a listener of its own, if it is configured.
#include "base/log.h"
#include "daemon/app.h"
#include "daemon/port_file.h"

namespace florin {
namespace {

// A notice is a few kilobytes; whoever sends more is nobody we know.
constexpr std::size_t kMaxNoticeBytes = 256UL * 1024;

http::Response not_now() {
  http::Response out;
  out.status = 503;
  out.headers.add("Retry-After", "5");
  return out;
}

}  // namespace

// The books are open when this is called, and merchants are served.
Result<void> App::open_notice_port() {
  const std::shared_ptr<Custody> custody = custody_now();
  if (stopping_ || config_.notices_address.empty() || !custody) return {};
  notice_api_ = std::make_unique<api::NoticeApi>(
      contexts_, *inbox_, [appliance = &custody->appliance()](const std::string& name) {
        const auto tenant = appliance->tenant(name);
        return tenant.ok() ? std::optional(tenant->id) : std::nullopt;
      });
  if (notice_server_) return {};
  net::TlsServerOptions options{.address = config_.notices_address,
                                .port = config_.notices_port,
                                .certificate_chain = config_.notices_certificate,
                                .private_key = config_.notices_private_key,
                                .certificates = nullptr,
                                .limits = {}};
  if (config_.notices_certificate.empty()) options.certificates = certificates_.current();
  options.limits.body_bytes = kMaxNoticeBytes;
  FLORIN_TRY(notice_server_,
             net::listen_tls(runtime_, options, [this](http::Request request, const net::Peer&) {
               return serve_notice(std::move(request));
             }));
  FLORIN_TRY_VOID(write_port_file(config_.run_directory / "notices.port", notice_server_->port()));
  log(LogLevel::notice, "daemon.notices",
      {{"address", config_.notices_address}, {"port", int{notice_server_->port()}}});
  return {};
}

// Facts are taken as long as the books are open, also when merchants are refused.
net::Task<http::Response> App::serve_notice(http::Request request) {
  if (closing_books_ || !notice_api_) co_return not_now();
  ++merchants_in_hand_;
  const std::shared_ptr<void> in_hand(nullptr, [this](void*) { --merchants_in_hand_; });
  co_return co_await notice_api_->handle(std::move(request));
}

}  // namespace florin

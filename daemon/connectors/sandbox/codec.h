#pragma once
/// The dialect of florin-sandbox; its contract is sandbox/API.md.
#include "daemon/connectors/codec.h"

namespace florin::connectors {

class SandboxCodec final : public Codec {
 public:
  SandboxCodec();
  [[nodiscard]] const CapabilitySheet& sheet() const override { return sheet_; }
  [[nodiscard]] http::Request encode(const OperationRequest& operation,
                                     const Access& access) const override;
  [[nodiscard]] domain::Outcome decode(const OperationRequest& operation,
                                       const http::Response& response) const override;
  [[nodiscard]] http::Request encode_inquiry(const OperationRequest& operation,
                                             const Access& access) const override;
  [[nodiscard]] Inquiry decode_inquiry(const OperationRequest& operation,
                                       const http::Response& response) const override;
  [[nodiscard]] http::Request encode_cancel_key(const OperationRequest& operation,
                                                const Access& access) const override;
  [[nodiscard]] Inquiry decode_cancel_key(const OperationRequest& operation,
                                          const http::Response& response) const override;
  [[nodiscard]] std::span<const DeclineMapping> declines() const override;
  [[nodiscard]] http::Request encode_check(const Access& access) const override;
  [[nodiscard]] CheckFinding decode_check(const http::Response& response) const override;

 private:
  CapabilitySheet sheet_;
};

}  // namespace florin::connectors

#include "daemon/net/host_name.h"

#include <algorithm>

namespace florin::net {
namespace {

bool valid_label(std::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' && label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
         });
}

}  // namespace

std::string normal_host(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    authority = authority.substr(1, end == std::string_view::npos ? end : end - 1);
  } else if (const std::size_t colon = authority.find(':'); colon != std::string_view::npos) {
    authority = authority.substr(0, colon);
  }
  if (authority.ends_with('.')) authority.remove_suffix(1);
  std::string out(authority);
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool valid_domain(std::string_view domain) {
  if (domain.size() > 253) return false;
  const bool wildcard = domain.starts_with("*.");
  if (wildcard) domain.remove_prefix(2);
  std::size_t labels = 0;
  for (;;) {
    const std::size_t dot = domain.find('.');
    if (!valid_label(domain.substr(0, dot))) return false;
    ++labels;
    if (dot == std::string_view::npos) break;
    domain.remove_prefix(dot + 1);
  }
  return !wildcard || labels >= 2;
}

std::string wildcard_of(std::string_view host) {
  const std::size_t dot = host.find('.');
  return dot == std::string_view::npos ? std::string() : "*" + std::string(host.substr(dot));
}

}  // namespace florin::net

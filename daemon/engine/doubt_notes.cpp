#include "daemon/engine/doubt_notes.h"

#include <algorithm>

namespace florin::engine {
namespace {

constexpr std::size_t kMaxEvidence = 200;

}  // namespace

template <class Change>
void DoubtNotes::change(OperationId operation, Change what) {
  const std::lock_guard lock(mutex_);
  if (const auto found = notes_.find(operation); found != notes_.end()) what(found->second);
}

void DoubtNotes::begin(OperationId operation, UnixNanos since) {
  const std::lock_guard lock(mutex_);
  notes_[operation].since = since;
}

void DoubtNotes::scheduled(OperationId operation, UnixNanos next_inquiry_at) {
  change(operation, [&](DoubtNote& note) { note.next_inquiry_at = next_inquiry_at; });
}

void DoubtNotes::inquired(OperationId operation) {
  change(operation, [](DoubtNote& note) {
    ++note.inquiries;
    note.next_inquiry_at = 0;
  });
}

void DoubtNotes::explained(OperationId operation, const std::string& evidence) {
  std::string text = evidence.substr(0, kMaxEvidence);
  std::replace_if(text.begin(), text.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  change(operation, [&](DoubtNote& note) { note.last_evidence = std::move(text); });
}

void DoubtNotes::end(OperationId operation) {
  const std::lock_guard lock(mutex_);
  notes_.erase(operation);
}

std::optional<DoubtNote> DoubtNotes::find(OperationId operation) const {
  const std::lock_guard lock(mutex_);
  const auto found = notes_.find(operation);
  return found == notes_.end() ? std::nullopt : std::optional(found->second);
}

DoubtNotes::Summary DoubtNotes::summary() const {
  const std::lock_guard lock(mutex_);
  Summary out{.count = notes_.size()};
  for (const auto& [operation, note] : notes_) {
    if (out.oldest_since == 0 || note.since < out.oldest_since) out.oldest_since = note.since;
  }
  return out;
}

}  // namespace florin::engine

#include "base/metrics.h"

#include "base/check.h"

namespace florin::metrics {
namespace {

// The format escapes these three in label values and the first two in help texts.
std::string escaped(std::string_view text, bool quotes) {
  std::string out;
  for (const char letter : text) {
    if (letter == '\\') {
      out += "\\\\";
    } else if (letter == '\n') {
      out += "\\n";
    } else if (letter == '"' && quotes) {
      out += "\\\"";
    } else {
      out += letter;
    }
  }
  return out;
}

std::string label_text(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    out += (out.empty() ? "{" : ",") + name + "=\"" + escaped(value, true) + "\"";
  }
  return out.empty() ? out : out + "}";
}

template <class Meters>
void write_meters(std::string& out, const std::string& name, const Meters& meters) {
  for (const auto& [labels, meter] : meters) {
    out += name + labels + " " + std::to_string(meter->value()) + "\n";
  }
}

template <class Meter>
Meter& meter_in(std::map<std::string, std::unique_ptr<Meter>>& meters, const Labels& labels) {
  std::unique_ptr<Meter>& meter = meters[label_text(labels)];
  if (!meter) meter = std::make_unique<Meter>();
  return *meter;
}

}  // namespace

Registry::Family& Registry::family(std::string_view name, std::string_view help) {
  Family& found = families_[std::string(name)];
  if (found.help.empty()) found.help = help;
  return found;
}

Counter& Registry::counter(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Family& found = family(name, help);
  FLORIN_ASSERT(found.gauges.empty());
  return meter_in(found.counters, labels);
}

Gauge& Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) {
  const std::lock_guard lock(mutex_);
  Family& found = family(name, help);
  FLORIN_ASSERT(found.counters.empty());
  return meter_in(found.gauges, labels);
}

std::string Registry::to_text() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& [name, found] : families_) {
    out += "# HELP " + name + " " + escaped(found.help, false) + "\n";
    out += "# TYPE " + name + (found.counters.empty() ? " gauge\n" : " counter\n");
    write_meters(out, name, found.counters);
    write_meters(out, name, found.gauges);
  }
  return out;
}

}  // namespace florin::metrics

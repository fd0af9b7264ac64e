#include "cli/request.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/json.h"

namespace florin::cli {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

// The daemon's router neither decodes nor normalises, so only plain names can be meant.
bool fits_path(std::string_view text) {
  return !text.empty() && text != "." && text != ".." &&
         std::all_of(text.begin(), text.end(), is_unreserved);
}

Result<void> check_value(const Argument& argument, const std::string& value) {
  if (argument.number) {
    std::uint64_t number = 0;
    const char* end = value.data() + value.size();
    const auto [at, error] = std::from_chars(value.data(), end, number);
    if (error != std::errc{} || at != end || number == 0) {
      return Error(Errc::malformed_value, argument_label(argument),
                   "\"" + value + "\" is not a positive whole number");
    }
  }
  if (!argument.choices.empty() && std::find(argument.choices.begin(), argument.choices.end(),
                                             value) == argument.choices.end()) {
    std::string choices;
    for (const auto choice : argument.choices) {
      choices += (choices.empty() ? "" : " or ") + std::string(choice);
    }
    return Error(Errc::malformed_value, argument_label(argument),
                 "\"" + value + "\" is not " + choices);
  }
  return {};
}

Result<std::string> filled_path(const Command& command, const Values& values) {
  std::string path(command.path);
  for (const Argument& argument : command.arguments) {
    if (argument.target != Target::path) continue;
    const std::string& value = values.find(argument.name)->second;
    if (!fits_path(value)) {
      return Error(Errc::malformed_value, argument_label(argument),
                   "\"" + value + "\" is not a name or id");
    }
    const std::string field = "{" + std::string(argument.name) + "}";
    path.replace(path.find(field), field.size(), value);
  }
  return path;
}

}  // namespace

std::string argument_label(const Argument& argument) {
  if (!argument.option.empty()) return std::string(argument.option);
  std::string label(argument.name);
  std::transform(label.begin(), label.end(), label.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return label;
}

Result<Values> complete_values(const Command& command, Values given) {
  for (const Argument& argument : command.arguments) {
    const std::string name(argument.name);
    if (!given.contains(name) && !argument.fallback.empty()) {
      if (argument.fallback.starts_with('=')) {
        const auto source = given.find(argument.fallback.substr(1));
        if (source != given.end()) given[name] = source->second;
      } else {
        given[name] = argument.fallback;
      }
    }
    const auto value = given.find(name);
    if (value == given.end()) {
      if (!argument.required) continue;
      return Error(Errc::field_missing, argument_label(argument), "is required");
    }
    FLORIN_TRY_VOID(check_value(argument, value->second));
  }
  return given;
}

Result<http::Request> build_request(const Command& command, const Values& values) {
  http::Request request;
  request.method = command.method;
  FLORIN_TRY(request.target, filled_path(command, values));
  json::object body;
  char separator = '?';
  for (const Argument& argument : command.arguments) {
    const auto value = values.find(argument.name);
    if (value == values.end()) continue;
    if (argument.target == Target::query) {
      request.target +=
          separator + std::string(argument.name) + "=" + percent_encoded(value->second);
      separator = '&';
    } else if (argument.target == Target::body || argument.target == Target::body_secret_file ||
               argument.target == Target::body_text_file) {
      body[boost::json::string_view(argument.name.data(), argument.name.size())] = value->second;
    }
  }
  request.headers.set("Accept", "application/json");
  request.headers.set("Connection", "close");
  if (command.method == "POST") {
    request.headers.set("Content-Type", "application/json");
    request.body = json::write(body);
  }
  return request;
}

}  // namespace florin::cli

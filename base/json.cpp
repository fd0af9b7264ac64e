#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value_stack.hpp>
#include <cctype>

namespace florin::json {
namespace {

// Adds one reference token (RFC 6901 section 4).
void append_pointer(std::string& out, std::string_view name) {
  out.push_back('/');
  for (const char letter : name) {
    if (letter == '~') {
      out += "~0";
    } else if (letter == '/') {
      out += "~1";
    } else {
      out.push_back(letter);
    }
  }
}

// Feeds Boost's parser into its value stack and refuses what the standard leaves open.
class StrictHandler {
 public:
  static constexpr std::size_t max_object_size = 1U << 20U;
  static constexpr std::size_t max_array_size = 1U << 20U;
  static constexpr std::size_t max_key_size = 1024;
  static constexpr std::size_t max_string_size = 1U << 20U;

  explicit StrictHandler(std::size_t members) : members_(members) {}

  boost::json::value_stack stack;
  std::string problem;
  std::string pointer;  ///< RFC 6901, of the problem; empty when it is about the document
  bool is_wrong_type = false;

  bool on_document_begin(boost::json::error_code&) { return true; }
  bool on_document_end(boost::json::error_code&) { return true; }
  bool on_object_begin(boost::json::error_code&) {
    frames_.push_back({.is_array = false});
    return true;
  }
  bool on_object_end(std::size_t count, boost::json::error_code& error) {
    frames_.pop_back();
    if (count > members_) return refuse("too many members", error);
    stack.push_object(count);
    return value_ended();
  }
  bool on_array_begin(boost::json::error_code&) {
    frames_.push_back({.is_array = true});
    return true;
  }
  bool on_array_end(std::size_t count, boost::json::error_code&) {
    frames_.pop_back();
    stack.push_array(count);
    return value_ended();
  }
  bool on_key_part(boost::json::string_view part, std::size_t, boost::json::error_code&) {
    stack.push_chars(part);
    partial_.append(part.data(), part.size());
    return true;
  }
  bool on_key(boost::json::string_view part, std::size_t, boost::json::error_code& error) {
    partial_.append(part.data(), part.size());
    if (partial_.find('\0') != std::string::npos) return refuse("U+0000 in a name", error);
    auto& seen = frames_.back().keys;
    if (std::find(seen.begin(), seen.end(), partial_) != seen.end()) {
      seen.push_back(partial_);
      return refuse(fmt::format("member \"{}\" appears twice", partial_), error);
    }
    if (seen.size() >= members_) return refuse("too many members", error);
    seen.push_back(std::move(partial_));
    partial_.clear();
    stack.push_key(part);
    return true;
  }
  bool on_string_part(boost::json::string_view part, std::size_t, boost::json::error_code& error) {
    if (part.find('\0') != boost::json::string_view::npos) return refuse("U+0000 in a text", error);
    stack.push_chars(part);
    return true;
  }
  bool on_string(boost::json::string_view part, std::size_t, boost::json::error_code& error) {
    if (part.find('\0') != boost::json::string_view::npos) return refuse("U+0000 in a text", error);
    stack.push_string(part);
    return value_ended();
  }
  bool on_number_part(boost::json::string_view part, boost::json::error_code& error) {
    return check_number(part, error);
  }
  bool on_int64(std::int64_t number, boost::json::string_view part,
                boost::json::error_code& error) {
    if (!check_number(part, error)) return false;
    number_text_.clear();
    stack.push_int64(number);
    return value_ended();
  }
  bool on_uint64(std::uint64_t, boost::json::string_view, boost::json::error_code& error) {
    return refuse_number("a number is outside 64 bits", error);
  }
  bool on_double(double, boost::json::string_view, boost::json::error_code& error) {
    return refuse_number("only whole numbers in plain digits are taken", error);
  }
  bool on_bool(bool flag, boost::json::error_code&) {
    stack.push_bool(flag);
    return value_ended();
  }
  bool on_null(boost::json::error_code&) {
    stack.push_null();
    return value_ended();
  }
  bool on_comment_part(boost::json::string_view, boost::json::error_code&) { return true; }
  bool on_comment(boost::json::string_view, boost::json::error_code&) { return true; }

 private:
  /// An object or array that is not complete yet.
  struct Frame {
    bool is_array = false;
    std::vector<std::string> keys{};  ///< of an object; the last one is the member being read
    std::size_t index = 0;            ///< of an array
  };

  bool refuse(std::string why, boost::json::error_code& error) {
    problem = std::move(why);
    pointer = place();
    error = boost::json::error::extra_data;
    return false;
  }
  // The document is well formed, but this field cannot hold such a number.
  bool refuse_number(std::string why, boost::json::error_code& error) {
    is_wrong_type = !frames_.empty();
    return refuse(std::move(why), error);
  }
  bool value_ended() {
    if (!frames_.empty() && frames_.back().is_array) ++frames_.back().index;
    return true;
  }
  [[nodiscard]] std::string place() const {
    std::string out;
    for (const Frame& frame : frames_) {
      if (frame.is_array) {
        out += fmt::format("/{}", frame.index);
      } else if (!frame.keys.empty()) {
        append_pointer(out, frame.keys.back());
      }
    }
    return out;
  }
  // "-0" is a whole number to Boost, but no amount or count is ever written so.
  bool check_number(boost::json::string_view part, boost::json::error_code& error) {
    number_text_.append(part.data(), part.size());
    if (number_text_ == "-0") return refuse_number("a negative zero", error);
    return true;
  }

  std::size_t members_;
  std::vector<Frame> frames_;
  std::string partial_;
  std::string number_text_;
};

struct CodePoint {
  std::uint32_t point;
  std::size_t length;
};

// The code point at the start of a text (RFC 3629). What is not UTF-8 counts as U+FFFD of one byte:
// parsed texts are always valid, but a log field may hold anything that came from outside.
CodePoint decode_utf8(std::string_view text) {
  constexpr CodePoint invalid{0xFFFD, 1};
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0xC2 || lead > 0xF4) return invalid;
  const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (text.size() < length) return invalid;
  std::uint32_t point = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xC0U) != 0x80) return invalid;
    point = (point << 6U) | (byte & 0x3FU);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < least[length] || point > 0x10FFFF || surrogate) return invalid;
  return {point, length};
}

void append_escaped(std::string& out, std::string_view text) {
  out.push_back('"');
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      switch (byte) {
        case '"':
          out += "\\\"";
          break;
        case '\\':
          out += "\\\\";
          break;
        case '\b':
          out += "\\b";
          break;
        case '\f':
          out += "\\f";
          break;
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        case '\t':
          out += "\\t";
          break;
        default:
          if (byte < 0x20 || byte == 0x7F) {
            out += fmt::format("\\u{:04x}", byte);
          } else {
            out.push_back(static_cast<char>(byte));
          }
      }
      ++i;
      continue;
    }
    const auto [point_read, length] = decode_utf8(text.substr(i));
    std::uint32_t point = point_read;
    if (point >= 0x10000) {
      point -= 0x10000;
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (point >> 10U), 0xDC00 + (point & 0x3FFU));
    } else {
      out += fmt::format("\\u{:04x}", point);
    }
    i += length;
  }
  out.push_back('"');
}

void append(std::string& out, const value& json, bool sorted) {
  switch (json.kind()) {
    case boost::json::kind::object: {
      std::vector<const boost::json::key_value_pair*> members;
      for (const auto& member : json.get_object()) members.push_back(&member);
      if (sorted) {
        std::sort(members.begin(), members.end(),
                  [](const auto* a, const auto* b) { return a->key() < b->key(); });
      }
      out.push_back('{');
      for (const auto* member : members) {
        if (out.back() != '{') out.push_back(',');
        append_escaped(out, member->key());
        out.push_back(':');
        append(out, member->value(), sorted);
      }
      out.push_back('}');
      break;
    }
    case boost::json::kind::array: {
      out.push_back('[');
      bool first = true;
      for (const value& item : json.get_array()) {
        if (!first) out.push_back(',');
        first = false;
        append(out, item, sorted);
      }
      out.push_back(']');
      break;
    }
    case boost::json::kind::string:
      append_escaped(out, std::string_view(json.get_string()));
      break;
    default:
      out += boost::json::serialize(json);
  }
}

}  // namespace

Result<value> parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.bytes) {
    return Error(Errc::payload_too_large, {},
                 fmt::format("a JSON document of more than {} bytes", limits.bytes));
  }
  boost::json::parse_options options;
  options.max_depth = 16;
  boost::json::basic_parser<StrictHandler> parser(options, limits.members);
  StrictHandler& handler = parser.handler();
  handler.stack.reset();
  boost::json::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  if (!error && used < text.size()) error = boost::json::error::extra_data;
  if (error || !parser.done()) {
    const std::string why = !handler.problem.empty() ? handler.problem
                            : error                  ? error.message()
                                                     : "incomplete";
    if (handler.is_wrong_type) return Error(Errc::field_type, handler.pointer, why);
    return Error(Errc::malformed_json, handler.pointer, fmt::format("{} near byte {}", why, used));
  }
  return handler.stack.release();
}

std::string write(const value& json) {
  std::string out;
  append(out, json, false);
  return out;
}

std::string canonical(const value& json) {
  std::string out;
  append(out, json, true);
  return out;
}

Reader::Reader(const value& json, std::string pointer) : pointer_(std::move(pointer)) {
  if (json.is_object()) {
    object_ = &json.get_object();
  } else {
    errors_.emplace_back(Errc::field_type, pointer_, "expected an object");
  }
}

std::string Reader::pointer_of(std::string_view name) const {
  std::string out = pointer_;
  append_pointer(out, name);
  return out;
}

const value* Reader::take(std::string_view name, bool required) {
  known_.emplace_back(name);
  if (object_ == nullptr) return nullptr;
  const value* const found = object_->if_contains(name);
  if (found == nullptr && required) {
    errors_.emplace_back(Errc::field_missing, pointer_of(name), "is required");
  }
  return found;
}

const value* Reader::member(std::string_view name, bool required) {
  return take(name, required);
}

std::optional<std::string> Reader::text(std::string_view name, std::size_t max_length,
                                        bool required) {
  const value* const found = take(name, required);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string()) {
    errors_.emplace_back(Errc::field_type, pointer_of(name), "expected a text");
    return std::nullopt;
  }
  const std::string_view text = found->get_string();
  if (text.size() > max_length) {
    errors_.emplace_back(Errc::value_too_long, pointer_of(name),
                         fmt::format("at most {} bytes are allowed", max_length));
    return std::nullopt;
  }
  if (text.empty()) {
    errors_.emplace_back(Errc::malformed_value, pointer_of(name), "must not be empty");
    return std::nullopt;
  }
  return std::string(text);
}

std::optional<std::int64_t> Reader::integer(std::string_view name, bool required) {
  const value* const found = take(name, required);
  if (found == nullptr) return std::nullopt;
  if (!found->is_int64()) {
    errors_.emplace_back(Errc::field_type, pointer_of(name), "expected a whole number");
    return std::nullopt;
  }
  return found->get_int64();
}

std::optional<bool> Reader::boolean(std::string_view name, bool required) {
  const value* const found = take(name, required);
  if (found == nullptr) return std::nullopt;
  if (!found->is_bool()) {
    errors_.emplace_back(Errc::field_type, pointer_of(name), "expected true or false");
    return std::nullopt;
  }
  return found->get_bool();
}

std::vector<Error> Reader::finish() {
  if (object_ != nullptr) {
    for (const auto& member : *object_) {
      const std::string_view name = member.key();
      if (std::find(known_.begin(), known_.end(), name) == known_.end()) {
        errors_.emplace_back(Errc::field_unknown, pointer_of(name), "is not known here");
      }
    }
  }
  return std::move(errors_);
}

}  // namespace florin::json

#include "base/json.h"

#include <gtest/gtest.h>

#include <random>

namespace florin::json::json_test {
namespace {

std::string nested_arrays(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

struct Case {
  std::string name;
  std::string text;
};

TEST(JsonParse, RefusesWhatTheStandardLeavesOpen) {
  const std::string nul_text("\"a\0b\"", 5);
  const std::vector<Case> rows = {
      {"empty", ""},
      {"blank", "  "},
      {"duplicate member", R"({"a":1,"a":2})"},
      {"duplicate behind an escape", R"({"amount":1,"\u0061mount":2})"},
      {"duplicate, both escaped", R"({"\u0061":1,"\u0061":2})"},
      {"duplicate deep inside", R"([{"x":{"b":1,"c":2,"b":3}}])"},
      {"duplicate of the empty name", R"({"":1,"":2})"},
      {"overflowing exponent", "1e400"},
      {"exponent", "1e2"},
      {"fraction", "1.0"},
      {"fraction of zero", "0.0"},
      {"negative zero", "-0"},
      {"2^63", "9223372036854775808"},
      {"2^64", "18446744073709551616"},
      {"below -2^63", "-9223372036854775809"},
      {"hundreds of digits", std::string(400, '9')},
      {"leading zero", "01"},
      {"plus sign", "+1"},
      {"hexadecimal", "0x10"},
      {"NaN", "NaN"},
      {"Infinity", "Infinity"},
      {"negative Infinity", "-Infinity"},
      {"single quotes", "{'a':1}"},
      {"comment", "[1] // x"},
      {"comment inside", "[/**/1]"},
      {"trailing comma", "[1,]"},
      {"trailing comma in an object", R"({"a":1,})"},
      {"depth 17", nested_arrays(17)},
      {"unclosed", "[1"},
      {"unclosed text", "\"abc"},
      {"byte order mark", "\xEF\xBB\xBF{}"},
      {"trailing byte", "{}x"},
      {"two values", "{} {}"},
      {"trailing U+0000", std::string("{}\0", 3)},
      {"lone high surrogate", R"("\ud800")"},
      {"lone low surrogate", R"("\udc00")"},
      {"reversed surrogates", R"("\udc00\ud800")"},
      {"high surrogate then text", R"("\ud800a")"},
      {"escaped U+0000", R"("a\u0000b")"},
      {"escaped U+0000 in a name", R"({"a\u0000b":1})"},
      {"raw U+0000", nul_text},
      {"raw control character", "\"a\x01\""},
      {"raw line feed", "\"a\nb\""},
      {"lone continuation byte", "\"\x80\""},
      {"truncated sequence", "\"\xE2\x82\""},
      {"truncated sequence in a name", "{\"\xC3\":1}"},
      {"overlong slash", "\"\xC0\xAF\""},
      {"overlong three bytes", "\"\xE0\x80\xAF\""},
      {"overlong four bytes", "\"\xF0\x80\x80\xAF\""},
      {"encoded surrogate", "\"\xED\xA0\x80\""},
      {"beyond U+10FFFF", "\"\xF4\x90\x80\x80\""},
      {"byte FE", "\"\xFE\""},
      {"unknown escape", R"("\x41")"},
      {"short escape", R"("\u12")"},
      {"unknown word", "nul"},
  };
  for (const Case& row : rows) {
    const auto parsed = parse(row.text);
    ASSERT_FALSE(parsed.ok()) << row.name;
    EXPECT_EQ(parsed.error().code(), Errc::malformed_json) << row.name;
  }
}

TEST(JsonParse, NamesTheFieldOfANumberThatCannotBe) {
  const std::pair<const char*, const char*> rows[] = {
      {R"({"a":1.5})", "/a"},
      {R"({"a":{"b":1e3}})", "/a/b"},
      {R"({"a":{"b":1},"c":-0})", "/c"},
      {R"({"a":[1,{"x":true},9223372036854775808]})", "/a/2"},
      {R"([[],"x",1.0])", "/2"},
      {R"({"a/b":{"~":0.5}})", "/a~1b/~0"},
  };
  for (const auto& [text, field] : rows) {
    const auto parsed = parse(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code(), Errc::field_type) << text;
    EXPECT_EQ(parsed.error().field(), field) << text;
  }
  const auto twice = parse(R"({"a":{"b":1,"b":2}})");
  ASSERT_FALSE(twice.ok());
  EXPECT_EQ(twice.error().code(), Errc::malformed_json);
  EXPECT_EQ(twice.error().field(), "/a/b");
}

TEST(JsonParse, TakesWhatIsPlain) {
  const std::vector<std::string> rows = {"null",
                                         "true",
                                         "0",
                                         "-1",
                                         " [ ] ",
                                         "{}",
                                         "9223372036854775807",
                                         "-9223372036854775808",
                                         nested_arrays(16),
                                         R"({"a":1,"b":{"a":1}})",
                                         R"([{"a":1},{"a":1}])",
                                         R"("\ud83d\ude00")",
                                         "\"\xF0\x9F\x98\x80\"",
                                         "\"\x7F\"",
                                         "\r\n\t 1 \r\n\t "};
  for (const std::string& row : rows) {
    const auto parsed = parse(row);
    EXPECT_TRUE(parsed.ok()) << row << (parsed.ok() ? "" : parsed.error().to_log());
  }
  EXPECT_EQ(parse("9223372036854775807")->get_int64(), INT64_MAX);
  EXPECT_EQ(parse("-9223372036854775808")->get_int64(), INT64_MIN);
}

TEST(JsonParse, TellsTheReasonAndThePlace) {
  EXPECT_EQ(parse(R"({"a":1,"a":2})").error().message(), "member \"a\" appears twice near byte 9");
  EXPECT_NE(parse("[1.5]").error().message().find("whole numbers"), std::string::npos);
  EXPECT_NE(parse("[-0]").error().message().find("negative zero"), std::string::npos);
}

TEST(JsonParse, KeepsItsLimits) {
  EXPECT_EQ(parse("[1,2,3]", {.bytes = 6}).error().code(), Errc::payload_too_large);
  EXPECT_TRUE(parse("[1,2,3]", {.bytes = 7}).ok());
  EXPECT_TRUE(parse(R"({"a":1,"b":2})", {.members = 2}).ok());
  EXPECT_EQ(parse(R"({"a":1,"b":2,"c":3})", {.members = 2}).error().code(), Errc::malformed_json);
}

TEST(JsonParse, LongTextsAndManyEscapesStayWhole) {
  // Longer than the parser's own buffer, so that texts arrive in parts.
  std::string plain;
  std::string text = "{\"";
  for (int i = 0; i < 300; ++i) {
    plain += "a\"";
    text += R"(\u0061\")";
  }
  text += "\":\"";
  std::string content;
  for (int i = 0; i < 3000; ++i) {
    content += "x\n";
    text += R"(x\n)";
  }
  text += "\"}";
  const auto parsed = parse(text);
  ASSERT_TRUE(parsed.ok()) << parsed.error().to_log();
  const object& members = parsed->get_object();
  ASSERT_EQ(members.size(), 1U);
  EXPECT_EQ(std::string_view(members.begin()->key()), plain);
  EXPECT_EQ(std::string_view(members.begin()->value().get_string()), content);
}

TEST(JsonWrite, EscapesEverythingOutsideAscii) {
  EXPECT_EQ(write(value("\"\\\b\f\n\r\t/\x01\x7F")), R"("\"\\\b\f\n\r\t/\u0001\u007f")");
  EXPECT_EQ(write(value("\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80")),
            R"("\u00e9 \u20ac \ud83d\ude00")");
  EXPECT_EQ(write(value("\xF4\x8F\xBF\xBF")), R"("\udbff\udfff")");
}

TEST(JsonWrite, InvalidUtf8BecomesTheReplacementCharacter) {
  // Only texts of our own (log fields) can be invalid; none may swallow what follows it.
  EXPECT_EQ(write(value("a\x80"
                        "b")),
            R"("a\ufffdb")");
  EXPECT_EQ(write(value("\xE2\"x")), R"("\ufffd\"x")");
  EXPECT_EQ(write(value("\xF0\n")), R"("\ufffd\n")");
  EXPECT_EQ(write(value("\xC0\xAF")), R"("\ufffd\ufffd")");
  EXPECT_EQ(write(value("\xED\xA0\x80")), R"("\ufffd\ufffd\ufffd")");
  EXPECT_EQ(write(value("\xFF\xC3")), R"("\ufffd\ufffd")");
}

TEST(JsonWrite, KeepsOrderAndCanonicalSorts) {
  const value json = *parse(R"({"b":[1,true,null],"a":{"z":-5,"y":"t"},"":0})");
  EXPECT_EQ(write(json), R"({"b":[1,true,null],"a":{"z":-5,"y":"t"},"":0})");
  EXPECT_EQ(canonical(json), R"({"":0,"a":{"y":"t","z":-5},"b":[1,true,null]})");
  EXPECT_EQ(write(*parse("{}")), "{}");
  EXPECT_EQ(write(*parse("[[],{}]")), "[[],{}]");
}

TEST(JsonWrite, CanonicalTextIgnoresOrderAndSpelling) {
  EXPECT_EQ(canonical(*parse(R"({"a":1, "b" : "\u0041"})")),
            canonical(*parse(R"({"\u0062":"A","a":1})")));
}

value random_value(std::mt19937_64& random, int depth) {
  switch (random() % (depth > 0 ? 6 : 4)) {
    case 0:
      return value(static_cast<std::int64_t>(random()));
    case 1:
      return value(random() % 2 == 0);
    case 2:
      return value(nullptr);
    case 3: {
      const char* const parts[] = {"a", "\"", "\\", "\n", "\xC3\xA9", "\xF0\x9F\x98\x80", "\x1F"};
      std::string text;
      for (std::uint64_t i = random() % 8; i > 0; --i) text += parts[random() % 7];
      return value(text);
    }
    case 4: {
      array items;
      for (std::uint64_t i = random() % 4; i > 0; --i) {
        items.push_back(random_value(random, depth - 1));
      }
      return items;
    }
    default: {
      object members;
      for (std::uint64_t i = random() % 4; i > 0; --i) {
        members["k" + std::to_string(random() % 10)] = random_value(random, depth - 1);
      }
      return members;
    }
  }
}

TEST(JsonWrite, RandomDocumentsRoundTrip) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  for (int i = 0; i < 500; ++i) {
    const value json = random_value(random, 5);
    const std::string text = write(json);
    const auto back = parse(text);
    ASSERT_TRUE(back.ok()) << text << back.error().to_log();
    EXPECT_EQ(*back, json) << text;
    EXPECT_EQ(canonical(*parse(canonical(json))), canonical(json));
  }
}

TEST(JsonReader, ReadsWhatIsThere) {
  const value json = *parse(R"({"name":"x","count":-3,"flag":false,"list":[1]})");
  Reader reader(json);
  EXPECT_EQ(reader.text("name", 10), "x");
  EXPECT_EQ(reader.integer("count"), -3);
  EXPECT_EQ(reader.boolean("flag"), false);
  const value* const list = reader.member("list");
  ASSERT_NE(list, nullptr);
  EXPECT_EQ(list->get_array().size(), 1U);
  EXPECT_EQ(reader.text("absent", 10, false), std::nullopt);
  EXPECT_TRUE(reader.finish().empty());
}

TEST(JsonReader, CollectsEveryFault) {
  const value json =
      *parse(R"({"long":"12345","empty":"","count":"1","flag":0,"text":1,"a/b~c":1})");
  Reader reader(json, "/payment");
  EXPECT_EQ(reader.text("long", 4), std::nullopt);
  EXPECT_EQ(reader.text("empty", 4), std::nullopt);
  EXPECT_EQ(reader.integer("count"), std::nullopt);
  EXPECT_EQ(reader.boolean("flag"), std::nullopt);
  EXPECT_EQ(reader.text("text", 4), std::nullopt);
  EXPECT_EQ(reader.integer("missing"), std::nullopt);
  const std::vector<Error> errors = reader.finish();
  const std::vector<std::pair<std::string, Errc>> expected = {
      {"/payment/long", Errc::value_too_long},   {"/payment/empty", Errc::malformed_value},
      {"/payment/count", Errc::field_type},      {"/payment/flag", Errc::field_type},
      {"/payment/text", Errc::field_type},       {"/payment/missing", Errc::field_missing},
      {"/payment/a~1b~0c", Errc::field_unknown},
  };
  ASSERT_EQ(errors.size(), expected.size());
  for (std::size_t i = 0; i < errors.size(); ++i) {
    EXPECT_EQ(errors[i].field(), expected[i].first);
    EXPECT_EQ(errors[i].code(), expected[i].second) << expected[i].first;
  }
}

TEST(JsonReader, NullIsNotAText) {
  const value json = *parse(R"({"a":null})");
  Reader reader(json);
  EXPECT_EQ(reader.text("a", 5, false), std::nullopt);
  EXPECT_EQ(reader.finish().at(0).code(), Errc::field_type);
}

TEST(JsonReader, OnlyObjectsHaveMembers) {
  const value json = *parse("[1]");
  Reader reader(json, "/x");
  EXPECT_EQ(reader.text("a", 5), std::nullopt);
  const std::vector<Error> errors = reader.finish();
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].code(), Errc::field_type);
  EXPECT_EQ(errors[0].field(), "/x");
}

}  // namespace
}  // namespace florin::json::json_test

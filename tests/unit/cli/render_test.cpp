#include "cli/render.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "cli/command.h"

namespace florin::cli::render_test {
namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

const std::filesystem::path kGolden =
    std::filesystem::path(FLORIN_TEST_DATA) / ".." / "golden" / "cli";

const Command& command_named(const std::string& name) {
  for (const Command& command : commands()) {
    const std::string verb = command.verb.empty() ? "" : "-" + std::string(command.verb);
    if (std::string(command.noun) + verb == name) return command;
  }
  ADD_FAILURE() << name;
  return commands().front();
}

// Each <noun>-<verb>[.<case>].json is an answer; .txt and .out.json are what has to be printed.
// With FLORIN_UPDATE_GOLDEN set the files are written instead, to be read before they are
// committed.
TEST(RenderTest, GoldenFiles) {
  std::size_t seen = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kGolden)) {
    const std::string file = entry.path().filename().string();
    if (!file.ends_with(".json") || file.ends_with(".out.json")) continue;
    ++seen;
    SCOPED_TRACE(file);
    const std::string stem = file.substr(0, file.size() - 5);
    const Command& command = command_named(stem.substr(0, stem.find('.')));
    const Result<json::value> document = json::parse(read(entry.path()));
    ASSERT_TRUE(document.ok()) << document.error().to_log();
    const std::string table = render(*document, command.view, Style{});
    const std::string program = render_json(*document, command.schema);
    if (std::getenv("FLORIN_UPDATE_GOLDEN") != nullptr) {
      std::ofstream(kGolden / (stem + ".txt")) << table;
      std::ofstream(kGolden / (stem + ".out.json")) << program;
      continue;
    }
    EXPECT_EQ(table, read(kGolden / (stem + ".txt")));
    EXPECT_EQ(program, read(kGolden / (stem + ".out.json")));
  }
  EXPECT_GE(seen, 8U);
}

TEST(RenderTest, AmountsAreShiftedAsText) {
  EXPECT_EQ(decimal_amount("129900", 2), "1299.00");
  EXPECT_EQ(decimal_amount("5", 2), "0.05");
  EXPECT_EQ(decimal_amount("-5", 3), "-0.005");
  EXPECT_EQ(decimal_amount("5000", 0), "5000");
  EXPECT_EQ(decimal_amount("340282366920938463463374607431768211455", 2),
            "3402823669209384634633746074317682114.55");
}

TEST(RenderTest, DataCannotDriveATerminal) {
  EXPECT_EQ(printable("a\x1b[2Jb\n"), "a\\x1b[2Jb\\x0a");
  EXPECT_EQ(printable("\xC2\x9B"
                      "2J"),
            "\\xc2\\x9b2J")
      << "a control sequence in one letter";
  EXPECT_EQ(printable("live\xE2\x80\xAEtset"), "live\\xe2\\x80\\xaetset") << "the wrong way round";
  EXPECT_EQ(printable("Gr\xC3\xBC\xC3\x9F"
                      "e \xE2\x82\xAC"),
            "Gr\xC3\xBC\xC3\x9F"
            "e \xE2\x82\xAC");
  EXPECT_EQ(printable("\xE2\x80"), "\xE2\x80");
}

TEST(RenderTest, ColourOnlyWhenAsked) {
  EXPECT_EQ(paint_state("serving", Style{}), "serving");
  EXPECT_EQ(paint_state("serving", Style{.colour = true}), "\x1b[32mserving\x1b[0m");
}

TEST(RenderTest, SchemaOfTheDaemonStays) {
  EXPECT_EQ(render_json(json::value{{"schema", "a/1"}}, "b/1"), "{\"schema\":\"a/1\"}\n");
  EXPECT_EQ(render_json(json::value{{"items", json::array{}}}, "b/1"),
            "{\"schema\":\"b/1\",\"items\":[]}\n");
}

}  // namespace
}  // namespace florin::cli::render_test

// Keys of people, and what is asked at the terminal before one is used.
#include "cli/person_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "cli/signer.h"
#include "support/manual_clock.h"
#include "unit/cli/support.h"

namespace florin::cli::person_key_test {
namespace {

constexpr PassphraseCost kCheap{.passes = 1, .memory_kib = 64};

Secret words(std::string_view text) {
  return Secret(view_of(text));
}

Enrolment enrolled() {
  florin::test::SeededEntropy entropy(3);
  auto made = enrol("alice", 1001, words("correct horse"), kCheap, entropy);
  EXPECT_TRUE(made.ok());
  return std::move(*made);
}

TEST(PersonKey, OpensWithItsPassphraseAlone) {
  const Enrolment made = enrolled();
  const auto again = parse_person_key(format_person_key(made.key));
  ASSERT_TRUE(again.ok()) << again.error().to_log();
  const auto seed = unlock(*again, words("correct horse"));
  ASSERT_TRUE(seed.ok());
  EXPECT_EQ(*ed25519_public_key(*seed), made.part.key);
  const auto refused = unlock(*again, words("correct house"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::decryption_failed);
}

TEST(PersonKey, NameAndKeyAreBoundIntoTheSeal) {
  PersonKey key = enrolled().key;
  key.name = "bob";
  EXPECT_FALSE(unlock(key, words("correct horse")).ok());
  key = enrolled().key;
  key.uid = 0;
  EXPECT_FALSE(unlock(key, words("correct horse")).ok());
}

TEST(PersonKey, OtherTextsAreRefused) {
  const std::string text = format_person_key(enrolled().key);
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(parse_person_key(text.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(parse_person_key(text + "more 1\n").ok());
}

TEST(PersonKey, AFileThatOthersReadIsRefused) {
  const test::Folder folder;
  const std::string path = folder.file("person.key");
  std::ofstream(path) << format_person_key(enrolled().key);
  ::chmod(path.c_str(), 0644);
  const auto refused = read_person_key(path);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Errc::permission_denied);
  ::chmod(path.c_str(), 0600);
  EXPECT_TRUE(read_person_key(path).ok());
}

class Asked : public ::testing::Test {
 protected:
  Result<void> confirmed(const std::string& confirmation, const Values& values,
                         std::vector<std::string> answers, bool no_input = false) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    SystemEntropy entropy;
    Surroundings around{.in = in,
                        .out = out,
                        .err = err,
                        .environment = [](const std::string&) { return std::nullopt; },
                        .entropy = entropy};
    if (!answers.empty()) {
      around.ask = [&answers](std::string_view, bool) -> std::optional<std::string> {
        std::string first = answers.front();
        answers.erase(answers.begin());
        return first;
      };
    }
    GlobalOptions global;
    global.no_input = no_input;
    return confirm("Sure?", confirmation, values, global, around);
  }
};

TEST_F(Asked, AYesIsEnoughForWhatIsNotSevere) {
  EXPECT_TRUE(confirmed("", {{"yes", "true"}}, {}).ok());
  EXPECT_TRUE(confirmed("", {}, {"y"}).ok());
  EXPECT_FALSE(confirmed("", {}, {"n"}).ok());
  EXPECT_FALSE(confirmed("", {}, {""}).ok());
  const auto nobody = confirmed("", {}, {});
  ASSERT_FALSE(nobody.ok());
  EXPECT_EQ(nobody.error().field(), "--yes");
  EXPECT_EQ(confirmed("", {}, {"y"}, true).error().field(), "--yes");
}

TEST_F(Asked, WhatIsSevereIsTyped) {
  EXPECT_FALSE(confirmed("acme", {{"yes", "true"}}, {}).ok());
  EXPECT_EQ(confirmed("acme", {{"yes", "true"}}, {}).error().field(), "--confirm");
  EXPECT_TRUE(confirmed("acme", {{"confirm", "acme"}}, {}).ok());
  EXPECT_FALSE(confirmed("acme", {{"confirm", "acm"}}, {}).ok());
  EXPECT_TRUE(confirmed("acme", {}, {"acme"}).ok());
  EXPECT_FALSE(confirmed("acme", {}, {"y"}).ok());
}

}  // namespace
}  // namespace florin::cli::person_key_test

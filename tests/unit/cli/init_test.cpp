#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>
#include <sstream>

#include "base/json.h"
#include "tests/unit/cli/support.h"

namespace florin::cli::init_test {
namespace {

using test::Folder;
using test::run_cli;

unsigned mode_of(const std::string& path) {
  struct stat facts{};
  EXPECT_EQ(::stat(path.c_str(), &facts), 0) << path;
  return facts.st_mode & 07777U;
}

std::string read(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class InitTest : public ::testing::Test {
 protected:
  test::Outcome init(const std::string& directory, std::vector<std::string> more = {}) {
    std::vector<std::string> words{"init",    "--evaluation", "--dir",
                                   directory, "--hsm-module", module_};
    words.insert(words.end(), more.begin(), more.end());
    return run_cli(words);
  }
  void SetUp() override { std::ofstream(module_) << "module"; }

  Folder folder_;
  std::string module_ = folder_.file("module.so");
};

TEST_F(InitTest, MakesAFolderThatOnlyItsOwnerReads) {
  const std::string base = folder_.file("new/instance");
  const mode_t before = ::umask(0);
  const test::Outcome made = init(base, {"--api-port", "8443", "--output", "json"});
  ::umask(before);
  ASSERT_EQ(made.code, ExitCode::ok) << made.err;
  EXPECT_EQ(json::parse(made.out)->at("config").as_string(), base + "/florind.conf");
  EXPECT_EQ(mode_of(base), 0700U);
  for (const char* name : {"data", "run", "tls", "tokens", "exports", "backups"}) {
    EXPECT_EQ(mode_of(base + "/" + name), 0700U) << name;
  }
  for (const char* name : {"so.pin", "user.pin"}) {
    EXPECT_EQ(mode_of(base + "/" + name), 0400U);
    EXPECT_EQ(read(base + "/" + name).size(), 65U);
  }
  EXPECT_NE(read(base + "/so.pin"), read(base + "/user.pin"));
  EXPECT_EQ(mode_of(base + "/florind.conf"), 0600U);
  const std::string config = read(base + "/florind.conf");
  for (const std::string& line :
       {std::string("evaluation_uids = 1234"), std::string("port = 8443"), "module = " + module_,
        "pin_source = file:" + base + "/user.pin", "run_directory = " + base + "/run"}) {
    EXPECT_NE(config.find(line + "\n"), std::string::npos) << line << "\n" << config;
  }
}

TEST_F(InitTest, RefusesAFolderThatIsNotEmpty) {
  const std::string base = folder_.file("instance");
  ASSERT_EQ(init(base).code, ExitCode::ok);
  const std::string pin = read(base + "/so.pin");
  const test::Outcome again = init(base);
  EXPECT_EQ(again.code, ExitCode::conflict);
  EXPECT_EQ(read(base + "/so.pin"), pin);
  EXPECT_EQ(again.out, "");
}

TEST_F(InitTest, NoModuleLeavesNothingBehind) {
  module_ = folder_.file("absent.so");
  const std::string base = folder_.file("instance");
  const test::Outcome refused =
      run_cli({"init", "--evaluation", "--dir", base, "--hsm-module", module_});
  EXPECT_EQ(refused.code, ExitCode::hsm_unavailable) << refused.err;
  EXPECT_FALSE(std::filesystem::exists(base));
}

TEST_F(InitTest, NamesThatTheConfigurationCannotHold) {
  EXPECT_EQ(init(folder_.file("a#b")).code, ExitCode::usage);
}

}  // namespace
}  // namespace florin::cli::init_test

#include "daemon/config.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_dir.h"

namespace florin::config_test {
namespace {

constexpr const char* kWhole = R"([instance]
data_directory = /d
run_directory = /r
brand = Ours
[api]
certificate = /c.pem
private_key = /k.pem
[hsm]
module = /m.so
uri = pkcs11:token=t
pin_source = file:/p
[audit]
export_directory = /e
origin = books.example
)";

class ConfigFile : public testing::Test {
 protected:
  // What is wrong with the file when `more`, in the last section, ends it.
  std::string problem(const std::string& more, const std::vector<std::string>& overrides = {}) {
    const auto file = folder_.path() / "florind.conf";
    std::ofstream(file) << kWhole << more;
    const auto read = load_config(file, overrides);
    if (read.ok()) return "";
    EXPECT_EQ(read.error().code(), Errc::config_invalid);
    return read.error().message();
  }
  test::TempDir folder_;
};

TEST_F(ConfigFile, IsGood) {
  EXPECT_EQ(problem(""), "");
}

// Such an instance would refuse new work between two checkpoints that come when they should.
TEST_F(ConfigFile, CheckpointsComeBeforeWhatIsUnsignedIsTooOld) {
  const std::string key = "audit.checkpoint_interval_ms";
  EXPECT_EQ(problem("checkpoint_interval_ms = 3600000\n"),
            "florind.conf:15: " + key + ": audit.max_unsigned_s must be more than " + key);
  EXPECT_EQ(problem("checkpoint_interval_ms = 900000\n"),
            "florind.conf:15: " + key + ": audit.max_unsigned_s must be more than " + key);
  EXPECT_EQ(problem("checkpoint_interval_ms = 899999\n"), "");
  EXPECT_EQ(problem("checkpoint_interval_ms = 3600000\nmax_unsigned_s = 3601\n"), "");
  EXPECT_EQ(problem("max_unsigned_s = 1\n"),
            "florind.conf:15: audit.max_unsigned_s: audit.max_unsigned_s must be more than " + key);
  EXPECT_EQ(problem("", {key + "=900000"}),
            "--set: " + key + ": audit.max_unsigned_s must be more than " + key);
}

TEST_F(ConfigFile, EveryValueIsFoundAtItsPlace) {
  EXPECT_EQ(problem("[hsm]\nmodule_sha256 = abc\n"),
            "florind.conf:16: hsm.module_sha256: expected 64 hexadecimal digits in lower case");
  EXPECT_EQ(problem("[hsm]\nlanes = 0\n"),
            "florind.conf:16: hsm.lanes: expected a number from 1 to 64");
  EXPECT_EQ(problem("[backup]\ndirectory = here\n"),
            "florind.conf:16: backup.directory: expected an absolute path");
}

TEST_F(ConfigFile, HostsOfAcquirersAreNames) {
  EXPECT_EQ(problem("", {"egress.acquirer_hosts=api.psp.example, .bank.example"}), "");
  for (const char* wrong :
       {"https://psp.example", "PSP.example", "a b/", "psp.example:443", ",", "."}) {
    EXPECT_NE(problem("", {std::string("egress.acquirer_hosts=") + wrong}), "") << wrong;
  }
}

TEST_F(ConfigFile, LimitsOfConnectorsHaveRanges) {
  for (const char* wrong :
       {"max_in_flight=0", "requests_per_s=-1", "breaker_failures=21", "breaker_open_s=0"}) {
    EXPECT_NE(problem("", {std::string("payments.connector_") + wrong}), "") << wrong;
  }
  EXPECT_EQ(problem("", {"payments.connector_breaker_failures=0"}), "");
}

}  // namespace
}  // namespace florin::config_test

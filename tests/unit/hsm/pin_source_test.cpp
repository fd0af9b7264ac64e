#include "hsm/pin_source.h"

#include <gtest/gtest.h>

#include "support/softhsm.h"

namespace florin::hsm::pin_source_test {
namespace {

using test_support::SoftHsm;

class PinSource : public ::testing::Test {
 protected:
  std::string read(const std::string& source) {
    const auto pin = read_pin(source);
    if (!pin.ok()) {
      code_ = pin.error().code();
      return "refused";
    }
    return std::string(text_of(pin->view()));
  }
  SoftHsm token_;  // only for its directory
  Errc code_ = Errc::internal;
};

TEST_F(PinSource, DropsOneNewlineAndNothingElse) {
  token_.write_pin("secret ");
  EXPECT_EQ(read("file:" + token_.pin_file().string()), "secret ");
  EXPECT_EQ(read(token_.pin_file().string()), "secret ");
  token_.write_pin("secret\n");
  EXPECT_EQ(read(token_.pin_file().string()), "secret\n");
  token_.write_pin("secret", 0400);
  EXPECT_EQ(read(token_.pin_file().string()), "secret");
}

TEST_F(PinSource, RefusesFilesOthersCanTouch) {
  for (const unsigned mode : {0640U, 0604U, 0620U, 0602U, 0666U, 0610U, 0601U}) {
    token_.write_pin("secret", mode);
    EXPECT_EQ(read(token_.pin_file().string()), "refused") << std::oct << mode;
    EXPECT_EQ(code_, Errc::hsm_pin_missing);
  }
}

TEST_F(PinSource, RefusesWhatIsNoPrivateFile) {
  EXPECT_EQ(read(token_.directory().string()), "refused");
  EXPECT_EQ(read((token_.directory() / "absent").string()), "refused");
  EXPECT_EQ(code_, Errc::hsm_pin_missing);
  const auto link = token_.directory() / "link";
  std::filesystem::create_symlink(token_.pin_file(), link);
  EXPECT_EQ(read(link.string()), "refused");
  token_.write_pin("");
  EXPECT_EQ(read(token_.pin_file().string()), "refused");
  token_.write_pin(std::string(256, 'x'));
  EXPECT_EQ(read(token_.pin_file().string()), "refused");
  token_.write_pin(std::string(255, 'x'));
  EXPECT_EQ(read(token_.pin_file().string()), std::string(255, 'x'));
  for (const char* source : {"", "1234", "relative/path", "file:relative", "env:PIN",
                             "credential:", "credential:../pin", "credential:a/b"}) {
    EXPECT_EQ(read(source), "refused") << source;
    EXPECT_EQ(code_, Errc::config_invalid) << source;
  }
}

TEST_F(PinSource, ReadsTheManagersCredential) {
  unsetenv("CREDENTIALS_DIRECTORY");
  EXPECT_EQ(read("credential:pin"), "refused");
  EXPECT_EQ(code_, Errc::hsm_pin_missing);
  setenv("CREDENTIALS_DIRECTORY", token_.directory().c_str(), 1);
  EXPECT_EQ(read("credential:pin"), SoftHsm::kPin);
  unsetenv("CREDENTIALS_DIRECTORY");
}

}  // namespace
}  // namespace florin::hsm::pin_source_test

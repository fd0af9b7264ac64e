#include "daemon/certificate_folder.h"

#include <gtest/gtest.h>

#include <fstream>

#include "daemon/certificate_report.h"
#include "support/temp_dir.h"

namespace florin::certificate_folder_test {
namespace {

namespace fs = std::filesystem;

class CertificateFolder : public testing::Test {
 protected:
  CertificateFolder() {
    config_.certificate = "/c.pem";
    config_.private_key = "/k.pem";
    config_.certificates = folder_.path();
  }
  void write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << text;
  }
  std::string fault() {
    const auto read = read_certificate_folder(config_);
    return read.ok() ? "" : read.error().message();
  }
  bool faulty(const std::string& part) { return fault().find(part) != std::string::npos; }

  test::TempDir folder_;
  Config config_;
};

TEST_F(CertificateFolder, HasOneDomainForEachFolder) {
  write("b.example/chain.pem", "");
  write("a.example/domain.conf",
        "# ours\n[domain]\ntenant = acme\nclient_certificates = optional\n");
  write("a.example/clients.pem", "");
  write("a.example/clients.crl", "");
  write(".old/chain.pem", "");
  const auto read = read_certificate_folder(config_);
  ASSERT_TRUE(read.ok()) << read.error().to_log();
  EXPECT_EQ(read->chain, "/c.pem");
  ASSERT_EQ(read->domains.size(), 2U);
  const net::DomainFiles& first = read->domains[0];
  EXPECT_EQ(first.domain, "a.example");
  EXPECT_EQ(first.tenant, "acme");
  EXPECT_EQ(first.clients, net::ClientPolicy::optional);
  EXPECT_EQ(first.client_anchors, folder_.path() / "a.example/clients.pem");
  EXPECT_EQ(first.client_revocations, folder_.path() / "a.example/clients.crl");
  const net::DomainFiles& second = read->domains[1];
  EXPECT_EQ(second.chain, folder_.path() / "b.example/chain.pem");
  EXPECT_EQ(second.key, folder_.path() / "b.example/key.pem");
  EXPECT_EQ(second.clients, net::ClientPolicy::none);
  EXPECT_TRUE(second.client_anchors.empty());
}

TEST_F(CertificateFolder, AuthoritiesWithoutASettingMeanRequired) {
  write("a.example/clients.pem", "");
  const auto read = read_certificate_folder(config_);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->domains[0].clients, net::ClientPolicy::required);
}

TEST_F(CertificateFolder, WhatContradictsItselfIsRefused) {
  write("a.example/domain.conf", "[domain]\nclient_certificates = required\n");
  EXPECT_TRUE(faulty("need clients.pem"));
  write("a.example/domain.conf", "[domain]\nclient_certificates = none\n");
  write("a.example/clients.crl", "");
  EXPECT_TRUE(faulty("without clients.pem"));
  write("a.example/clients.pem", "");
  EXPECT_TRUE(faulty("client_certificates is none"));
  write("a.example/domain.conf", "[domain]\nclient_certificates = sometimes\n");
  EXPECT_TRUE(faulty("none, optional or required"));
  write("a.example/domain.conf", "[domain]\ntenat = acme\n");
  EXPECT_TRUE(faulty("did you mean \"domain.tenant\""));
  write("a.example/domain.conf", "tenant = acme\n");
  EXPECT_TRUE(faulty("before the first [section]"));
  fs::remove_all(folder_.path() / "a.example");
  write("chain.pem", "");
  EXPECT_TRUE(faulty("only folders"));
  config_.certificates = folder_.path() / "absent";
  EXPECT_TRUE(faulty("absent"));
  config_.certificates.clear();
  EXPECT_EQ(fault(), "");
}

// A domain whose limits cannot be read must not be served without them.
TEST_F(CertificateFolder, OnlyWhatIsAbsentCountsAsAbsent) {
  write("a.example/chain.pem", "");
  for (const char* name : {"domain.conf", "clients.pem", "clients.crl"}) {
    const fs::path file = folder_.path() / "a.example" / name;
    fs::create_symlink("nowhere", file);
    EXPECT_TRUE(faulty(std::string(name) + ": is not a file that can be read")) << fault();
    fs::remove(file);
    fs::create_directory(file);
    EXPECT_TRUE(faulty(std::string(name) + ": is not a file that can be read")) << fault();
    fs::remove(file);
    fs::create_symlink(name, file);
    EXPECT_TRUE(faulty(std::string(name) + ": is not a file that can be read")) << fault();
    fs::remove(file);
  }
  EXPECT_EQ(fault(), "");
}

constexpr UnixNanos kNow = 1'800'000'000 * kNanosPerSecond;
constexpr std::int64_t kDay = 86'400 * kNanosPerSecond;

net::CertificateStatus status(UnixNanos until, UnixNanos revocations_until = 0) {
  net::CertificateStatus one;
  one.domain = "pay.example";
  one.not_before = kNow - kDay;
  one.not_after = until;
  one.revocations_until = revocations_until;
  return one;
}

std::string warning(const net::CertificateStatus& one) {
  const std::vector<std::string> all = certificate_warnings({one}, kNow);
  EXPECT_LE(all.size(), 1U);
  return all.empty() ? "" : all.front();
}

TEST(CertificateReport, WarnsInTime) {
  EXPECT_EQ(warning(status(kNow + 30 * kDay)), "");
  EXPECT_EQ(warning(status(kNow + 30 * kDay - 1)),
            "the certificate of pay.example ends in 29 days");
  EXPECT_EQ(warning(status(kNow + 1)), "the certificate of pay.example ends in 0 days");
  EXPECT_NE(warning(status(kNow)).find("ended at"), std::string::npos);
  net::CertificateStatus later = status(kNow + 90 * kDay);
  later.not_before = kNow + 1;
  EXPECT_NE(warning(later).find("does not count before"), std::string::npos);
  const UnixNanos far = kNow + 90 * kDay;
  EXPECT_EQ(warning(status(far, kNow + 2 * kDay)), "");
  EXPECT_NE(warning(status(far, kNow + 2 * kDay - 1)).find("list of pay.example ends at"),
            std::string::npos);
  EXPECT_NE(warning(status(far, kNow)).find("client certificates are refused there"),
            std::string::npos);
}

TEST(CertificateReport, CountsDaysTowardsThePast) {
  const auto days = [](UnixNanos until) {
    return certificate_items({status(until)}, kNow)[0].at("days_left").as_int64();
  };
  EXPECT_EQ(days(kNow + kDay), 1);
  EXPECT_EQ(days(kNow + kDay - 1), 0);
  EXPECT_EQ(days(kNow), 0);
  EXPECT_EQ(days(kNow - 1), -1);
}

}  // namespace
}  // namespace florin::certificate_folder_test

// Certificates of agents and controller renew themselves at two thirds of
// their life, without a restart of anything.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "common/base/files.h"
#include "tests/support/fleet.h"
#include "tests/support/tcp_proxy.h"
#include "tests/support/wait.h"

namespace tutti::testing {
namespace {

TEST(RenewalTest, AgentAndControllerRenewAndGoOn) {
  Fleet fleet(
      {.name = "test", .controller_flags = {"--certificate-life", "12s"}});
  TcpProxy proxy(fleet.port());
  fleet.AddTarget("web1", fmt::format("127.0.0.1:{}", proxy.port()));
  fleet.WaitForOnline(1);
  const std::string certificate =
      fleet.AgentDirectory("web1") + "/identity/current/certificate.pem";
  const std::string first = ReadFile(certificate).value_or("");
  ASSERT_NE(first, "");
  ASSERT_TRUE(WaitUntil([&] {
    return ReadFile(certificate).value_or("") != first;
  })) << fleet.Logs();
  // Twice, so that the first certificate is over by now.
  const std::string second = ReadFile(certificate).value_or("");
  ASSERT_TRUE(WaitUntil([&] {
    return ReadFile(certificate).value_or("") != second;
  })) << fleet.Logs();
  // A new connection uses the new certificates on both sides.
  const int accepted = proxy.accepted();
  proxy.CutFor(absl::Milliseconds(100));
  ASSERT_TRUE(WaitUntil([&] { return proxy.accepted() > accepted; }));
  fleet.WaitForOnline(1);
  EXPECT_EQ(fleet.Run({"run", "-t", "web1", "--", "true"}).status, 0)
      << fleet.Logs();
}

}  // namespace
}  // namespace tutti::testing

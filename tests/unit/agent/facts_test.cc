#include "agent/facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tutti::agent {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(FactsTest, ReadsOsReleaseWithItsQuotes) {
  const auto values = ParseOsRelease(
      "PRETTY_NAME=\"Debian GNU/Linux 12\"\n# a remark=x\nID=debian\n\n"
      "VERSION_ID='12'\nEMPTY=\nHALF=\"\n");
  EXPECT_EQ(values.at("PRETTY_NAME"), "Debian GNU/Linux 12");
  EXPECT_EQ(values.at("ID"), "debian");
  EXPECT_EQ(values.at("VERSION_ID"), "12");
  EXPECT_EQ(values.at("EMPTY"), "");
  EXPECT_EQ(values.at("HALF"), "\"");
  EXPECT_THAT(values, SizeIs(5));
}

TEST(FactsTest, ReadsMemoryInBytes) {
  EXPECT_EQ(ParseMemoryTotal("MemTotal:       16315292 kB\nMemFree: 1 kB\n"),
            uint64_t{16315292} * 1024);
  EXPECT_EQ(ParseMemoryTotal("MemFree: 1 kB\n"), 0u);
}

TEST(FactsTest, ThisHostHasTheFactsThatAreAlwaysThere) {
  const Facts facts = CollectFacts("1.0");
  EXPECT_THAT(facts.at("agent.version"), ElementsAre("1.0"));
  for (const char* name : {"arch", "boot.time", "cpu.count", "host.name",
                           "kernel", "memory.total", "virtualization"}) {
    EXPECT_TRUE(facts.contains(name)) << name;
  }
  for (const auto& [name, values] : facts) EXPECT_FALSE(values.empty()) << name;
}

}  // namespace
}  // namespace tutti::agent

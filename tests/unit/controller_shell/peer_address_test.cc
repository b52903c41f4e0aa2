#include "controller/sessions/peer_address.h"

#include <gtest/gtest.h>

namespace tutti::controller {
namespace {

TEST(PeerAddressTest, IsAsPeopleWriteIt) {
  EXPECT_EQ(PeerAddress("ipv4:192.0.2.7:51234"), "192.0.2.7:51234");
  EXPECT_EQ(PeerAddress("ipv6:%5B2001:db8::7%5D:51234"), "[2001:db8::7]:51234");
  EXPECT_EQ(PeerAddress("ipv6:[::1]:1"), "[::1]:1");
  EXPECT_EQ(PeerAddress("unix:"), "unix:");
}

}  // namespace
}  // namespace tutti::controller

// One fleet for all tests of a file.
#ifndef TESTS_INTEGRATION_FLEET_TEST_H_
#define TESTS_INTEGRATION_FLEET_TEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/support/fleet.h"

namespace tutti::testing {

// Three targets, web1 to web3, that are online when a test begins.
class FleetTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    fleet_ = std::make_unique<Fleet>();
    for (const char* name : {"web1", "web2", "web3"}) fleet_->AddTarget(name);
    fleet_->WaitForOnline(3);
  }
  static void TearDownTestSuite() { fleet_.reset(); }

  void TearDown() override {
    if (HasFailure()) std::cerr << fleet_->Logs();
  }

  static Fleet& fleet() { return *fleet_; }

 private:
  inline static std::unique_ptr<Fleet> fleet_;
};

}  // namespace tutti::testing

#endif  // TESTS_INTEGRATION_FLEET_TEST_H_

// One fleet for all tests of a file.
#ifndef TESTS_INTEGRATION_FLEET_TEST_H_
#define TESTS_INTEGRATION_FLEET_TEST_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/fleet.h"
#include "tests/support/gate.h"
#include "tests/support/terminal_window.h"

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

  // Each test has one of its own.
  const Gate& gate() const { return gate_; }

  // A command in a terminal, as the first operator.
  static std::unique_ptr<TerminalWindow> OpenWindow(
      std::vector<std::string> command, int columns = 80, int rows = 24,
      std::map<std::string, std::string> environment = {}) {
    TerminalWindow::Options options;
    options.columns = columns;
    options.rows = rows;
    options.command.arguments = std::move(command);
    options.command.environment = std::move(environment);
    options.command.environment["TUTTI_CONFIG"] = fleet().ConfigPath();
    return std::make_unique<TerminalWindow>(options);
  }

 private:
  const Gate gate_{fleet().File(
      std::string("gate-") +
      ::testing::UnitTest::GetInstance()->current_test_info()->name())};
  inline static std::unique_ptr<Fleet> fleet_;
};

}  // namespace tutti::testing

#endif  // TESTS_INTEGRATION_FLEET_TEST_H_

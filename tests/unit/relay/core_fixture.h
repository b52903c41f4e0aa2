// An agent's core between ports that keep what they were given.
#ifndef TESTS_UNIT_RELAY_CORE_FIXTURE_H_
#define TESTS_UNIT_RELAY_CORE_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>

#include "common/relay/core.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_relay_ports.h"

namespace tutti::testing {

inline v1::AttemptKey Key(const std::string& target = "web01") {
  v1::AttemptKey key;
  key.set_job_uuid(std::string(16, 'j'));
  key.set_attempt(1);
  key.set_target(target);
  return key;
}

class CoreTest : public ::testing::Test {
 protected:
  using Verb = FakeRunnerPort::Verb;

  void ConnectRunner() {
    runner::v1::RunnerMessage message;
    message.mutable_welcome();
    core_.OnRunnerMessage(message);
  }
  void EndListing() {
    runner::v1::RunnerMessage message;
    message.mutable_listing_complete();
    core_.OnRunnerMessage(message);
    core_.Flush();
  }

  void OpenSession() {
    core_.OnSessionOpened();
    v1::SessionResponse message;
    message.mutable_welcome();
    core_.OnSessionMessage(std::move(message));
    core_.Flush();
  }

  void Connect() {
    ConnectRunner();
    EndListing();
    OpenSession();
    controller_.session.clear();
  }

  void Assign(const v1::AttemptKey& key = Key()) {
    v1::SessionResponse message;
    *message.mutable_assign()->mutable_key() = key;
    message.mutable_assign()->set_envelope("signed");
    core_.OnSessionMessage(std::move(message));
    core_.Flush();
  }

  void State(v1::TaskState state, const v1::AttemptKey& key = Key(),
             uint64_t start_position = 0) {
    runner::v1::RunnerMessage message;
    *message.mutable_state()->mutable_key() = key;
    message.mutable_state()->mutable_status()->set_state(state);
    message.mutable_state()->set_end_position(spool_.End(key));
    message.mutable_state()->set_start_position(start_position);
    core_.OnRunnerMessage(std::move(message));
    core_.Flush();
  }

  // Without a flush: what is to be sent is still to come.
  void AskFor(const v1::AttemptKey& key, uint64_t fetch_id) {
    v1::SessionResponse message;
    v1::FetchOutput& fetch = *message.mutable_directives()->add_fetches();
    fetch.set_fetch_id(fetch_id);
    *fetch.mutable_key() = key;
    core_.OnSessionMessage(std::move(message));
  }

  void Direct(const v1::AttemptDirective& directive) {
    v1::SessionResponse message;
    *message.mutable_directives()->add_attempts() = directive;
    core_.OnSessionMessage(std::move(message));
    core_.Flush();
  }
  void DirectOverBulk(const v1::AttemptDirective& directive) {
    v1::SendOutputResponse message;
    *message.add_attempts() = directive;
    core_.OnBulkMessage(message);
    core_.Flush();
  }
  void Direct(v1::DesiredState desired, uint64_t acknowledged,
              uint64_t credit = 0) {
    Direct(Directive(desired, acknowledged, credit));
  }
  static v1::AttemptDirective Directive(v1::DesiredState desired,
                                        uint64_t acknowledged,
                                        uint64_t credit) {
    v1::AttemptDirective directive;
    *directive.mutable_key() = Key();
    directive.set_desired(desired);
    directive.set_acknowledged_position(acknowledged);
    directive.set_credit_position(credit);
    return directive;
  }

  void Write(size_t bytes, const v1::AttemptKey& key = Key()) {
    for (size_t left = bytes; left > 0;) {
      const size_t size = std::min<size_t>(left, 4096);
      spool_.Append(key, v1::OUTPUT_STREAM_STDOUT, std::string(size, 'x'));
      left -= size;
    }
  }

  // The one report of the only message; an empty one when there is not
  // exactly one.
  v1::AttemptReport OnlyReport() {
    EXPECT_THAT(controller_.session, ::testing::SizeIs(1));
    if (controller_.session.size() != 1) return {};
    const v1::SessionRequest message = controller_.session.front();
    controller_.session.clear();
    EXPECT_EQ(message.report().attempts_size(), 1);
    if (message.report().attempts_size() != 1) return {};
    return message.report().attempts(0);
  }

  uint64_t BulkEnd() {
    uint64_t end = 0;
    for (const auto& message : controller_.bulk) {
      for (const auto& chunk : message.output()) end = chunk.next_position();
    }
    return end;
  }

  FakeClock clock_;
  FakeControllerPort controller_;
  FakeRunnerPort runner_;
  FakeSpool spool_;
  relay::HostDescription host_;
  relay::Core core_{host_, clock_, controller_, runner_, spool_};
};

}  // namespace tutti::testing

#endif  // TESTS_UNIT_RELAY_CORE_FIXTURE_H_

#include "controller/rollout/rollout_options.h"

#include <set>
#include <string_view>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::controller {
namespace {

// Long enough for any rollout, and far from what a duration can hold.
constexpr absl::Duration kLongest = absl::Hours(24 * 365);

absl::Status CheckDuration(std::string_view field,
                           const google::protobuf::Duration& duration) {
  const absl::Duration value = ToDuration(duration);
  if (value >= absl::ZeroDuration() && value <= kLongest) {
    return absl::OkStatus();
  }
  return InvalidArgument("rollout.{}: {} is not from 0 to {}; send one that is",
                         field, absl::FormatDuration(value),
                         tutti::FormatDuration(kLongest));
}

absl::Status CheckLabelLimits(const v1::Rollout& rollout) {
  std::set<std::string_view> labels;
  for (const v1::MaxPerLabel& limit : rollout.max_per_label()) {
    if (limit.max() == 0) {
      return InvalidArgument(
          "rollout.max_per_label: 0 at once of each {} would start nothing; "
          "send 1 or more",
          limit.label());
    }
    if (!labels.insert(limit.label()).second) {
      return InvalidArgument(
          "rollout.max_per_label: {} occurs twice; send it once",
          limit.label());
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckRollout(const v1::Rollout& rollout) {
  TUTTI_RETURN_IF_ERROR(CheckDuration("batch_wait", rollout.batch_wait()));
  TUTTI_RETURN_IF_ERROR(
      CheckDuration("start_interval", rollout.start_interval()));
  TUTTI_RETURN_IF_ERROR(CheckDuration("splay", rollout.splay()));
  TUTTI_RETURN_IF_ERROR(CheckDuration("canary_wait", rollout.canary_wait()));
  if (rollout.has_canary_wait() && rollout.canary() == 0) {
    return InvalidArgument(
        "rollout.canary_wait: there is no canary; send canary, too");
  }
  if (rollout.has_batch_wait() && rollout.batch() == 0) {
    return InvalidArgument(
        "rollout.batch_wait: there are no batches; send batch, too");
  }
  const bool has_limit =
      rollout.stop_after() != 0 || rollout.max_failures() != 0;
  if (!has_limit && (rollout.stop_running() || rollout.count_offline())) {
    return InvalidArgument(
        "rollout.{}: there is no limit; send stop_after or max_failures, too",
        rollout.stop_running() ? "stop_running" : "count_offline");
  }
  return CheckLabelLimits(rollout);
}

RolloutOptions ToRolloutOptions(uint32_t fanout, const v1::Rollout& rollout) {
  RolloutOptions options;
  options.fanout = fanout;
  options.batch = rollout.batch();
  options.batch_wait = ToDuration(rollout.batch_wait());
  options.start_interval = ToDuration(rollout.start_interval());
  options.splay = ToDuration(rollout.splay());
  options.stop_after = rollout.stop_after();
  options.max_failures = rollout.max_failures();
  options.count_offline = rollout.count_offline();
  options.canary = rollout.canary();
  options.canary_wait = ToDuration(rollout.canary_wait());
  options.stop_running = rollout.stop_running();
  options.quorum = rollout.quorum();
  for (const v1::MaxPerLabel& limit : rollout.max_per_label()) {
    options.max_per_label.push_back({limit.label(), limit.max()});
  }
  return options;
}

v1::Rollout ToRolloutProto(const RolloutOptions& options) {
  v1::Rollout rollout;
  rollout.set_batch(options.batch);
  if (options.batch != 0) {
    *rollout.mutable_batch_wait() = tutti::ToProto(options.batch_wait);
  }
  *rollout.mutable_start_interval() = tutti::ToProto(options.start_interval);
  *rollout.mutable_splay() = tutti::ToProto(options.splay);
  rollout.set_stop_after(options.stop_after);
  rollout.set_max_failures(options.max_failures);
  rollout.set_count_offline(options.count_offline);
  rollout.set_stop_running(options.stop_running);
  rollout.set_canary(options.canary);
  if (options.canary != 0) {
    *rollout.mutable_canary_wait() = tutti::ToProto(options.canary_wait);
  }
  rollout.set_quorum(options.quorum);
  for (const LabelLimit& limit : options.max_per_label) {
    v1::MaxPerLabel& stored = *rollout.add_max_per_label();
    stored.set_label(limit.label);
    stored.set_max(limit.max);
  }
  return rollout;
}

}  // namespace tutti::controller

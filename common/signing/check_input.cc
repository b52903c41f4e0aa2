#include "common/signing/check_input.h"

#include <algorithm>
#include <string_view>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/key.h"
#include "common/signing/input_chunk.h"

namespace tutti {
namespace {

constexpr size_t kMaxTerminalTypeBytes = 64;

absl::Status CheckStream(const v1::JobSpec& spec) {
  const absl::Status key =
      PublicKey::FromDer(spec.input().stream().public_key()).status();
  if (!key.ok()) return WithPrefix("input", key);
  if (spec.attempt() == 1) return absl::OkStatus();
  return InvalidArgument(
      "input: a job that takes input has one attempt; start a new job");
}

// Some programs make a path of it.
bool IsTerminalType(std::string_view type) {
  return !type.empty() && type.size() <= kMaxTerminalTypeBytes &&
         std::all_of(type.begin(), type.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '/'; });
}

absl::Status CheckTerminal(const v1::JobSpec& spec) {
  if (!spec.input().has_stream()) {
    return InvalidArgument(
        "terminal: a terminal needs input; let the job take a stream");
  }
  if (spec.side_streams()) {
    return InvalidArgument(
        "side_streams: a job with a terminal has none; leave one of them out");
  }
  if (!IsTerminalType(spec.terminal().type())) {
    return InvalidArgument(
        "terminal: its type is no value of TERM; give 1 to {} printable "
        "characters without '/', such as xterm",
        kMaxTerminalTypeBytes);
  }
  const absl::Status size = CheckWindowSize(spec.terminal().size());
  return size.ok() ? size : WithPrefix("terminal", size);
}

}  // namespace

absl::Status CheckInput(const v1::JobSpec& spec) {
  switch (spec.input().rule_case()) {
    case v1::InputRule::kNone:
      break;
    case v1::InputRule::kStream:
      TUTTI_RETURN_IF_ERROR(CheckStream(spec));
      break;
    case v1::InputRule::kContent:
      if (spec.has_copy()) break;
      return InvalidArgument(
          "input: only a copy asks for its input; choose another rule");
    case v1::InputRule::RULE_NOT_SET:
      return InvalidArgument(
          "input: the job does not say what may reach it as input; choose a "
          "rule");
  }
  return spec.has_terminal() ? CheckTerminal(spec) : absl::OkStatus();
}

}  // namespace tutti

#include "copy/progress.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "common/base/duration.h"
#include "copy/frames.h"

namespace tutti::copy {
namespace {

constexpr absl::Duration kBetweenLines = absl::Milliseconds(400);

}  // namespace

void Progress::Begin(uint64_t files, uint64_t bytes) {
  files_ = files;
  bytes_ = bytes;
  begun_ = said_ = clock_.Now();
}

void Progress::OnFile() {
  ++files_done_;
  Say();
}

void Progress::OnBytes(uint64_t bytes) {
  bytes_done_ += bytes;
  Say();
}

void Progress::Say() {
  const absl::Time now = clock_.Now();
  if (fd_ < 0 || now - said_ < kBetweenLines) return;
  said_ = now;
  const double share =
      bytes_ > 0
          ? static_cast<double>(bytes_done_) / static_cast<double>(bytes_)
      : files_ > 0
          ? static_cast<double>(files_done_) / static_cast<double>(files_)
          : 1.0;
  const double rate =
      static_cast<double>(bytes_done_) / absl::ToDoubleSeconds(now - begun_);
  const std::string line = fmt::format(
      "{{\"progress\":{:.3f},\"message\":\"{} of {} files, {}/s\"}}\n",
      std::min(share, 1.0), files_done_, files_,
      FormatSize(static_cast<uint64_t>(rate)));
  if (!WriteAll(fd_, line, "progress").ok()) fd_ = -1;
}

}  // namespace tutti::copy

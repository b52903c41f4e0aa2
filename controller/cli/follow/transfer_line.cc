#include "controller/cli/follow/transfer_line.h"

#include <fmt/format.h>

#include "absl/time/clock.h"
#include "common/base/duration.h"

namespace tutti::cli {
namespace {

// What is done by then needs no line.
constexpr absl::Duration kTransferShownAfter = absl::Milliseconds(500);
constexpr absl::Duration kTransferInterval = absl::Milliseconds(200);

}  // namespace

std::string TransferText(std::string_view doing, uint64_t done, uint64_t total,
                         absl::Duration elapsed) {
  std::string text = fmt::format("{} {}", doing, FormatSize(done));
  if (total > 0) text += " of " + FormatSize(total);
  const double seconds = absl::ToDoubleSeconds(elapsed);
  if (done == 0 || seconds <= 0) return text;
  const double rate = static_cast<double>(done) / seconds;
  text += fmt::format(" · {}/s", FormatSize(static_cast<uint64_t>(rate)));
  const double left =
      total > done ? static_cast<double>(total - done) / rate : 0;
  if (left >= 1) {
    text += fmt::format(" · {} left", RoundDuration(absl::Seconds(left)));
  }
  return text;
}

TransferLine::TransferLine(const Terminal& terminal, std::string_view doing,
                           bool shown)
    : terminal_(terminal),
      doing_(doing),
      shown_(shown && terminal.ErrorIsTerminal()),
      begun_(absl::Now()),
      draw_at_(begun_ + kTransferShownAfter),
      region_(sink_, RegionOptionsOf(terminal)) {}

TransferLine::~TransferLine() {
  if (!region_.drawn()) return;
  region_.Erase(terminal_.Width());
  Flush();
}

void TransferLine::Show(uint64_t done, uint64_t total) {
  if (!shown_) return;
  const absl::Time now = absl::Now();
  if (now < draw_at_) return;
  draw_at_ = now + kTransferInterval;
  region_.Draw({{{TransferText(doing_, done, total, now - begun_)}}},
               terminal_.Width());
  Flush();
}

void TransferLine::Flush() {
  terminal_.WriteError(sink_);
  sink_.clear();
}

}  // namespace tutti::cli

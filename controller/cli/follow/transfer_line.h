// How far bytes are on their way, while nothing else is shown.
#ifndef CONTROLLER_CLI_FOLLOW_TRANSFER_LINE_H_
#define CONTROLLER_CLI_FOLLOW_TRANSFER_LINE_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "controller/cli/follow/live_region.h"
#include "controller/cli/terminal.h"

namespace tutti::cli {

// "uploading 412 MiB of 1 GiB · 95 MiB/s · 7 s left". `total` 0: nobody knows.
std::string TransferText(std::string_view doing, uint64_t done, uint64_t total,
                         absl::Duration elapsed);

// The last line of the terminal, from its first Show that is worth it until it
// goes. Not thread-safe.
class TransferLine {
 public:
  // Draws only if `shown`, and standard error is a terminal. `terminal`
  // outlives it.
  TransferLine(const Terminal& terminal, std::string_view doing, bool shown);
  ~TransferLine();
  TransferLine(const TransferLine&) = delete;
  TransferLine& operator=(const TransferLine&) = delete;

  // As often as one likes.
  void Show(uint64_t done, uint64_t total);

 private:
  void Flush();

  const Terminal& terminal_;
  const std::string doing_;
  const bool shown_;
  const absl::Time begun_;
  absl::Time draw_at_;
  std::string sink_;
  LiveRegion region_;
};

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_FOLLOW_TRANSFER_LINE_H_

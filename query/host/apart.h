// Work in a process of its own, for calls that may never return.
#ifndef QUERY_HOST_APART_H_
#define QUERY_HOST_APART_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace tutti::query {

// Takes bytes piece by piece, until it refuses one with an error.
using Take = std::function<absl::Status(std::string_view)>;
// Gives its result to a Take, whose errors it returns.
using Work = std::function<absl::Status(const Take& give)>;

// A piece that is no larger is taken as it is given; others come in several.
inline constexpr size_t kMostOfPiece = 64 << 10;

enum class ApartEnd : uint8_t {
  // The work ended, or a piece was refused; the status is the one of that.
  kDone,
  // Nothing came for as long as the patience lasted.
  kSilent,
  // The child could not be made, or died; the status says why. That says
  // nothing of what the work looks at.
  kFailed,
};

struct ApartResult {
  ApartEnd end = ApartEnd::kDone;
  absl::Status status = absl::OkStatus();
};

// Does `work` in a child, and gives `take` what it gives. The child is killed
// at the end, and where the kernel does not let it die it is left behind: a
// system call that waits for the server of a file system may keep it for ever,
// and would keep a thread of this process, and so the process, just the same.
// It holds no descriptor of this process.
//
// Only from a process with a single thread.
ApartResult RunApart(const Work& work, const Take& take,
                     absl::Duration patience);

}  // namespace tutti::query

#endif  // QUERY_HOST_APART_H_

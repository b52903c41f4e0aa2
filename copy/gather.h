// Sends files as one stream: what `tutti-copy gather` does.
#ifndef COPY_GATHER_H_
#define COPY_GATHER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "copy/rate_limit.h"
#include "copy/source_walk.h"

namespace tutti::copy {

// Writes `sources` and what is in them to `output`, which is borrowed. What
// can not be read is named in the stream, and the rest is sent. A file that
// grows meanwhile, as a log does, is sent as long as it was when it was
// opened. How many problems the stream names; an error is one of writing, or
// of the list of sources. `rate` holds the bytes of the stream back; null: as
// fast as they are taken.
absl::StatusOr<uint64_t> Gather(const std::vector<std::string>& sources,
                                const SourceOptions& options, int output,
                                RateLimit* rate = nullptr);

}  // namespace tutti::copy

#endif  // COPY_GATHER_H_

// Durations and sizes as people write them.
#ifndef COMMON_BASE_DURATION_H_
#define COMMON_BASE_DURATION_H_

#include <google/protobuf/duration.pb.h>
#include <google/protobuf/timestamp.pb.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace tutti {

// "90s", "10m", "1h30m", "2d", "500ms"; a bare number is seconds. Not
// negative, at most 100 years.
absl::StatusOr<absl::Duration> ParseDuration(std::string_view text);

// The two largest units: "1h 30m", "41s", "350ms", "3d".
std::string FormatDuration(absl::Duration duration);

// The largest unit alone, for a rough idea: "41 s", "10 min", "5 h", "3 d"; it
// changes to the next one at two of them.
std::string RoundDuration(absl::Duration duration);

// "last seen 3 d ago"; "never seen" for absl::InfinitePast.
std::string LastSeen(absl::Time last_seen, absl::Time now);

// "64MiB", "1.5GiB", "4096", "10k": powers of 1024.
absl::StatusOr<uint64_t> ParseSize(std::string_view text);

// "1.5 MiB".
std::string FormatSize(uint64_t bytes);

// Protobuf's well-known types. An empty Timestamp (epoch) is
// absl::InfinitePast.
absl::Time ToTime(const google::protobuf::Timestamp& timestamp);
google::protobuf::Timestamp ToProto(absl::Time time);
absl::Duration ToDuration(const google::protobuf::Duration& duration);
google::protobuf::Duration ToProto(absl::Duration duration);

}  // namespace tutti

#endif  // COMMON_BASE_DURATION_H_

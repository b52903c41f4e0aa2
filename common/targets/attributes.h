// Labels and facts: what expressions may ask of a host.
#ifndef COMMON_TARGETS_ATTRIBUTES_H_
#define COMMON_TARGETS_ATTRIBUTES_H_

#include <array>
#include <string_view>

#include "absl/status/status.h"
#include "tutti/v1/host.pb.h"

namespace tutti {

// What agents say of their hosts; docs/targets.md explains them.
inline constexpr std::array<std::string_view, 14> kFactNames = {
    "address",   "agent.version", "arch",       "boot.time",     "cpu.count",
    "cpu.model", "host.name",     "kernel",     "memory.total",  "os.id",
    "os.like",   "os.name",       "os.version", "virtualization"};
// What the controller knows of every target: its name, and yes or no.
inline constexpr std::array<std::string_view, 2> kBuiltInAttributes = {
    "name", "online"};

// INVALID_ARGUMENT unless a label may have this name and value: one that a
// condition can name and that is no fact, and at most 256 bytes of UTF-8
// without control characters.
absl::Status CheckLabel(std::string_view name, std::string_view value);

// The same labels, and the same facts with values in the same order.
bool SameAttributes(const v1::HostAttributes& a, const v1::HostAttributes& b);

}  // namespace tutti

#endif  // COMMON_TARGETS_ATTRIBUTES_H_

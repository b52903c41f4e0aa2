// CPUs of a host, by its /proc/cpuinfo and sysfs.
#ifndef QUERY_HOST_PROCESSORS_H_
#define QUERY_HOST_PROCESSORS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace tutti::query {

// One thread of a core, as the kernel counts CPUs. Text that the kernel does
// not say is empty: it says little on other machines than x86.
struct Processor {
  int64_t number = 0;
  // Which socket it is in.
  int64_t package = 0;
  // The same for all threads of a core, and only for them.
  std::string core;
  std::string vendor;
  // "AMD EPYC".
  std::string brand;
  // A number within the vendor's family.
  std::string model;
  std::string microcode;
  // Of x86; absent on others.
  std::optional<bool> has_64_bits;
  std::optional<int64_t> megahertz;
};

// `root` stands before every path. None where there is no /proc/cpuinfo.
absl::StatusOr<std::vector<Processor>> Processors(const std::string& root);

// Sockets that have one, and cores.
size_t CountPackages(const std::vector<Processor>& processors);
size_t CountCores(const std::vector<Processor>& processors);

}  // namespace tutti::query

#endif  // QUERY_HOST_PROCESSORS_H_

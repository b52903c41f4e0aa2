// Whether the disks have the room for what is to be put in place.
#ifndef COPY_DISK_ROOM_H_
#define COPY_DISK_ROOM_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"

namespace tutti::copy {

// Goes through the replacements in their order: a new file needs its room
// before the old one gives its own back. Not thread-safe.
class DiskRoom {
 public:
  // `folder` is where it happens, open. `taken` bytes are needed, then
  // `given_back` are free again.
  absl::Status Replace(int folder, const std::string& path, uint64_t taken,
                       uint64_t given_back);
  // RESOURCE_EXHAUSTED when a disk has too little.
  absl::Status Check() const;

 private:
  struct Disk {
    // Of the first file on it.
    std::string path;
    // Nothing is known of some file systems.
    bool known = false;
    uint64_t free = 0;
    int64_t in_use = 0;
    int64_t peak = 0;
  };
  std::map<dev_t, Disk> disks_;
};

}  // namespace tutti::copy

#endif  // COPY_DISK_ROOM_H_

// File systems whose servers may not answer: what looks into one may never
// return.
#ifndef QUERY_HOST_DISTANT_MOUNTS_H_
#define QUERY_HOST_DISTANT_MOUNTS_H_

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "query/host/apart.h"
#include "query/host/mount_list.h"

namespace tutti::query {

// Of a network (nfs, cifs, ceph, ...), or of a program (fuse, autofs).
bool IsDistant(std::string_view type);

// Not thread-safe.
class DistantMounts {
 public:
  // Of `mounts`, in the order in which they were mounted.
  DistantMounts(const std::vector<Mount>& mounts, absl::Duration patience);

  // The place of the mount that `path` leads into, also through symbolic links;
  // absent: all of it is here. Asks no server.
  std::optional<std::string> Of(const std::string& path) const;

  // Does `work`, which looks at `path`: here, or, where a server may not
  // answer, apart. UNAVAILABLE: it did not answer, or not the last time, in
  // which case it is not asked again.
  absl::Status Reach(const std::string& path, const Work& work,
                     const Take& take);

  // One line about each place that did not answer.
  std::vector<std::string> Silent() const;

 private:
  const Mount* At(const std::string& path) const;
  // The place in which `path`, that goes through `mount`, lies.
  std::string PlaceOf(const Mount& mount, const std::string& path) const;
  absl::Status DoesNotAnswer(const std::string& place) const;

  std::vector<Mount> mounts_;
  const absl::Duration patience_;
  std::set<std::string> silent_;
};

// Those that this process had when it first asked: a query sees one state of
// its host.
DistantMounts& DistantMountsOfThisHost();

// The same with those of this host.
absl::Status Reach(const std::string& path, const Work& work, const Take& take);

// What `look` gives of `path`, in one piece.
absl::StatusOr<std::string> ReachOne(
    const std::string& path,
    const std::function<absl::StatusOr<std::string>()>& look);

}  // namespace tutti::query

#endif  // QUERY_HOST_DISTANT_MOUNTS_H_

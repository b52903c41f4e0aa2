// File systems whose servers may not answer: what looks into one may never
// return.
#ifndef QUERY_HOST_DISTANT_MOUNTS_H_
#define QUERY_HOST_DISTANT_MOUNTS_H_

#include <cstddef>
#include <functional>
#include <map>
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

// Whether it says that a server did not answer. Nothing else does, whatever its
// code.
bool IsSilent(const absl::Status& status);

// Looks at one of many paths, and says what it found: as bytes, no more than a
// piece has room for (apart.h).
using Look =
    std::function<absl::StatusOr<std::string>(const std::string& path)>;
using TakeFound =
    std::function<void(size_t index, const absl::StatusOr<std::string>& found)>;

// Not thread-safe.
class DistantMounts {
 public:
  // Of `mounts`, in the order in which they were mounted.
  DistantMounts(const std::vector<Mount>& mounts, absl::Duration patience);

  // The place of the mount that `path` leads into, also through symbolic links;
  // absent: all of it is here. Asks no server.
  std::optional<std::string> Of(const std::string& path) const;

  // Does `work`, which looks at `path`: here, or, where a server may not
  // answer, apart. IsSilent: it did not answer, or not the last time, in which
  // case it is not asked again.
  absl::Status Reach(const std::string& path, const Work& work,
                     const Take& take);
  // The same of many paths in their order. Those of one place that follow each
  // other are looked at by one process.
  void ReachEach(const std::vector<std::string>& paths, const Look& look,
                 const TakeFound& take);

  // One line about each place, or path in one, that did not answer.
  std::vector<std::string> Silent() const;
  // Why nothing distant can be read any more, although its servers may be well:
  // a process to read with could not be made, or died. The query has failed
  // then, whatever its tables made of that.
  const absl::Status& failure() const { return failure_; }

 private:
  const Mount* At(const std::string& path) const;
  // The place in which `path`, that goes through `mount`, lies.
  std::string PlaceOf(const Mount& mount, const std::string& path) const;
  // Why a path in `place` is not looked at.
  std::optional<absl::Status> Refusal(const std::string& place,
                                      const std::string& path) const;
  // The status of having looked at `path`.
  absl::Status Judge(const std::string& place, const std::string& path,
                     const ApartResult& result);
  // ReachEach of those from `begin` to `end`, all of which are in `place`.
  void ReachEachIn(const std::string& place,
                   const std::vector<std::string>& paths, size_t begin,
                   size_t end, const Look& look, const TakeFound& take);
  // `path` did not answer. Others in its place may, if it does itself.
  absl::Status Silence(const std::string& place, const std::string& path);
  bool Answers(const std::string& place) const;
  absl::Status DoesNotAnswer(const std::string& place) const;

  std::vector<Mount> mounts_;
  // Seen to be neither links nor mounts: many paths lead through each.
  mutable std::set<std::string> plain_folders_;
  const absl::Duration patience_;
  std::set<std::string> silent_;
  // Paths by the places, not silent, that they are in.
  std::map<std::string, std::set<std::string>> silent_paths_;
  absl::Status failure_ = absl::OkStatus();
};

// Those that this process had when it first asked: a query sees one state of
// its host.
DistantMounts& DistantMountsOfThisHost();

// The same with those of this host.
absl::Status Reach(const std::string& path, const Work& work, const Take& take);
void ReachEach(const std::vector<std::string>& paths, const Look& look,
               const TakeFound& take);

// What `look` gives of `path`.
absl::StatusOr<std::string> ReachOne(const std::string& path, const Look& look);

}  // namespace tutti::query

#endif  // QUERY_HOST_DISTANT_MOUNTS_H_

// Where the entries of a copy go.
#ifndef COPY_DESTINATION_H_
#define COPY_DESTINATION_H_

#include <string>
#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "copy/folder.h"
#include "tutti/v1/copy.pb.h"

namespace tutti::copy {

// What a part of `name` is called while it is being put together, for the
// manifest with that digest: ".NAME.tutti-DIGEST8.part", with as much of the
// name as fits.
std::string PartName(std::string_view name, std::string_view manifest_digest);

// cp's rule: into DEST where that is a folder; otherwise DEST is the name of
// the one entry. What is meant to go into a folder (several entries, or a '/'
// behind DEST) makes it where only it is missing, as rsync does.
//
// A folder that is not there before, whichever way, is put together under a
// part's name beside it and renamed in the end: it appears whole, and the try
// after one that broke does not take what is there of it for the folder to
// copy into. Links in DEST itself are followed, below it none. Not
// thread-safe.
class Destination {
 public:
  // Only looks. Keeps nothing of the manifest.
  static absl::StatusOr<Destination> Find(const std::string& path,
                                          const v1::CopyManifest& manifest,
                                          std::string_view manifest_digest);

  FolderTree& tree() { return tree_; }
  // Where in tree() an entry is put together.
  std::string Map(std::string_view entry) const;
  // Where it will be, for messages.
  std::string Shown(std::string_view entry) const;
  // Nothing is there yet.
  bool fresh() const { return !part_.empty(); }

  // Of a fresh one: makes or takes up the folder aside, unless an entry is
  // that folder; makes all of it last and gives it its name; removes it.
  absl::Status Begin();
  absl::Status Commit();
  absl::Status Discard();

 private:
  Destination(FolderTree tree, std::string path)
      : tree_(std::move(tree)), path_(std::move(path)) {}
  absl::Status CheckPart();

  FolderTree tree_;
  std::string path_;
  // Stands in place of the one entry's own name; empty: entries keep theirs.
  std::string name_;
  // Of a fresh folder, while it is put together.
  std::string part_;
  // The fresh folder is no entry but holds them all.
  bool container_ = false;
};

}  // namespace tutti::copy

#endif  // COPY_DESTINATION_H_

// Reads what `tutti-copy gather` wrote. docs/copy-format.md is the page of the
// stream.
#ifndef COPY_GATHERED_STREAM_H_
#define COPY_GATHERED_STREAM_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/identity/sha256.h"
#include "copy/block.h"
#include "copy/frames.h"
#include "copy/manifest.h"
#include "tutti/v1/copy.pb.h"

namespace tutti::copy {

// What a stream begins with: format and version.
inline constexpr std::string_view kGatheredHeader("tutti gather\1\0\0\0", 16);
inline constexpr size_t kMaxProblemBytes = 8 << 10;

// Where a gathered stream goes; GatheredFolder is one. Entries have passed
// CheckEntry, folders come before what is in them where the sender is honest.
// An error ends the reading.
class GatheredTarget {
 public:
  virtual ~GatheredTarget() = default;
  virtual absl::Status OnDirectory(const v1::CopyEntry& entry) = 0;
  virtual absl::Status OnSymlink(const v1::CopyEntry& entry) = 0;
  // A file follows: its bytes in order, zeros left out where there are many,
  // then one of EndFile and AbandonFile.
  virtual absl::Status BeginFile(const v1::CopyEntry& entry) = 0;
  virtual absl::Status OnBytes(uint64_t offset, std::string_view bytes) = 0;
  // All of it came and matches `digest`, its SHA-256.
  virtual absl::Status EndFile(const std::string& digest) = 0;
  // Nothing of it counts.
  virtual absl::Status AbandonFile() = 0;
  // The other end could not send something. Both are as it wrote them: they
  // may hold anything.
  virtual absl::Status OnProblem(const std::string& path,
                                 const std::string& message) = 0;
};

struct GatherLimits {
  // And as many problems.
  uint64_t entries = kMaxEntries;
  // Plain bytes of all files, holes included.
  uint64_t bytes = kMaxTotalBytes;
};

// Trusts the sender in nothing. Holds a frame or two in memory. Not
// thread-safe.
class GatheredReader {
 public:
  // `target` must outlive it.
  explicit GatheredReader(GatheredTarget& target, GatherLimits limits = {});

  // The next bytes of the stream, in any split. After an error nothing more
  // is read, and each call returns it.
  absl::Status Feed(std::string_view bytes);
  // No more will come: DATA_LOSS when the stream is not complete. A file that
  // is open is abandoned, whatever happened before.
  absl::Status Finish();

  // Problems that the stream named so far.
  uint64_t problems() const { return problems_; }

 private:
  absl::Status ReadFrames();
  absl::Status OnFrame(std::string_view frame);
  absl::Status OnEntry(const v1::CopyEntry& entry);
  absl::Status OnBlock(std::string_view packed);
  absl::Status OnHole(uint64_t blocks);
  absl::Status OnDigest(const std::string& digest);
  absl::Status OnGatherProblem(const v1::GatherProblem& problem);
  absl::Status OnEnd(const v1::GatherEnd& end);
  void AddZeros(uint64_t bytes);

  struct OpenFile {
    explicit OpenFile(uint64_t bytes) : size(bytes) {}
    uint64_t size;
    uint64_t received = 0;
    Sha256Stream digest;
  };

  GatheredTarget& target_;
  const GatherLimits limits_;
  FrameSplitter splitter_;
  // Of the header, what has come.
  std::string header_;
  absl::Status status_;
  BlockUnpacker unpacker_;
  std::optional<OpenFile> file_;
  uint64_t entries_ = 0;
  // Those and files that were abandoned.
  uint64_t begun_ = 0;
  uint64_t problems_ = 0;
  uint64_t bytes_ = 0;
  bool ended_ = false;
};

}  // namespace tutti::copy

#endif  // COPY_GATHERED_STREAM_H_

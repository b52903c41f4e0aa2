#include "copy/gathered_stream.h"

#include <algorithm>

#include "common/base/duration.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"

namespace tutti::copy {
namespace {

// A block in its record.
constexpr size_t kMaxFrameBytes = kBlockBytes + 4096;

absl::Status OutOfPlace(std::string_view what) {
  return DataLoss("{} came where none can be; the stream is damaged", what);
}

}  // namespace

GatheredReader::GatheredReader(GatheredTarget& target, GatherLimits limits)
    : target_(target), limits_(limits), splitter_(kMaxFrameBytes) {}

absl::Status GatheredReader::Feed(std::string_view bytes) {
  if (!status_.ok()) return status_;
  const size_t missing = kGatheredHeader.size() - header_.size();
  header_.append(bytes.substr(0, missing));
  bytes.remove_prefix(std::min(missing, bytes.size()));
  if (header_ != kGatheredHeader.substr(0, header_.size())) {
    status_ = DataLoss("what came is no stream of gathered files");
    return status_;
  }
  splitter_.Append(bytes);
  status_ = ReadFrames();
  return status_;
}

absl::Status GatheredReader::ReadFrames() {
  while (true) {
    TUTTI_ASSIGN_OR_RETURN(const std::optional<std::string_view> frame,
                           splitter_.Next());
    if (!frame.has_value()) return absl::OkStatus();
    TUTTI_RETURN_IF_ERROR(OnFrame(*frame));
  }
}

absl::Status GatheredReader::Finish() {
  absl::Status status = status_;
  if (status.ok() && (!ended_ || !splitter_.empty())) {
    status = DataLoss("the stream ended before everything came; fetch again");
  }
  if (file_.has_value()) {
    file_.reset();
    const absl::Status abandoned = target_.AbandonFile();
    status.Update(abandoned);
  }
  status_ = status;
  return status;
}

absl::Status GatheredReader::OnFrame(std::string_view frame) {
  if (ended_) return OutOfPlace("something behind the end");
  v1::GatheredRecord record;
  if (!record.ParseFromArray(frame.data(), static_cast<int>(frame.size()))) {
    return DataLoss("a record of the gathered files is damaged");
  }
  switch (record.record_case()) {
    case v1::GatheredRecord::kEntry:
      return OnEntry(record.entry());
    case v1::GatheredRecord::kBlock:
      return OnBlock(record.block());
    case v1::GatheredRecord::kHoleBlocks:
      return OnHole(record.hole_blocks());
    case v1::GatheredRecord::kDigest:
      return OnDigest(record.digest());
    case v1::GatheredRecord::kProblem:
      return OnGatherProblem(record.problem());
    case v1::GatheredRecord::kEnd:
      return OnEnd(record.end());
    case v1::GatheredRecord::RECORD_NOT_SET:
      break;
  }
  return DataLoss("a record of the gathered files is unknown here");
}

absl::Status GatheredReader::OnEntry(const v1::CopyEntry& entry) {
  if (file_.has_value()) return OutOfPlace("a file within a file");
  TUTTI_RETURN_IF_ERROR(CheckEntry(entry));
  if (++begun_ > limits_.entries) {
    return ResourceExhausted("more than {} files and folders came; fetch less",
                             limits_.entries);
  }
  if (!entry.has_file()) {
    ++entries_;
    return entry.has_directory() ? target_.OnDirectory(entry)
                                 : target_.OnSymlink(entry);
  }
  if (entry.file().blocks_size() > 0) return OutOfPlace("a list of blocks");
  if (entry.file().size() > limits_.bytes - bytes_) {
    return ResourceExhausted("more than {} came; fetch less",
                             FormatSize(limits_.bytes));
  }
  bytes_ += entry.file().size();
  TUTTI_RETURN_IF_ERROR(target_.BeginFile(entry));
  file_.emplace(entry.file().size());
  return absl::OkStatus();
}

absl::Status GatheredReader::OnBlock(std::string_view packed) {
  if (!file_.has_value() || file_->received == file_->size) {
    return OutOfPlace("a block");
  }
  const uint32_t bytes = static_cast<uint32_t>(
      std::min<uint64_t>(kBlockBytes, file_->size - file_->received));
  TUTTI_ASSIGN_OR_RETURN(const std::string_view plain,
                         unpacker_.Unpack(packed, bytes));
  file_->digest.Add(plain);
  TUTTI_RETURN_IF_ERROR(target_.OnBytes(file_->received, plain));
  file_->received += bytes;
  return absl::OkStatus();
}

absl::Status GatheredReader::OnHole(uint64_t blocks) {
  if (!file_.has_value() || blocks == 0 ||
      blocks > BlockCount(file_->size - file_->received, kBlockBytes)) {
    return OutOfPlace("a hole");
  }
  const uint64_t bytes =
      std::min(blocks * kBlockBytes, file_->size - file_->received);
  AddZeros(bytes);
  file_->received += bytes;
  return absl::OkStatus();
}

void GatheredReader::AddZeros(uint64_t bytes) {
  const std::string zeros(std::min<uint64_t>(bytes, kBlockBytes), '\0');
  while (bytes > 0) {
    const uint64_t some = std::min<uint64_t>(bytes, zeros.size());
    file_->digest.Add(std::string_view(zeros).substr(0, some));
    bytes -= some;
  }
}

absl::Status GatheredReader::OnDigest(const std::string& digest) {
  if (!file_.has_value() || file_->received != file_->size) {
    return OutOfPlace("the end of a file");
  }
  if (file_->digest.Finish() != digest) {
    return DataLoss("a file does not match its digest; fetch it again");
  }
  file_.reset();
  ++entries_;
  return target_.EndFile(digest);
}

absl::Status GatheredReader::OnGatherProblem(const v1::GatherProblem& problem) {
  if (++problems_ > limits_.entries) {
    return ResourceExhausted("more than {} problems were told; fetch less",
                             limits_.entries);
  }
  if (problem.path().size() > kMaxProblemBytes ||
      problem.message().size() > kMaxProblemBytes) {
    return OutOfPlace("a long problem");
  }
  if (file_.has_value()) {
    file_.reset();
    TUTTI_RETURN_IF_ERROR(target_.AbandonFile());
  }
  return target_.OnProblem(problem.path(), problem.message());
}

absl::Status GatheredReader::OnEnd(const v1::GatherEnd& end) {
  if (file_.has_value()) return OutOfPlace("the end");
  if (end.entries() != entries_ || end.problems() != problems_) {
    return DataLoss("{} of {} files and folders came; fetch again", entries_,
                    end.entries());
  }
  ended_ = true;
  return absl::OkStatus();
}

}  // namespace tutti::copy

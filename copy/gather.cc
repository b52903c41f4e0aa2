#include "copy/gather.h"

#include <string_view>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/identity/sha256.h"
#include "common/text/utf8.h"
#include "copy/block.h"
#include "copy/frames.h"
#include "copy/gathered_stream.h"
#include "copy/manifest.h"

namespace tutti::copy {
namespace {

constexpr size_t kFlushBytes = 256 << 10;

class GatherWriter final : public SourceVisitor {
 public:
  GatherWriter(int output, RateLimit* rate)
      : output_(output), rate_(rate), buffer_(kGatheredHeader) {}

  absl::Status OnItem(SourceItem& item) override {
    v1::GatheredRecord record;
    v1::CopyEntry& entry = *record.mutable_entry();
    entry = item.entry;
    if (!entry.has_file()) {
      ++entries_;
      return Send(record);
    }
    entry.mutable_file()->set_sparse(
        HasHoles(item.file.get(), entry.file().size()));
    TUTTI_RETURN_IF_ERROR(Send(record));
    return SendContent(item, entry.file());
  }

  absl::Status OnProblem(const std::string& shown_path,
                         const absl::Status& problem) override {
    ++problems_;
    v1::GatheredRecord record;
    record.mutable_problem()->set_path(shown_path);
    record.mutable_problem()->set_message(
        ClipToUtf8(TextOf(problem), kMaxProblemBytes));
    return Send(record);
  }

  absl::StatusOr<uint64_t> Finish() {
    v1::GatheredRecord record;
    record.mutable_end()->set_entries(entries_);
    record.mutable_end()->set_problems(problems_);
    TUTTI_RETURN_IF_ERROR(Send(record));
    TUTTI_RETURN_IF_ERROR(Flush());
    return problems_;
  }

 private:
  absl::Status SendContent(const SourceItem& item, const v1::CopyFile& file) {
    Sha256Stream digest;
    const uint64_t count = BlockCount(file.size(), kBlockBytes);
    for (uint64_t i = 0; i < count; ++i) {
      const absl::Status read = ReadBlock(item, file, i);
      if (!read.ok()) {
        holes_ = 0;
        return OnProblem(item.shown_path, read);
      }
      digest.Add(block_);
      TUTTI_RETURN_IF_ERROR(SendBlock());
    }
    TUTTI_RETURN_IF_ERROR(SendHoles());
    v1::GatheredRecord record;
    record.set_digest(digest.Finish());
    ++entries_;
    return Send(record);
  }

  absl::Status ReadBlock(const SourceItem& item, const v1::CopyFile& file,
                         uint64_t index) {
    const uint64_t offset = index * kBlockBytes;
    const uint32_t bytes = BytesOfBlock(file.size(), kBlockBytes, index);
    if (file.sparse() && IsHole(item.file.get(), offset, bytes)) {
      block_.assign(bytes, '\0');
      return absl::OkStatus();
    }
    TUTTI_RETURN_IF_ERROR(
        ReadAt(item.file.get(), offset, bytes, item.shown_path, block_));
    if (block_.size() == bytes) return absl::OkStatus();
    return FailedPrecondition(
        "{} became shorter while it was read; fetch it again", item.shown_path);
  }

  absl::Status SendBlock() {
    if (IsZero(block_)) {
      ++holes_;
      return absl::OkStatus();
    }
    TUTTI_RETURN_IF_ERROR(SendHoles());
    v1::GatheredRecord record;
    record.set_block(std::string(packer_.Pack(block_)));
    return Send(record);
  }

  // Blocks of zeros that were passed by.
  absl::Status SendHoles() {
    if (holes_ == 0) return absl::OkStatus();
    v1::GatheredRecord record;
    record.set_hole_blocks(holes_);
    holes_ = 0;
    return Send(record);
  }

  absl::Status Send(const v1::GatheredRecord& record) {
    AppendFrame(record.SerializeAsString(), buffer_);
    return buffer_.size() < kFlushBytes ? absl::OkStatus() : Flush();
  }

  absl::Status Flush() {
    if (rate_ != nullptr) {
      rate_->Wait();
      rate_->Take(buffer_.size());
    }
    TUTTI_RETURN_IF_ERROR(WriteAll(output_, buffer_, "the gathered files"));
    buffer_.clear();
    return absl::OkStatus();
  }

  const int output_;
  RateLimit* const rate_;
  std::string buffer_;
  BlockPacker packer_;
  std::string block_;
  uint64_t holes_ = 0;
  uint64_t entries_ = 0;
  uint64_t problems_ = 0;
};

}  // namespace

absl::StatusOr<uint64_t> Gather(const std::vector<std::string>& sources,
                                const SourceOptions& options, int output,
                                RateLimit* rate) {
  GatherWriter writer(output, rate);
  TUTTI_RETURN_IF_ERROR(WalkSources(sources, options, writer));
  return writer.Finish();
}

}  // namespace tutti::copy

#include "controller/rpc/upload_stream.h"

#include <utility>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "common/transport/transport.h"

namespace tutti::controller {

// The right to go on with a call. Dropped, it ends it: so no call hangs,
// whatever becomes of its work. Movable.
class UploadStream::Turn {
 public:
  explicit Turn(UploadStream& stream) : stream_(&stream) {}
  Turn(Turn&& other) noexcept
      : stream_(std::exchange(other.stream_, nullptr)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (stream_ == nullptr) return;
    Finish(Unavailable(
        "the controller shuts down or has too much to do; try again"));
  }

  UploadStream& stream() const { return *stream_; }
  void Read() {
    UploadStream& stream = *std::exchange(stream_, nullptr);
    stream.StartRead(&stream.request_);
  }
  void ReadOrFail(const absl::Status& status) {
    if (status.ok()) {
      Read();
    } else {
      Finish(status);
    }
  }
  void Finish(const absl::Status& status) {
    UploadStream& stream = *std::exchange(stream_, nullptr);
    // Removes what was not finished, before the caller can try again.
    stream.upload_.reset();
    stream.Finish(ToGrpc(status));
  }

 private:
  UploadStream* stream_;
};

UploadStream* UploadStream::Begin(grpc::CallbackServerContext& context,
                                  CoreThread& core_thread, WorkerThread& worker,
                                  ContentStore& contents) {
  auto* stream = new UploadStream(core_thread, worker, contents);
  Turn(*stream).ReadOrFail(PeerIdentity(*context.auth_context()).status());
  return stream;
}

void UploadStream::OnReadDone(bool ok) {
  worker_.Post([turn = Turn(*this), ok]() mutable {
    UploadStream& stream = turn.stream();
    if (ok) return stream.Take(std::move(turn));
    turn.Finish(stream.upload_.has_value()
                    ? stream.upload_->Finish()
                    : InvalidArgument("nothing was sent; send a pack"));
  });
}

void UploadStream::Take(Turn turn) {
  if (request_.has_header() != !upload_.has_value()) {
    return turn.Finish(InvalidArgument(
        "an upload has one header, and it comes first; send it so"));
  }
  if (request_.has_header()) return TakeHeader(std::move(turn));
  turn.ReadOrFail(upload_->Write(request_.data()));
}

void UploadStream::TakeHeader(Turn turn) {
  if (contents_.Contains(request_.header().manifest_digest())) {
    return turn.Finish(absl::OkStatus());
  }
  core_thread_.Post([this, turn = std::move(turn)](Core& core) mutable {
    worker_.Post(
        [this, turn = std::move(turn), used = core.ContentDigests()]() mutable {
          turn.ReadOrFail(Start(used));
        });
  });
}

absl::Status UploadStream::Start(const std::set<std::string>& used) {
  contents_.KeepOnly(used);
  const v1::ContentHeader& header = request_.header();
  TUTTI_ASSIGN_OR_RETURN(
      ContentUpload upload,
      contents_.Begin(header.manifest_digest(), header.size()));
  upload_.emplace(std::move(upload));
  return absl::OkStatus();
}

}  // namespace tutti::controller

#include "controller/cli/run/content_upload.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "absl/time/clock.h"
#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

constexpr uint64_t kPieceBytes = 256 << 10;
// As long as tries come no farther than those before them.
constexpr absl::Duration kGiveUp = absl::Seconds(60);
constexpr absl::Duration kFirstPause = absl::Milliseconds(200);
constexpr absl::Duration kLongestPause = absl::Seconds(2);

absl::Status ReadPiece(const copy::WrittenPack& pack, uint64_t position,
                       std::string& piece) {
  piece.resize(std::min(kPieceBytes, pack.file_bytes - position));
  size_t filled = 0;
  while (filled < piece.size()) {
    const ssize_t n =
        pread(pack.file.get(), piece.data() + filled, piece.size() - filled,
              static_cast<off_t>(position + filled));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return SystemError(errno, "read the packed files");
    if (n == 0) return DataLoss("the packed files were cut; copy them again");
    filled += static_cast<size_t>(n);
  }
  return absl::OkStatus();
}

// One try. `sent`: as far as it came. An error when `pack` can not be read.
absl::StatusOr<grpc::Status> Send(Connection& connection,
                                  const copy::WrittenPack& pack,
                                  const OnUploaded& on_uploaded,
                                  uint64_t& sent) {
  v1::JobService::Stub stub(connection.channel());
  grpc::ClientContext context;
  v1::UploadContentResponse response;
  const auto writer = stub.UploadContent(&context, &response);
  v1::UploadContentRequest request;
  request.mutable_header()->set_manifest_digest(pack.manifest_digest);
  request.mutable_header()->set_size(pack.file_bytes);
  // A call that is over has said why, or that no more is needed.
  bool goes_on = writer->Write(request);
  for (sent = 0; goes_on && sent < pack.file_bytes;) {
    const absl::Status read = ReadPiece(pack, sent, *request.mutable_data());
    if (!read.ok()) {
      context.TryCancel();
      writer->Finish();
      return read;
    }
    sent += request.data().size();
    goes_on = writer->Write(request);
    on_uploaded(sent, pack.file_bytes);
  }
  writer->WritesDone();
  return writer->Finish();
}

}  // namespace

absl::Status UploadContent(Connection& connection,
                           const copy::WrittenPack& pack,
                           const OnUploaded& on_uploaded) {
  // Without any that is no break of the link.
  TUTTI_RETURN_IF_ERROR(connection.Connect());
  absl::Time give_up = absl::Now() + kGiveUp;
  absl::Duration pause = kFirstPause;
  uint64_t farthest = 0;
  while (true) {
    absl::Status connected = connection.Connect();
    if (connected.ok()) {
      uint64_t sent = 0;
      TUTTI_ASSIGN_OR_RETURN(const grpc::Status status,
                             Send(connection, pack, on_uploaded, sent));
      if (status.ok()) return absl::OkStatus();
      if (sent > farthest) {
        farthest = sent;
        give_up = absl::Now() + kGiveUp;
        pause = kFirstPause;
      }
      if (status.error_code() != grpc::StatusCode::UNAVAILABLE ||
          absl::Now() >= give_up) {
        return connection.Explain(status);
      }
      connection.Disconnect();
    } else if (absl::Now() >= give_up) {
      return connected;
    }
    absl::SleepFor(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace tutti::cli

#include "controller/cli/run/content_upload.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "common/base/errors.h"
#include "common/base/status_macros.h"
#include "tutti/v1/jobs.grpc.pb.h"

namespace tutti::cli {
namespace {

constexpr uint64_t kPieceBytes = 256 << 10;

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

}  // namespace

absl::Status UploadContent(Connection& connection,
                           const copy::WrittenPack& pack) {
  TUTTI_RETURN_IF_ERROR(connection.Connect());
  v1::JobService::Stub stub(connection.channel());
  grpc::ClientContext context;
  v1::UploadContentResponse response;
  const auto writer = stub.UploadContent(&context, &response);
  v1::UploadContentRequest request;
  request.mutable_header()->set_manifest_digest(pack.manifest_digest);
  request.mutable_header()->set_size(pack.file_bytes);
  // A call that is over has said why, or that no more is needed.
  bool goes_on = writer->Write(request);
  for (uint64_t position = 0; goes_on && position < pack.file_bytes;) {
    const absl::Status read =
        ReadPiece(pack, position, *request.mutable_data());
    if (!read.ok()) {
      context.TryCancel();
      writer->Finish();
      return read;
    }
    position += request.data().size();
    goes_on = writer->Write(request);
  }
  writer->WritesDone();
  const grpc::Status status = writer->Finish();
  return status.ok() ? absl::OkStatus() : connection.Explain(status);
}

}  // namespace tutti::cli

// Taking what a copy puts in place to the controller.
#ifndef CONTROLLER_CLI_RUN_CONTENT_UPLOAD_H_
#define CONTROLLER_CLI_RUN_CONTENT_UPLOAD_H_

#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "controller/cli/connection.h"
#include "copy/pack_writer.h"

namespace tutti::cli {

// Called now and then with how many bytes were sent so far, of how many.
using OnUploaded = std::function<void(uint64_t sent, uint64_t total)>;

// Done when the controller has checked the pack and has it on its disk; at once
// when it has it already. Begins anew when the link or the controller is lost.
absl::Status UploadContent(Connection& connection,
                           const copy::WrittenPack& pack,
                           const OnUploaded& on_uploaded);

}  // namespace tutti::cli

#endif  // CONTROLLER_CLI_RUN_CONTENT_UPLOAD_H_

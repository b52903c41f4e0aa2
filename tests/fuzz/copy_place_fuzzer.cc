// What a target is fed for a copy. The first half of the input is a manifest,
// which passes for the signed one; the rest are the answers to its requests.
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/base/clock.h"
#include "common/identity/sha256.h"
#include "copy/conversation.h"
#include "copy/frames.h"
#include "copy/place.h"
#include "tests/fuzz/expectation.h"
#include "tests/support/temporary_directory.h"

namespace tutti::testing {
namespace {

namespace fs = std::filesystem;

// Gives a manifest, and then frames of the input.
class FedChannel final : public copy::CopyChannel {
 public:
  FedChannel(std::string_view manifest, std::string_view answers)
      : manifest_(manifest), splitter_(0) {
    splitter_.Append(answers);
  }

  absl::Status Ask(const v1::CopyRequest& request) override {
    for (const uint32_t number : request.blocks().numbers()) {
      Expect(number >= next_, "blocks are asked for in order, each once");
      next_ = number + 1;
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::string_view> Receive(size_t limit) override {
    if (!manifest_given_) {
      manifest_given_ = true;
      return manifest_;
    }
    splitter_.set_limit(limit);
    const auto frame = splitter_.Next();
    if (!frame.ok()) return frame.status();
    if (frame->has_value()) return **frame;
    return absl::UnavailableError("no more comes");
  }

 private:
  const std::string_view manifest_;
  bool manifest_given_ = false;
  copy::FrameSplitter splitter_;
  uint32_t next_ = 0;
};

// A manifest of few bytes may ask for most of the disk.
bool LimitFiles() {
  signal(SIGXFSZ, SIG_IGN);
  const rlimit limit = {64 << 20, 64 << 20};
  return setrlimit(RLIMIT_FSIZE, &limit) == 0;
}

void Clear(const std::string& path) {
  for (const auto& entry : fs::directory_iterator(path)) {
    fs::remove_all(entry.path());
  }
}

}  // namespace
}  // namespace tutti::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace copy = tutti::copy;
  using tutti::testing::Expect;
  static const bool limited = tutti::testing::LimitFiles();
  Expect(limited, "files are limited");
  static const tutti::testing::TemporaryDirectory folder;
  const std::string inside = folder.File("inside");
  std::filesystem::create_directory(inside);
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t length = size == 0 ? 0 : size - data[size - 1] % size;
  const std::string_view manifest = input.substr(0, length);
  for (const char* destination : {"", "/", "/name"}) {
    tutti::testing::FedChannel channel(manifest, input.substr(length));
    const tutti::SteadyClock clock;
    copy::RateLimit rate(0, clock, [](absl::Duration) {});
    copy::Progress progress(-1, clock);
    copy::PlaceOptions options;
    options.manifest_digest = tutti::Sha256(manifest);
    options.destination = inside + destination;
    options.if_changed = true;
    const absl::StatusOr<copy::PlaceResult> result =
        copy::Place(options, channel, rate, progress);
    if (!result.ok()) continue;
    // The same again needs nothing; root may read what it put there.
    tutti::testing::FedChannel silent(manifest, "");
    if (destination[0] == '\0' && geteuid() == 0) {
      const auto again = copy::Place(options, silent, rate, progress);
      Expect(again.ok() && again->received_bytes == 0,
             "what is in place needs nothing");
    }
  }
  for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
    Expect(entry.path().filename() == "inside", "nothing is outside");
  }
  tutti::testing::Clear(inside);
  return 0;
}

// Copies without a network: packing, and putting in place what was packed.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <string>
#include <utility>

#include "common/base/clock.h"
#include "copy/conversation.h"
#include "copy/frames.h"
#include "copy/pack_reader.h"
#include "copy/pack_writer.h"
#include "copy/place.h"
#include "tests/support/temporary_directory.h"

namespace tutti::copy {
namespace {

constexpr int64_t kMebibyte = 1 << 20;

// Of each KiB `noise` bytes do not compress.
void MakeFile(const std::string& path, int64_t mebibytes, size_t noise) {
  std::mt19937_64 random(1);
  std::ofstream file(path, std::ios::binary);
  std::string block(1024, 'x');
  for (int64_t i = 0; i < mebibytes * 1024; ++i) {
    for (size_t at = 0; at < noise; ++at) {
      block[at] = static_cast<char>(random());
    }
    file << block;
  }
}

// Answers at once.
class BenchmarkChannel final : public CopyChannel {
 public:
  explicit BenchmarkChannel(const PackReader& pack)
      : feeder_(pack), splitter_(64 << 20) {}

  absl::Status Ask(const v1::CopyRequest& request) override {
    std::string frame;
    AppendFrame(request.SerializeAsString(), frame);
    return feeder_.OnRequests(frame);
  }
  absl::StatusOr<std::string_view> Receive(size_t) override {
    splitter_.Append(*feeder_.Next());
    return **splitter_.Next();
  }

 private:
  PackFeeder feeder_;
  FrameSplitter splitter_;
};

PackOptions OptionsFor(const testing::TemporaryDirectory& folder) {
  PackOptions options;
  options.temporary_directory = folder.path();
  return options;
}

void BM_Pack(benchmark::State& state) {
  const testing::TemporaryDirectory folder;
  MakeFile(folder.File("file"), state.range(0), state.range(1));
  for (auto _ : state) {
    const auto pack = WritePack({folder.File("file")}, OptionsFor(folder));
    if (!pack.ok()) state.SkipWithError(pack.status().ToString().c_str());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) * kMebibyte);
}

void BM_Place(benchmark::State& state) {
  const testing::TemporaryDirectory folder;
  MakeFile(folder.File("file"), state.range(0), state.range(1));
  absl::StatusOr<WrittenPack> pack =
      WritePack({folder.File("file")}, OptionsFor(folder));
  const absl::StatusOr<PackReader> reader =
      PackReader::Open(std::move(pack->file), "pack");
  const SteadyClock clock;
  for (auto _ : state) {
    std::filesystem::remove(folder.File("copy"));
    BenchmarkChannel channel(*reader);
    RateLimit rate(0, clock, [](absl::Duration) {});
    Progress progress(-1, clock);
    PlaceOptions options;
    options.manifest_digest = pack->manifest_digest;
    options.destination = folder.File("copy");
    const auto result = Place(options, channel, rate, progress);
    if (!result.ok()) state.SkipWithError(result.status().ToString().c_str());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) * kMebibyte);
}

// Half of it noise; nothing but noise.
BENCHMARK(BM_Pack)
    ->ArgNames({"MiB", "noise"})
    ->Args({1024, 512})
    ->Args({1024, 1024})
    ->Iterations(3)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Place)
    ->ArgNames({"MiB", "noise"})
    ->Args({1024, 512})
    ->Args({1024, 1024})
    ->Iterations(3)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace tutti::copy

BENCHMARK_MAIN();

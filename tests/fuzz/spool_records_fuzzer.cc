// Spool files are read after crashes, half written.
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/base/file_descriptor.h"
#include "common/records/record_log.h"
#include "common/records/spool_reader.h"
#include "common/records/spool_recovery.h"
#include "tests/fuzz/expectation.h"

namespace tutti::testing {
namespace {

// Takes bytes off the input; zeros when it has run out.
uint8_t TakeByte(std::string_view& input) {
  if (input.empty()) return 0;
  const uint8_t byte = static_cast<uint8_t>(input[0]);
  input.remove_prefix(1);
  return byte;
}

std::string_view TakeBytes(std::string_view& input, size_t count) {
  const std::string_view bytes = input.substr(0, count);
  input.remove_prefix(bytes.size());
  return bytes;
}

// A file from instructions: headers with right checksums, which mutation would
// never find, between bytes of any kind.
std::string MakeLog(std::string_view input) {
  std::string log = (TakeByte(input) & 7) != 0 ? EncodeLogHeader() : "";
  while (!input.empty()) {
    const uint8_t what = TakeByte(input);
    const size_t length = TakeByte(input);
    if ((what & 3) != 0) {
      RecordHeader header;
      header.stream =
          static_cast<v1::OutputStream>((what & 3) + ((what & 8) != 0 ? 2 : 0));
      header.closed = (what & 4) != 0;
      // Mostly the truth.
      header.length = static_cast<uint32_t>(length) + (what >> 6);
      header.time = absl::FromUnixSeconds(1'767'225'600 + (what >> 3));
      log += EncodeRecordHeader(header);
    }
    log += TakeBytes(input, length);
  }
  return log;
}

FileDescriptor MakeFile(std::string_view content) {
  FileDescriptor fd(memfd_create("spool", MFD_CLOEXEC));
  Expect(write(fd.get(), content.data(), content.size()) ==
             static_cast<ssize_t>(content.size()),
         "the memory file takes the bytes");
  return fd;
}

void ReadAll(const std::string& path, uint64_t end, size_t max_bytes) {
  absl::StatusOr<SpoolReader> reader = SpoolReader::Open(path);
  if (!reader.ok()) return;
  uint64_t position = 0;
  while (position < end) {
    const absl::StatusOr<SpoolReader::Batch> batch =
        reader->Read(position, end, max_bytes);
    if (!batch.ok()) return;
    uint64_t next = batch->chunks.empty() ? batch->next_position
                                          : batch->chunks[0].position();
    for (const v1::OutputChunk& chunk : batch->chunks) {
      Expect(chunk.position() == next, "chunks are contiguous");
      Expect(chunk.next_position() > next, "chunks go on");
      next = chunk.next_position();
    }
    Expect(next == batch->next_position && next <= end, "the batch ends there");
    if (next <= position) return;
    position = next;
  }
}

}  // namespace
}  // namespace tutti::testing

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tutti::testing::Expect;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  tutti::DecodeRecordHeader(input.substr(0, tutti::kRecordHeaderBytes));
  tutti::DecodeRecordHeader(input);

  const std::string log = tutti::testing::MakeLog(input);
  const tutti::FileDescriptor file = tutti::testing::MakeFile(log);
  const std::string path = fmt::format("/proc/self/fd/{}", file.get());
  tutti::testing::ReadAll(path, log.size(), 100);
  const absl::StatusOr<tutti::SpoolExtent> extent = tutti::RecoverSpool(path);
  if (!extent.ok()) return 0;
  Expect(extent->start <= extent->end, "an extent runs forwards");
  tutti::testing::ReadAll(path, extent->end, 64 << 10);
  // A crash during recovery must not make it worse.
  const absl::StatusOr<tutti::SpoolExtent> again = tutti::RecoverSpool(path);
  Expect(
      again.ok() && again->start == extent->start && again->end == extent->end,
      "recovering again changes nothing");
  return 0;
}

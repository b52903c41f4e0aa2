// What a target sends for a fetch; it may want out of the folder.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "common/identity/sha256.h"
#include "copy/frames.h"
#include "copy/gathered_folder.h"
#include "copy/gathered_stream.h"
#include "tests/fuzz/expectation.h"
#include "tests/support/temporary_directory.h"

namespace tutti::testing {
namespace {

namespace fs = std::filesystem;

std::string_view Take(std::string_view& input, size_t count) {
  const std::string_view bytes = input.substr(0, count);
  input.remove_prefix(bytes.size());
  return bytes;
}

uint8_t TakeByte(std::string_view& input) {
  const std::string_view byte = Take(input, 1);
  return byte.empty() ? 0 : static_cast<uint8_t>(byte[0]);
}

void AppendRecord(const v1::GatheredRecord& record, std::string& stream) {
  copy::AppendFrame(record.SerializeAsString(), stream);
}

// A whole file with its right digest, which mutation would never find.
void AppendFile(std::string_view path, std::string_view content,
                std::string& stream) {
  v1::GatheredRecord record;
  record.mutable_entry()->set_path(std::string(path));
  record.mutable_entry()->set_mode(0600);
  record.mutable_entry()->mutable_file()->set_size(content.size());
  AppendRecord(record, stream);
  if (!content.empty()) {
    record.set_block("\x01" + std::string(content));
    AppendRecord(record, stream);
  }
  record.set_digest(Sha256(content));
  AppendRecord(record, stream);
}

std::string MakeStream(std::string_view input) {
  std::string stream(copy::kGatheredHeader);
  while (!input.empty()) {
    const uint8_t what = TakeByte(input);
    const std::string_view first = Take(input, what >> 2);
    const std::string_view second = Take(input, TakeByte(input));
    v1::GatheredRecord record;
    switch (what & 3) {
      case 0:
        copy::AppendFrame(second, stream);
        break;
      case 1:
        AppendFile(first, second, stream);
        break;
      case 2:
        record.mutable_entry()->set_path(std::string(first));
        record.mutable_entry()->mutable_symlink()->set_target(
            std::string(second));
        AppendRecord(record, stream);
        break;
      default:
        record.mutable_entry()->set_path(std::string(first));
        record.mutable_entry()->mutable_directory();
        AppendRecord(record, stream);
    }
  }
  return stream;
}

absl::Status Read(std::string_view stream, size_t step,
                  const std::string& path) {
  absl::StatusOr<copy::GatheredFolder> folder =
      copy::GatheredFolder::Open(path, {});
  Expect(folder.ok(), "the folder is there");
  copy::GatheredReader reader(*folder, {.entries = 100, .bytes = 8 << 20});
  for (size_t at = 0; at < stream.size(); at += step) {
    if (!reader.Feed(stream.substr(at, step)).ok()) break;
  }
  absl::Status status = reader.Finish();
  // The sender may give its own such a name.
  const bool named = stream.find(".part") != stream.npos;
  for (const auto& entry : fs::recursive_directory_iterator(path)) {
    Expect(named || !entry.path().native().ends_with(".part"),
           "no part is left");
  }
  return status;
}

}  // namespace
}  // namespace tutti::testing

// The first byte: a stream as it is, or instructions for one.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using tutti::testing::Expect;
  static const tutti::testing::TemporaryDirectory folder;
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1,
                               size - 1);
  const std::string stream =
      data[0] == 's' ? std::string(input) : tutti::testing::MakeStream(input);
  absl::StatusCode codes[2];
  for (size_t i = 0; i < 2; ++i) {
    const std::string inside = folder.File("inside");
    std::filesystem::create_directory(inside);
    const size_t step = i == 0 ? stream.size() + 1 : 7;
    codes[i] = tutti::testing::Read(stream, step, inside).code();
    std::filesystem::remove_all(inside);
  }
  Expect(codes[0] == codes[1], "the split makes no difference");
  Expect(std::filesystem::is_empty(folder.path()), "nothing is outside");
  return 0;
}

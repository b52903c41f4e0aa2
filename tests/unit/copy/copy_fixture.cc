#include "tests/unit/copy/copy_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "common/base/errors.h"
#include "common/base/files.h"
#include "common/identity/sha256.h"
#include "copy/frames.h"
#include "copy/manifest.h"

namespace tutti::copy {
namespace {

namespace fs = std::filesystem;

using ::tutti::testing::IsOk;

std::string Describe(const fs::path& path) {
  struct stat info = {};
  EXPECT_EQ(lstat(path.c_str(), &info), 0) << path;
  const std::string time =
      fmt::format("{}.{:09}", info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
  if (S_ISLNK(info.st_mode)) {
    return fmt::format("link to {} {}", fs::read_symlink(path).native(), time);
  }
  if (S_ISDIR(info.st_mode)) {
    return fmt::format("folder {:o} {}", info.st_mode & 07777, time);
  }
  const std::string content = ReadWhole(path);
  return fmt::format("file {:o} {} {} bytes {}", info.st_mode & 07777, time,
                     content.size(), std::hash<std::string>()(Sha256(content)));
}

}  // namespace

void WriteFile(const std::string& path, std::string_view content, mode_t mode) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  EXPECT_EQ(chmod(path.c_str(), mode), 0) << path;
}

std::string ReadWhole(const std::string& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

std::string Noise(size_t bytes, uint32_t seed) {
  std::mt19937 random(seed);
  std::string noise;
  noise.reserve(bytes + sizeof(uint32_t));
  while (noise.size() < bytes) {
    const uint32_t some = static_cast<uint32_t>(random());
    noise.append(reinterpret_cast<const char*>(&some), sizeof some);
  }
  noise.resize(bytes);
  return noise;
}

void WriteSparseFile(const std::string& path, uint64_t size,
                     const std::map<uint64_t, std::string>& pieces) {
  WriteFile(path, "");
  EXPECT_EQ(truncate(path.c_str(), static_cast<off_t>(size)), 0);
  const FileDescriptor file(open(path.c_str(), O_WRONLY | O_CLOEXEC));
  for (const auto& [offset, bytes] : pieces) {
    EXPECT_THAT(WriteAt(file.get(), offset, bytes, path), IsOk());
  }
}

uint64_t AllocatedBytes(const std::string& path) {
  struct stat info = {};
  EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
  return static_cast<uint64_t>(info.st_blocks) * 512;
}

void MakeRandomTree(const std::string& path, uint32_t seed) {
  std::mt19937 random(seed);
  constexpr size_t kSizes[] = {0,    1,    kSmallBlock - 1,     kSmallBlock,
                               4097, 8192, 3 * kSmallBlock + 17};
  fs::create_directories(path);
  std::vector<std::string> folders = {path};
  for (const std::string_view name :
       {"plain", "plain-2", "plain.d", "with space", "-dash", "[a,b]", "\xff\n",
        "ünï"}) {
    const std::string& parent = folders[random() % folders.size()];
    const std::string folder = fmt::format("{}/{}", parent, name);
    fs::create_directories(folder);
    for (int i = 0; i < 12; ++i) {
      const std::string file = fmt::format("{}/{}.{}", folder, name, i);
      const size_t size = kSizes[random() % std::size(kSizes)];
      // A few contents often.
      const bool text = random() % 3 == 0;
      WriteFile(file, text ? std::string(size, 'x') : Noise(size, random() % 9),
                random() % 2 == 0 ? 0644 : 0750);
    }
    WriteSparseFile(folder + "/sparse", 40 * kSmallBlock + 5,
                    {{7 * kSmallBlock + 3, "here"}, {39 * kSmallBlock, "end"}});
    fs::create_symlink("plain.1", folder + "/link");
    fs::create_symlink("/nowhere/at all", folder + "/dangling");
    folders.push_back(folder);
  }
  for (const std::string& folder : folders) {
    EXPECT_EQ(chmod(folder.c_str(), random() % 2 == 0 ? 0755 : 0711), 0);
  }
}

std::map<std::string, std::string> Snapshot(const std::string& path) {
  std::map<std::string, std::string> snapshot;
  snapshot["."] = Describe(path);
  for (const fs::directory_entry& entry :
       fs::recursive_directory_iterator(path)) {
    snapshot[fs::relative(entry.path().parent_path(), path) /
             entry.path().filename()] = Describe(entry.path());
  }
  return snapshot;
}

std::vector<std::string> NamesIn(const std::string& path) {
  std::vector<std::string> names;
  for (const fs::directory_entry& entry : fs::directory_iterator(path)) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

absl::Status PackChannel::Ask(const v1::CopyRequest& request) {
  for (const uint32_t number : request.blocks().numbers()) {
    asked.insert(number);
    under_way_ += pack_.Block(number)->size();
  }
  most_under_way = std::max(most_under_way, under_way_);
  std::string frame;
  AppendFrame(request.SerializeAsString(), frame);
  return feeder_.OnRequests(frame);
}

absl::StatusOr<std::string_view> PackChannel::Receive(size_t limit) {
  const bool is_manifest = asked.empty();
  if (!is_manifest && blocks_left.has_value() && (*blocks_left)-- == 0) {
    return Unavailable("the connection ended");
  }
  if (!feeder_.ready()) return Internal("nothing was asked for");
  const absl::StatusOr<std::string> stream = feeder_.Next();
  if (!stream.ok()) return stream.status();
  FrameSplitter splitter(limit);
  splitter.Append(*stream);
  const auto frame = splitter.Next();
  if (!frame.ok()) return frame.status();
  frame_ = frame->value();
  if (is_manifest) {
    if (on_manifest) on_manifest(frame_);
  } else {
    under_way_ -= frame_.size();
    if (on_block) on_block(blocks_given, frame_);
    ++blocks_given;
  }
  return frame_;
}

CopyTest::CopyTest() { pack_options_.block_bytes = kSmallBlock; }

void CopyTest::Pack(const std::vector<std::string>& sources) {
  pack_options_.temporary_directory = target_.path();
  TUTTI_ASSERT_OK_AND_ASSIGN(WrittenPack written,
                             WritePack(sources, pack_options_));
  manifest_digest_ = written.manifest_digest;
  TUTTI_ASSERT_OK_AND_ASSIGN(PackReader reader,
                             PackReader::Open(std::move(written.file), "pack"));
  next_channel_.reset();
  channel_.reset();
  pack_ = std::make_unique<PackReader>(std::move(reader));
}

PackChannel& CopyTest::NextChannel() {
  if (!next_channel_) next_channel_ = std::make_unique<PackChannel>(*pack_);
  return *next_channel_;
}

absl::StatusOr<PlaceResult> CopyTest::PlaceAt(const std::string& destination,
                                              bool if_changed) {
  NextChannel();
  channel_ = std::move(next_channel_);
  PlaceOptions options;
  options.manifest_digest = manifest_digest_;
  options.destination = destination;
  options.if_changed = if_changed;
  options.window = window_;
  RateLimit rate(rate_, clock_,
                 [this](absl::Duration left) { clock_.Advance(left); });
  Progress progress(-1, clock_);
  return Place(options, *channel_, rate, progress);
}

absl::StatusOr<PlaceResult> CopyTest::Copy(
    const std::vector<std::string>& sources, const std::string& destination,
    bool if_changed) {
  Pack(sources);
  return PlaceAt(destination, if_changed);
}

}  // namespace tutti::copy

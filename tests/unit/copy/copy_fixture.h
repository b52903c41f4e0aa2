// What the tests of copies share: trees on disk, and a feeder without a
// network.
#ifndef TESTS_UNIT_COPY_COPY_FIXTURE_H_
#define TESTS_UNIT_COPY_COPY_FIXTURE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "copy/conversation.h"
#include "copy/pack_reader.h"
#include "copy/pack_writer.h"
#include "copy/place.h"
#include "tests/support/fake_clock.h"
#include "tests/support/status_matchers.h"
#include "tests/support/temporary_directory.h"

namespace tutti::copy {

inline constexpr uint32_t kSmallBlock = 4096;

void WriteFile(const std::string& path, std::string_view content,
               mode_t mode = 0644);
std::string ReadWhole(const std::string& path);
// Bytes that do not compress.
std::string Noise(size_t bytes, uint32_t seed);
// Only these bytes are there, the rest is a hole.
void WriteSparseFile(const std::string& path, uint64_t size,
                     const std::map<uint64_t, std::string>& pieces);
uint64_t AllocatedBytes(const std::string& path);

// Files of the lengths at which blocks begin and end, sparse ones, small ones,
// links, folders in folders, odd names.
void MakeRandomTree(const std::string& path, uint32_t seed);

// Everything below a folder (type, mode, time of change, content), without
// parts; for comparisons.
std::map<std::string, std::string> Snapshot(const std::string& path);
std::vector<std::string> NamesIn(const std::string& path);

// Answers a Place out of a pack and counts.
class PackChannel final : public CopyChannel {
 public:
  explicit PackChannel(const PackReader& pack) : pack_(pack), feeder_(pack) {}

  absl::Status Ask(const v1::CopyRequest& request) override;
  absl::StatusOr<std::string_view> Receive(size_t limit) override;

  // The connection breaks after so many blocks.
  std::optional<size_t> blocks_left;
  // Called before the block with that place in the order is given.
  std::function<void(size_t block, std::string& packed)> on_block;
  std::function<void(std::string& manifest)> on_manifest;

  size_t blocks_given = 0;
  uint64_t most_under_way = 0;
  std::multiset<uint32_t> asked;

 private:
  const PackReader& pack_;
  PackFeeder feeder_;
  std::string frame_;
  uint64_t under_way_ = 0;
};

// A source folder, a target folder, and copies from one to the other.
class CopyTest : public ::testing::Test {
 protected:
  CopyTest();

  std::string Source(std::string_view name) const { return source_.File(name); }
  std::string Target(std::string_view name) const { return target_.File(name); }

  void Pack(const std::vector<std::string>& sources);
  // To `destination` with what was packed.
  absl::StatusOr<PlaceResult> PlaceAt(const std::string& destination,
                                      bool if_changed = false);
  // Pack and PlaceAt.
  absl::StatusOr<PlaceResult> Copy(const std::vector<std::string>& sources,
                                   const std::string& destination,
                                   bool if_changed = false);
  // For the next PlaceAt.
  PackChannel& NextChannel();

  testing::TemporaryDirectory source_;
  testing::TemporaryDirectory target_;
  PackOptions pack_options_;
  std::string manifest_digest_;
  std::unique_ptr<PackReader> pack_;
  std::unique_ptr<PackChannel> next_channel_;
  // Of the last PlaceAt.
  std::unique_ptr<PackChannel> channel_;
  testing::FakeClock clock_;
  uint64_t rate_ = 0;
  uint64_t window_ = 1 << 20;
};

}  // namespace tutti::copy

#endif  // TESTS_UNIT_COPY_COPY_FIXTURE_H_

#include "copy/gathered_stream.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/identity/sha256.h"
#include "copy/gather.h"
#include "copy/gathered_folder.h"
#include "tests/unit/copy/copy_fixture.h"

namespace tutti::copy {
namespace {

namespace fs = std::filesystem;

using ::testing::_;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Lt;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using ::tutti::testing::StatusIs;

constexpr auto kDataLoss = absl::StatusCode::kDataLoss;

class GatheredStreamTest : public CopyTest {
 protected:
  std::string GatherAll(const std::vector<std::string>& sources,
                        uint64_t expected_problems = 0,
                        const SourceOptions& options = {}) {
    const std::string path = target_.File("stream");
    FileDescriptor file(
        open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    const absl::StatusOr<uint64_t> problems =
        Gather(sources, options, file.get());
    EXPECT_THAT(problems, testing::IsOk());
    EXPECT_EQ(problems.value_or(0), expected_problems);
    return ReadWhole(path);
  }

  absl::Status Read(std::string_view stream, size_t step,
                    GatherLimits limits = {}) {
    files_.clear();
    problems_.clear();
    absl::StatusOr<GatheredFolder> folder = GatheredFolder::Open(
        out_.path(),
        {.on_file = [this](const GatheredFile& f) { files_.push_back(f); },
         .on_problem =
             [this](const std::string& path, const std::string& message) {
               problems_[path] = message;
             }});
    GatheredReader reader(*folder, limits);
    for (size_t at = 0; at < stream.size(); at += step) {
      if (!reader.Feed(stream.substr(at, step)).ok()) break;
    }
    absl::Status status = reader.Finish();
    if (status.ok()) status = folder->Finish();
    return status;
  }

  testing::TemporaryDirectory out_;
  std::vector<GatheredFile> files_;
  std::map<std::string, std::string> problems_;
};

TEST_F(GatheredStreamTest, ATreeComesThroughInAnySplit) {
  MakeRandomTree(Source("tree"), 3);
  WriteFile(Source("tree/large"), Noise(3 * kBlockBytes + 5, 4));
  const std::string stream = GatherAll({Source("tree")});
  for (const size_t step : {size_t{1000}, size_t{65'537}, stream.size()}) {
    TUTTI_ASSERT_OK(Read(stream, step));
    std::map<std::string, std::string> expected = Snapshot(Source("tree"));
    std::map<std::string, std::string> found = Snapshot(out_.File("tree"));
    // Folders are readable here whatever they were there; links have the time
    // at which they were made.
    for (auto* snapshot : {&expected, &found}) {
      for (auto& [path, text] : *snapshot) {
        if (text.starts_with("link")) text.resize(text.rfind(' '));
      }
    }
    EXPECT_EQ(found, expected);
    for (const GatheredFile& file : files_) {
      const std::string content = ReadWhole(out_.File(file.path));
      EXPECT_EQ(file.size, content.size());
      EXPECT_EQ(file.digest, Sha256(content));
    }
  }
}

// Two files of one name in different folders are two.
TEST_F(GatheredStreamTest, WholePathsBringTheFoldersThatLeadToThem) {
  ASSERT_TRUE(fs::create_directories(Source("a/b")));
  WriteFile(Source("a/b/file"), "one");
  WriteFile(Source("a/file"), "two");
  fs::permissions(Source("a/b"), fs::perms::owner_all);
  fs::create_symlink("a", Source("way"));
  SourceOptions options;
  options.whole_paths = true;
  const std::string stream =
      GatherAll({Source("/a/./b/file"), Source("a/file"), Source("way/file"),
                 Source("a/missing")},
                1, options);
  TUTTI_ASSERT_OK(Read(stream, 1000));
  const std::string below = out_.path() + source_.path();
  EXPECT_EQ(ReadWhole(below + "/a/b/file"), "one");
  EXPECT_EQ(ReadWhole(below + "/a/file"), "two");
  // A link that leads to something is a folder here.
  EXPECT_TRUE(fs::is_directory(fs::symlink_status(below + "/way")));
  EXPECT_EQ(fs::status(below + "/a/b").permissions(), fs::perms::owner_all);
  EXPECT_THAT(problems_, ElementsAre(Pair(Source("a/missing"), _)));
}

TEST_F(GatheredStreamTest, ARateHoldsTheStreamBack) {
  WriteFile(Source("file"), Noise(3 * kBlockBytes, 4));
  testing::FakeClock clock;
  absl::Duration slept;
  RateLimit rate(kBlockBytes, clock, [&](absl::Duration wait) {
    slept += wait;
    clock.Advance(wait);
  });
  const FileDescriptor null(open("/dev/null", O_WRONLY | O_CLOEXEC));
  EXPECT_THAT(Gather({Source("file")}, {}, null.get(), &rate), testing::IsOk());
  EXPECT_GE(slept, absl::Seconds(2));
  EXPECT_LE(slept, absl::Seconds(4));
}

TEST_F(GatheredStreamTest, ByteByByte) {
  WriteFile(Source("file"), "content");
  const std::string stream = GatherAll({Source("file")});
  TUTTI_ASSERT_OK(Read(stream, 1));
  EXPECT_EQ(ReadWhole(out_.File("file")), "content");
}

TEST_F(GatheredStreamTest, WhatCanNotBeReadIsNamedAndTheRestComes) {
  WriteFile(Source("file"), "content");
  ASSERT_EQ(mkfifo(Source("pipe").c_str(), 0600), 0);
  const std::string stream =
      GatherAll({Source("missing\xff"), Source("pipe"), Source("file")}, 2);
  TUTTI_ASSERT_OK(Read(stream, 100));
  EXPECT_THAT(problems_,
              UnorderedElementsAre(
                  Pair(Source("missing\xff"), HasSubstr("no such file")),
                  Pair(Source("pipe"), HasSubstr("is neither file"))));
  EXPECT_THAT(NamesIn(out_.path()), ElementsAre("file"));
}

TEST_F(GatheredStreamTest, ZerosAndRepetitionsAreShort) {
  WriteSparseFile(Source("image"), 100 << 20, {{50 << 20, "x"}});
  WriteFile(Source("text"), std::string(3 << 20, 'x'));
  const std::string stream = GatherAll({Source("image"), Source("text")});
  EXPECT_THAT(stream.size(), Lt(2000));
  TUTTI_ASSERT_OK(Read(stream, stream.size()));
  EXPECT_EQ(Sha256(ReadWhole(out_.File("image"))),
            Sha256(ReadWhole(Source("image"))));
  EXPECT_THAT(AllocatedBytes(out_.File("image")), Lt(1 << 20));
}

TEST_F(GatheredStreamTest, RightsOfAnotherHostAreNone) {
  WriteFile(Source("program"), "x", 06755);
  TUTTI_ASSERT_OK(
      Read(GatherAll({Source("program")}, 0, {.preserve_owner = true}), 100));
  EXPECT_EQ(fs::status(out_.File("program")).permissions(), fs::perms(0755));
}

TEST_F(GatheredStreamTest, EveryShortStreamIsSeenAndLeavesNoHalfFile) {
  WriteFile(Source("file"), Noise(9000, 1));
  const std::string stream = GatherAll({Source("file")});
  for (size_t end = 0; end < stream.size(); end += 37) {
    EXPECT_THAT(Read(stream.substr(0, end), 1000), StatusIs(kDataLoss, _));
    for (const std::string& name : NamesIn(out_.path())) {
      EXPECT_EQ(name, "file");
      EXPECT_EQ(ReadWhole(out_.File(name)), ReadWhole(Source("file")));
      fs::remove(out_.File(name));
    }
  }
}

TEST_F(GatheredStreamTest, ADamagedFileDoesNotAppear) {
  WriteFile(Source("file"), Noise(9000, 1));
  std::string stream = GatherAll({Source("file")});
  stream[4000] = static_cast<char>(stream[4000] ^ 1);
  EXPECT_THAT(Read(stream, 1000),
              StatusIs(kDataLoss, HasSubstr("does not match its digest")));
  EXPECT_THAT(NamesIn(out_.path()), IsEmpty());
}

TEST_F(GatheredStreamTest, LimitsAreKept) {
  WriteFile(Source("a"), Noise(9000, 1));
  WriteFile(Source("b"), "b");
  const std::string stream = GatherAll({Source("a"), Source("b")});
  EXPECT_THAT(Read(stream, 1000, {.bytes = 8999}),
              StatusIs(absl::StatusCode::kResourceExhausted, _));
  EXPECT_THAT(NamesIn(out_.path()), IsEmpty());
  EXPECT_THAT(Read(stream, 1000, {.entries = 1}),
              StatusIs(absl::StatusCode::kResourceExhausted, _));
}

// A sender that wants out of the folder.
class HostileStreamTest : public GatheredStreamTest {
 protected:
  static std::string Stream(const std::vector<v1::GatheredRecord>& records) {
    std::string stream(kGatheredHeader);
    for (const v1::GatheredRecord& record : records) {
      AppendFrame(record.SerializeAsString(), stream);
    }
    return stream;
  }
  static v1::GatheredRecord Entry(const std::string& path) {
    v1::GatheredRecord record;
    record.mutable_entry()->set_path(path);
    record.mutable_entry()->mutable_file();
    return record;
  }
  static v1::GatheredRecord Link(const std::string& path,
                                 const std::string& target) {
    v1::GatheredRecord record = Entry(path);
    record.mutable_entry()->mutable_symlink()->set_target(target);
    return record;
  }
};

TEST_F(HostileStreamTest, NothingGoesOutOfTheFolder) {
  testing::TemporaryDirectory outside;
  for (const std::string& path :
       {std::string("../x"), std::string("/tmp/x"), std::string("a/../../x"),
        std::string("x\0y", 3), std::string("")}) {
    EXPECT_THAT(Read(Stream({Entry(path)}), 1000),
                StatusIs(absl::StatusCode::kInvalidArgument, _))
        << path;
  }
  EXPECT_THAT(
      Read(Stream({Link("way", outside.path()), Entry("way/x")}), 1000),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("way")));
  v1::GatheredRecord folder = Entry("way");
  folder.mutable_entry()->mutable_directory();
  EXPECT_THAT(
      Read(Stream({Link("way", outside.path()), folder}), 1000),
      StatusIs(absl::StatusCode::kFailedPrecondition, HasSubstr("way")));
  EXPECT_THAT(NamesIn(outside.path()), IsEmpty());
}

TEST_F(HostileStreamTest, ProblemsHaveLimits) {
  v1::GatheredRecord problem;
  problem.mutable_problem()->set_message("gone");
  EXPECT_THAT(Read(Stream({problem, problem}), 1000, {.entries = 1}),
              StatusIs(absl::StatusCode::kResourceExhausted, _));
  problem.mutable_problem()->set_message(
      std::string(kMaxProblemBytes + 1, 'x'));
  EXPECT_THAT(Read(Stream({problem}), 1000), StatusIs(kDataLoss, _));
}

TEST_F(HostileStreamTest, RecordsOutOfPlaceAreRefused) {
  v1::GatheredRecord block;
  block.set_block("\x01x");
  v1::GatheredRecord hole;
  hole.set_hole_blocks(1);
  v1::GatheredRecord digest;
  digest.set_digest(Sha256(""));
  v1::GatheredRecord end;
  end.mutable_end()->set_entries(1);
  const std::vector<std::vector<v1::GatheredRecord>> streams = {
      {block},
      {hole},
      {digest},
      {end},
      {Entry("a"), Entry("b")},
      {Entry("a"), block},
      {Entry("a"), hole},
      {Entry("a"), digest, digest},
      {Entry("a"), end},
      {Entry("a"), digest, end, Entry("b")},
      {v1::GatheredRecord()}};
  for (const auto& records : streams) {
    EXPECT_THAT(Read(Stream(records), 1000), StatusIs(kDataLoss, _));
  }
  TUTTI_EXPECT_OK(Read(Stream({Entry("a"), digest, end}), 1000));
}

}  // namespace
}  // namespace tutti::copy

#include "query/host/distant_mounts.h"

#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "common/base/errors.h"
#include "tests/support/status_matchers.h"
#include "tests/unit/query/query_fixture.h"

namespace tutti::query {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using tutti::testing::StatusIs;

absl::Status Hang(const Take& /*give*/) {
  while (true) pause();
  return absl::OkStatus();
}

absl::Status Ignore(std::string_view /*bytes*/) { return absl::OkStatus(); }

class DistantMountsTest : public QueryTest {
 protected:
  DistantMountsTest() { Write("/here/file", ""); }

  Mount At(std::string_view path, std::string type) const {
    return {"srv:/export", Path(path), std::move(type), "rw"};
  }
  void Link(std::string_view path, const std::string& target) {
    std::filesystem::create_symlink(target, Path(path));
  }
};

TEST_F(DistantMountsTest, PathsBelowAreFoundThroughLinks) {
  Link("/here/absolute", Path("/far"));
  Link("/here/relative", "../far/./x");
  Link("/here/nearby", "file");
  Link("/here/loop", "loop");
  const DistantMounts mounts({At("/far", "nfs4"), At("/disk", "ext4")},
                             absl::Seconds(60));
  for (const char* path : {"/far", "/far/", "/far/x/y", "/here/absolute/x",
                           "/here/relative", "/here/../far/x", "//far//x"}) {
    EXPECT_EQ(mounts.Of(Path(path)), Path("/far")) << path;
  }
  for (const char* path : {"/", "/fa", "/farther", "/here/file", "/here/nearby",
                           "/here/loop", "/disk/x", "/here/none/far"}) {
    EXPECT_EQ(mounts.Of(Path(path)), std::nullopt) << path;
  }
  EXPECT_EQ(mounts.Of("relative"), std::nullopt);
  EXPECT_EQ(mounts.Of(""), std::nullopt);
}

TEST_F(DistantMountsTest, TheNewestMountOfAPlaceCounts) {
  const DistantMounts mounts({At("/a", "nfs"),
                              At("/a", "ext4"),
                              At("/b", "ext4"),
                              At("/b", "cifs"),
                              {"srv:/root", "/", "nfs", "rw"}},
                             absl::Seconds(60));
  EXPECT_EQ(mounts.Of(Path("/a/x")), std::nullopt);
  EXPECT_EQ(mounts.Of(Path("/b/x")), Path("/b"));
}

// If this fails, one home that does not answer takes all others with it.
TEST_F(DistantMountsTest, EachNameInAnAutomountIsAPlace) {
  const DistantMounts mounts({At("/home", "autofs"), At("/home/alice", "nfs4")},
                             absl::Seconds(60));
  EXPECT_EQ(mounts.Of(Path("/home/alice/.ssh/a")), Path("/home/alice"));
  EXPECT_EQ(mounts.Of(Path("/home/bob/.ssh/a")), Path("/home/bob"));
  EXPECT_EQ(mounts.Of(Path("/home")), Path("/home"));
}

TEST_F(DistantMountsTest, TypesAreThoseWithAServer) {
  for (const char* type : {"nfs", "nfs4", "cifs", "smb3", "9p", "ceph",
                           "fuse.sshfs", "fuse.glusterfs", "fuse", "autofs"}) {
    EXPECT_TRUE(IsDistant(type)) << type;
  }
  for (const char* type : {"ext4", "tmpfs", "fuseblk", "nfsd", "overlay", ""}) {
    EXPECT_FALSE(IsDistant(type)) << type;
  }
}

TEST_F(DistantMountsTest, WhatIsHereIsDoneHere) {
  DistantMounts mounts({At("/far", "nfs")}, absl::Seconds(60));
  const pid_t here = getpid();
  for (const char* path : {"/here/file", "/far/x"}) {
    std::string by;
    TUTTI_EXPECT_OK(mounts.Reach(
        Path(path),
        [](const Take& give) { return give(std::to_string(getpid())); },
        [&](std::string_view bytes) {
          by += bytes;
          return absl::OkStatus();
        }));
    EXPECT_EQ(by == std::to_string(here), std::string_view(path) != "/far/x");
  }
  EXPECT_THAT(mounts.Silent(), IsEmpty());
}

TEST_F(DistantMountsTest, WhatDoesNotAnswerIsNotAskedAgain) {
  DistantMounts mounts({At("/far", "nfs"), At("/other", "nfs")},
                       absl::Milliseconds(50));
  const absl::Status silent = mounts.Reach(Path("/far"), Hang, Ignore);
  EXPECT_TRUE(IsSilent(silent));
  EXPECT_THAT(silent, StatusIs(absl::StatusCode::kUnavailable,
                               AllOf(HasSubstr("(nfs srv:/export)"),
                                     HasSubstr("does not answer"))));
  const auto answer = [](const Take& give) { return give("x"); };
  EXPECT_THAT(mounts.Reach(Path("/far/y"), answer, Ignore),
              StatusIs(absl::StatusCode::kUnavailable, HasSubstr("/far")));
  TUTTI_EXPECT_OK(mounts.Reach(Path("/other/y"), answer, Ignore));
  EXPECT_THAT(mounts.Silent(), ElementsAre(HasSubstr("/far (nfs")));
}

// If this fails, /far is silenced for what hangs in /far/sub.
TEST_F(DistantMountsTest, PathsAreComparedByTheirNames) {
  const DistantMounts mounts({At("/far", "nfs"), At("/far/sub", "nfs")},
                             absl::Seconds(60));
  for (const char* path : {"/far//sub", "/far/./sub/x", "/far/y/../sub/x",
                           "/far/sub/", "/here/../far//sub"}) {
    EXPECT_EQ(mounts.Of(Path(path)), Path("/far/sub")) << path;
  }
  EXPECT_EQ(mounts.Of(Path("/far/sub/../y")), Path("/far"));
  const DistantMounts homes({At("/home", "autofs")}, absl::Seconds(60));
  EXPECT_EQ(homes.Of(Path("/home//bob/x")), Path("/home/bob"));
}

TEST_F(DistantMountsTest, APathThatHangsIsNotItsPlace) {
  DistantMounts mounts({At("/far", "nfs")}, absl::Milliseconds(50));
  const absl::Status silent = mounts.Reach(Path("/far/x"), Hang, Ignore);
  EXPECT_TRUE(IsSilent(silent));
  EXPECT_THAT(silent.message(), HasSubstr("/far/x does not answer"));
  const auto answer = [](const Take& give) { return give("x"); };
  EXPECT_TRUE(IsSilent(mounts.Reach(Path("/far/x"), answer, Ignore)));
  TUTTI_EXPECT_OK(mounts.Reach(Path("/far/y"), answer, Ignore));
  EXPECT_THAT(mounts.Silent(), ElementsAre(HasSubstr("/far/x does not")));
  // Not for ever: each takes its time.
  EXPECT_TRUE(IsSilent(mounts.Reach(Path("/far/a"), Hang, Ignore)));
  EXPECT_TRUE(IsSilent(mounts.Reach(Path("/far/b"), Hang, Ignore)));
  EXPECT_TRUE(IsSilent(mounts.Reach(Path("/far/y"), answer, Ignore)));
  EXPECT_THAT(mounts.Silent(), ElementsAre(HasSubstr("/far (nfs")));
}

// If this fails, a query whose reader was killed ends well, with rows that
// lack what was not read.
TEST_F(DistantMountsTest, AReaderThatDiesIsAFailure) {
  DistantMounts mounts({At("/far", "nfs")}, absl::Seconds(60));
  const absl::Status status = mounts.Reach(
      Path("/far/x"), [](const Take&) -> absl::Status { _exit(1); }, Ignore);
  EXPECT_FALSE(IsSilent(status));
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kInternal,
                               AllOf(HasSubstr("/far/x"), HasSubstr("gone"))));
  EXPECT_EQ(mounts.failure(), status);
  EXPECT_THAT(mounts.Silent(), IsEmpty());
  // What the work itself says is no failure, nor silence.
  DistantMounts others({At("/far", "nfs")}, absl::Seconds(60));
  EXPECT_FALSE(IsSilent(others.Reach(
      Path("/far/x"), [](const Take&) { return Unavailable("refused"); },
      Ignore)));
  TUTTI_EXPECT_OK(others.failure());
}

// If this fails, each of thousands of files costs a process.
TEST_F(DistantMountsTest, FilesOfOnePlaceAreLookedAtByOneProcess) {
  DistantMounts mounts({At("/far", "nfs")}, absl::Milliseconds(200));
  std::vector<std::string> paths;
  for (const char* path : {"/here/file", "/far/a", "/far/hangs", "/far/none",
                           "/far/b", "/here/file"}) {
    paths.push_back(Path(path));
  }
  std::vector<std::string> found(paths.size());
  mounts.ReachEach(
      paths,
      [&](const std::string& path) -> absl::StatusOr<std::string> {
        if (path == Path("/far/none")) return NotFound("none");
        while (path == Path("/far/hangs")) pause();
        return std::to_string(getpid());
      },
      [&](size_t index, const absl::StatusOr<std::string>& one) {
        EXPECT_EQ(IsSilent(one.status()), index == 2);
        found[index] = one.ok() ? *one : TextOf(one.status());
      });
  const std::string here = std::to_string(getpid());
  EXPECT_THAT(found, ElementsAre(here, Not(here), HasSubstr("hangs does not"),
                                 "none", Not(here), here));
  // Another one goes on behind what hangs, with all that is left.
  EXPECT_NE(found[1], found[4]);
  found.clear();
  mounts.ReachEach(
      {Path("/far/a"), Path("/far/b")},
      [](const std::string&) { return std::to_string(getpid()); },
      [&](size_t, const absl::StatusOr<std::string>& one) {
        found.push_back(one.value_or("none"));
      });
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0], found[1]);
}

}  // namespace
}  // namespace tutti::query
